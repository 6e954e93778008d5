//! The plain side: stock swarms with libp2p-stream, at their defaults.

use std::{fmt, io, time::Duration};

use airway::protocols::echo;
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, SwarmBuilder,
    multiaddr::Protocol,
    noise,
    swarm::{SwarmEvent, dial_opts::DialOpts},
    tcp, yamux,
};
use libp2p_stream::{Behaviour, Control};
use tokio::sync::{mpsc, oneshot};

use super::{
    Runtime, Stack, Transport,
    child::{Ready, Server, client_gone},
    service::{Service, Side, sink},
};
use crate::agent::{QUIC, TCP};

const ECHO: StreamProtocol = StreamProtocol::new("/bench/echo/1.0.0");

const SINK: StreamProtocol = StreamProtocol::new("/bench/sink/1.0.0");

/// The one setting that is not the default: the connection has to outlive the rounds of the other sides.
pub(super) const IDLE: Duration = Duration::from_secs(3600);

/// What the task that drives a client's swarm is asked to do.
#[derive(Debug)]
enum Order {
    HangUp(oneshot::Sender<()>),
    Dial(oneshot::Sender<io::Result<()>>),
}

/// A connected swarm's control.
#[derive(Clone)]
pub(super) struct Plain {
    control: Control,
    orders: mpsc::Sender<Order>,
    server: PeerId,
}

impl Plain {
    /// Starts a swarm here and one in a process of its own, and connects them.
    pub(super) async fn connect(runtime: Runtime, transport: Transport) -> io::Result<(Self, Server)> {
        let (child, ready) = Server::start(runtime, Stack::Plain, transport, &[]).await?;
        let (address, server) = who(&ready)?;
        let swarm = swarm(transport)?;
        let control = swarm.behaviour().new_control();
        let (orders, received) = mpsc::channel(1);
        tokio::spawn(drive_client(swarm, address, received));
        let side = Self { control, orders, server };
        side.connect().await?;
        Ok((side, child))
    }

    async fn order<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> io::Result<T> {
        let (done, outcome) = oneshot::channel();
        self.orders.send(order(done)).await.map_err(io::Error::other)?;
        outcome.await.map_err(io::Error::other)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Side for Plain {
    type Stream = Stream;

    async fn hang_up(&self) -> io::Result<()> {
        self.order(Order::HangUp).await
    }

    async fn connect(&self) -> io::Result<()> {
        self.order(Order::Dial).await?
    }

    async fn open(&self, service: Service) -> io::Result<Stream> {
        let protocol = match service {
            Service::Echo => ECHO,
            Service::Sink => SINK,
        };
        // As its documentation wants: a control opens one stream at a time.
        self.control.clone().open_stream(self.server, protocol).await.map_err(io::Error::other)
    }
}

/// Where a swarm listens, and who it is.
pub(super) fn who(ready: &Ready) -> io::Result<(Multiaddr, PeerId)> {
    let address: Multiaddr = ready.listening.parse().map_err(io::Error::other)?;
    match address.iter().last() {
        Some(Protocol::P2p(peer)) => Ok((address, peer)),
        _ => Err(io::Error::other("the server did not say who it is")),
    }
}

/// Runs the server until the client is gone.
pub(super) async fn serve(transport: Transport, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let mut swarm = swarm(transport)?;
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
    let listen = match transport {
        Transport::Quic => QUIC,
        Transport::Tcp => TCP,
    };
    swarm.listen_on(listen.parse().map_err(io::Error::other)?).map_err(io::Error::other)?;
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address.with(Protocol::P2p(*swarm.local_peer_id()));
        }
    };
    // In a task: on a runtime with several threads a swarm is slower in `block_on`.
    tokio::spawn(swarm.for_each(|_| std::future::ready(())));
    ready(&Ready { listening: address.to_string(), credential: None });
    client_gone().await;
    Ok(())
}

fn swarm(transport: Transport) -> io::Result<Swarm<Behaviour>> {
    let builder = SwarmBuilder::with_new_identity().with_tokio();
    let swarm = match transport {
        Transport::Quic => builder
            .with_quic()
            .with_behaviour(|_| Behaviour::new())
            .map_err(io::Error::other)?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
            .build(),
        Transport::Tcp => builder
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .map_err(io::Error::other)?
            .with_behaviour(|_| Behaviour::new())
            .map_err(io::Error::other)?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
            .build(),
    };
    Ok(swarm)
}

/// Drives a client's swarm for the rest of the program, and does what it is told meanwhile.
async fn drive_client(mut swarm: Swarm<Behaviour>, server: Multiaddr, mut orders: mpsc::Receiver<Order>) {
    let (mut closing, mut dialling) = (None, None);
    loop {
        tokio::select! {
            Some(order) = orders.recv() => match order {
                Order::HangUp(done) => {
                    let connected: Vec<_> = swarm.connected_peers().copied().collect();
                    for peer in connected {
                        let _ = swarm.disconnect_peer_id(peer);
                    }
                    closing = Some(done);
                }
                Order::Dial(done) => match swarm.dial(DialOpts::from(server.clone())) {
                    Ok(()) => dialling = Some(done),
                    Err(error) => drop(done.send(Err(io::Error::other(error)))),
                },
            },
            event = swarm.select_next_some() => match event {
                SwarmEvent::ConnectionEstablished { .. } => {
                    dialling.take().map(|done: oneshot::Sender<_>| done.send(Ok(())));
                }
                SwarmEvent::OutgoingConnectionError { error, .. } => {
                    dialling.take().map(|done| done.send(Err(io::Error::other(error))));
                }
                _ => {}
            },
        }
        if swarm.network_info().num_peers() == 0 {
            closing.take().map(|done: oneshot::Sender<_>| done.send(()));
        }
    }
}
