//! The plain side: stock swarms with libp2p-stream, at their defaults.

use std::{fmt, io, time::Duration};

use airway::protocols::echo;
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, SwarmBuilder,
    multiaddr::Protocol,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use libp2p_stream::{Behaviour, Control};

use super::{
    Runtime,
    child::{Ready, Server, client_gone},
    service::{Service, Side, sink},
};
use crate::agent::QUIC;

const ECHO: StreamProtocol = StreamProtocol::new("/bench/echo/1.0.0");

const SINK: StreamProtocol = StreamProtocol::new("/bench/sink/1.0.0");

/// The one setting that is not the default: the connection has to outlive the rounds of the other side.
const IDLE: Duration = Duration::from_secs(3600);

/// A connected swarm's control.
#[derive(Clone)]
pub(super) struct Plain {
    control: Control,
    server: PeerId,
}

impl Plain {
    /// Starts a swarm here and one in a process of its own, and connects them.
    pub(super) async fn connect(runtime: Runtime) -> io::Result<(Self, Server)> {
        let (child, ready) = Server::start(runtime, &[]).await?;
        let address: Multiaddr = ready.listening.parse().map_err(io::Error::other)?;
        let Some(Protocol::P2p(server)) = address.iter().last() else {
            return Err(io::Error::other("the server did not say who it is"));
        };
        let mut swarm = swarm()?;
        let control = swarm.behaviour().new_control();
        swarm.dial(DialOpts::from(address)).map_err(io::Error::other)?;
        until(&mut swarm, |event| match event {
            SwarmEvent::ConnectionEstablished { .. } => Some(Ok(())),
            SwarmEvent::OutgoingConnectionError { error, .. } => Some(Err(io::Error::other(error))),
            _ => None,
        })
        .await?;
        drive(swarm);
        Ok((Self { control, server }, child))
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Side for Plain {
    type Stream = Stream;

    async fn open(&self, service: Service) -> io::Result<Stream> {
        let protocol = match service {
            Service::Echo => ECHO,
            Service::Sink => SINK,
        };
        // As its documentation wants: a control opens one stream at a time.
        self.control.clone().open_stream(self.server, protocol).await.map_err(io::Error::other)
    }
}

/// Runs the server until the client is gone.
pub(super) async fn serve(ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let mut swarm = swarm()?;
    let mut control = swarm.behaviour().new_control();
    let mut echoes = control.accept(ECHO).map_err(io::Error::other)?;
    let mut sinks = control.accept(SINK).map_err(io::Error::other)?;
    tokio::spawn(async move {
        while let Some((_, stream)) = echoes.next().await {
            tokio::spawn(echo::serve(stream));
        }
    });
    tokio::spawn(async move {
        while let Some((_, stream)) = sinks.next().await {
            tokio::spawn(sink(stream));
        }
    });
    let listen: Multiaddr = QUIC.parse().map_err(io::Error::other)?;
    swarm.listen_on(listen).map_err(io::Error::other)?;
    let address = until(&mut swarm, |event| match event {
        SwarmEvent::NewListenAddr { address, .. } => Some(Ok(address)),
        _ => None,
    })
    .await?;
    let address = address.with(Protocol::P2p(*swarm.local_peer_id()));
    drive(swarm);
    ready(&Ready { listening: address.to_string(), card: None });
    client_gone().await;
    Ok(())
}

fn swarm() -> io::Result<Swarm<Behaviour>> {
    Ok(SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Behaviour::new())
        .map_err(io::Error::other)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build())
}

/// Drives a swarm until an event is the one waited for.
async fn until<T>(
    swarm: &mut Swarm<Behaviour>,
    wanted: impl Fn(SwarmEvent<()>) -> Option<io::Result<T>>,
) -> io::Result<T> {
    loop {
        if let Some(outcome) = wanted(swarm.select_next_some().await) {
            return outcome;
        }
    }
}

/// Drives a swarm for the rest of the program, in a task: on a runtime with several threads the swarm is slower in
/// `block_on`.
fn drive(mut swarm: Swarm<Behaviour>) {
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
}
