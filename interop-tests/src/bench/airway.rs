//! The Airway side: a node here, a node in the server process, trust between them.

use std::{io, time::Duration};

use airway::{
    Contact, TICKET_LIFE, Terms,
    protocols::{port::Port, streams::Stream, ticket::Ticket, trust::Scopes},
};
use tokio::task::JoinHandle;

use super::{
    Contestant, Runtime, Stack, Transport,
    child::{Ready, Server, client_gone},
    contest::Entry,
    service::{Service, Side, sink},
};
use crate::agent::{Agent, QUIC, TCP};

/// The port of the server's program.
const SINK_PORT: u16 = 5000;

/// How long a stream may take to open; far more than a machine that works needs.
const WAIT: Duration = Duration::from_secs(10);

/// The year 5138, in milliseconds since the Unix epoch.
const NEVER: u64 = 100_000_000_000_000;

/// Where the measuring tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Program,
    Network,
}

/// A node and the contact that it measures with.
#[derive(Debug, Clone)]
pub(super) struct Airway {
    node: airway::Node,
    server: Contact,
    place: Place,
}

impl Airway {
    /// Starts a node here and one in a process of its own.
    pub(super) async fn connect(
        runtime: Runtime,
        stack: Stack,
        transport: Transport,
    ) -> io::Result<(Self, (Agent, Server))> {
        let agent = Agent::start("client", &[listen(transport)]).await?;
        let ticket =
            agent.node.ticket(Terms::default(), TICKET_LIFE, false).await.map_err(io::Error::other)?;
        let (child, _) = Server::start(runtime, stack, transport, &["--trust", &ticket.to_string()]).await?;
        let server = agent.node.used(&ticket.id()).await.map_err(io::Error::other)?;
        let server =
            agent.node.contact(&server).ok_or_else(|| io::Error::other("the server is no contact"))?;
        let side = Self { node: agent.node.clone(), server, place: Place::Network };
        Ok((side, (agent, child)))
    }

    /// The node of this process.
    pub(super) fn node(&self) -> &airway::Node {
        &self.node
    }

    /// The node of the other.
    pub(super) fn server(&self) -> &Contact {
        &self.server
    }

    /// As it takes part over QUIC: from both places.
    pub(super) fn in_both_places(self) -> [Entry<Self>; 2] {
        let program = Self { place: Place::Program, ..self.clone() };
        [
            Entry { contestant: Contestant::AirwayNetwork, side: self },
            Entry { contestant: Contestant::AirwayProgram, side: program },
        ]
    }
}

impl Side for Airway {
    type Stream = Stream;

    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        match self.place {
            Place::Program => tokio::spawn(task),
            Place::Network => self.node.spawn(task),
        }
    }

    /// A change of what the server may do closes the connection; the next [`open`](Self::open) makes another.
    async fn hang_up(&self) -> io::Result<()> {
        let server = self.node.contact(&self.server.agent).ok_or(io::ErrorKind::NotFound)?;
        let until = server.scopes.until.is_none().then_some(NEVER);
        let scopes = Scopes { until, ..Scopes::everything() };
        self.node.set_scopes(&server.endpoint().to_string(), scopes).await.map_err(io::Error::other)?;
        Ok(())
    }

    async fn open(&self, service: Service) -> io::Result<Stream> {
        let port = match service {
            Service::Echo => Port::ECHO,
            Service::Sink => sink_port()?,
        };
        self.node.open(&self.server, port, WAIT).await.map_err(io::Error::other)
    }
}

/// Runs the server until the client is gone. Port 7 is the node's own; the sink is a program's, and runs beside the
/// network as port 7 does.
pub(super) async fn serve(transport: Transport, trust: &str, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    serve_port(Agent::start("server", &[listen(transport)]).await?, trust, ready, sink).await
}

/// Does `each` with whatever is opened on the server's port, until the client is gone.
pub(super) async fn serve_port<T: Future<Output = io::Result<()>> + Send + 'static>(
    agent: Agent,
    trust: &str,
    ready: impl FnOnce(&Ready),
    each: impl Fn(Stream) -> T,
) -> io::Result<()> {
    let ticket: Ticket = trust.parse().map_err(io::Error::other)?;
    let mut listener = agent.node.listen(sink_port()?).map_err(io::Error::other)?;
    agent.node.pair(&ticket, Terms::default(), WAIT).await.map_err(io::Error::other)?;
    let listening = agent.node.listening().first().map(ToString::to_string).unwrap_or_default();
    ready(&Ready { listening, credential: None });
    let accept = async {
        while let Some((_, stream)) = listener.accept().await {
            agent.node.spawn(each(stream));
        }
    };
    tokio::select! {
        () = accept => {}
        () = client_gone() => {}
    }
    agent.node.shut_down().await;
    Ok(())
}

const fn listen(transport: Transport) -> &'static str {
    match transport {
        Transport::Quic => QUIC,
        Transport::Tcp => TCP,
    }
}

fn sink_port() -> io::Result<Port> {
    Port::new(SINK_PORT).map_err(io::Error::other)
}
