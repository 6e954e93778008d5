//! The Airway side: a node here, a node in the server process, trust between them.

use std::{io, time::Duration};

use airway::{
    Contact,
    protocols::{card::Card, port::Port, streams::Stream},
};
use tokio::task::JoinHandle;

use super::{
    Place, Runtime,
    child::{Ready, Server, client_gone},
    service::{Service, Side, sink},
};
use crate::agent::{Agent, QUIC};

/// The port of the server's program.
const SINK_PORT: u16 = 5000;

/// How long a stream may take to open; far more than a machine that works needs.
const WAIT: Duration = Duration::from_secs(10);

/// A node and the contact that it measures with.
#[derive(Debug, Clone)]
pub(super) struct Airway {
    node: airway::Node,
    server: Contact,
    place: Place,
}

impl Airway {
    /// Starts a node here and one in a process of its own.
    pub(super) async fn connect(runtime: Runtime) -> io::Result<(Self, (Agent, Server))> {
        let agent = Agent::start("client", &[QUIC]).await?;
        let own = agent.node.card().map_err(io::Error::other)?.to_string();
        let (child, ready) = Server::start(runtime, &["--trust", &own]).await?;
        let card: Card = ready.card.unwrap_or_default().parse().map_err(io::Error::other)?;
        let server = agent.node.trust(&card, None).await.map_err(io::Error::other)?;
        let side = Self { node: agent.node.clone(), server, place: Place::Program };
        Ok((side, (agent, child)))
    }

    /// The same with the measuring tasks elsewhere.
    pub(super) fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
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

    async fn open(&self, service: Service) -> io::Result<Stream> {
        let port = match service {
            Service::Echo => Port::ECHO,
            Service::Sink => sink_port()?,
        };
        self.node.open(&self.server, port, WAIT).await.map_err(io::Error::other)
    }
}

/// Runs the server until the client is gone. Port 7 is the node's own; the sink is a program's.
pub(super) async fn serve(trust: &Card, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let agent = Agent::start("server", &[QUIC]).await?;
    agent.node.trust(trust, None).await.map_err(io::Error::other)?;
    let mut listener = agent.node.listen(sink_port()?).map_err(io::Error::other)?;
    let card = agent.node.card().map_err(io::Error::other)?.to_string();
    let listening = agent.node.listening().first().map(ToString::to_string).unwrap_or_default();
    ready(&Ready { listening, card: Some(card) });
    let accept = async {
        while let Some((_, stream)) = listener.accept().await {
            tokio::spawn(sink(stream));
        }
    };
    tokio::select! {
        () = accept => {}
        () = client_gone() => {}
    }
    agent.node.shut_down().await;
    Ok(())
}

fn sink_port() -> io::Result<Port> {
    Port::new(SINK_PORT).map_err(io::Error::other)
}
