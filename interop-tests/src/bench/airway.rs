//! The Airway side: a node here, a node in the server process, trust between them.

use std::{io, time::Duration};

use airway::{
    Contact,
    protocols::{card::Card, port::Port, streams::Stream},
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
    card: Card,
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
        let own = agent.node.card().map_err(io::Error::other)?.to_string();
        let (child, ready) = Server::start(runtime, stack, transport, &["--trust", &own]).await?;
        let card: Card = ready.credential()?.parse().map_err(io::Error::other)?;
        let server = agent.node.trust(&card, None).await.map_err(io::Error::other)?;
        let side = Self { node: agent.node.clone(), card, server, place: Place::Network };
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

    /// To cease to trust closes the connection; the next [`open`](Self::open) makes another.
    async fn hang_up(&self) -> io::Result<()> {
        self.node.untrust(&self.card.to_string()).await.map_err(io::Error::other)?;
        self.node.trust(&self.card, None).await.map_err(io::Error::other)?;
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
    let client: Card = trust.parse().map_err(io::Error::other)?;
    agent.node.trust(&client, None).await.map_err(io::Error::other)?;
    let mut listener = agent.node.listen(sink_port()?).map_err(io::Error::other)?;
    let card = agent.node.card().map_err(io::Error::other)?.to_string();
    let listening = agent.node.listening().first().map(ToString::to_string).unwrap_or_default();
    ready(&Ready { listening, credential: Some(card) });
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
