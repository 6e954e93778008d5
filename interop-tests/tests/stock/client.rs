//! A stock libp2p client: identify, ping, and streams for whatever protocol is asked for.

use std::time::Duration;

use airway::Node;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, Transport as _,
    core::{muxing::StreamMuxerBox, upgrade::Version},
    identify,
    identity::Keypair,
    multiaddr::Protocol,
    noise, ping, quic,
    swarm::{NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
    tcp, tls, yamux,
};
use libp2p_stream::{Control, OpenStreamError};
use tokio::{sync::watch, time::timeout};

/// How a client connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Quic,
    TcpNoise,
    TcpTls,
}

impl Transport {
    pub(crate) const ALL: [Self; 3] = [Self::Quic, Self::TcpNoise, Self::TcpTls];
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    stream: libp2p_stream::Behaviour,
}

/// What came of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) identified: usize,
    pub(crate) addresses: usize,
    /// Times that the agent asked us to identify ourselves.
    pub(crate) asked: usize,
    pub(crate) pongs: usize,
    /// What the agent calls itself, and what it says it speaks, when it was last identified.
    pub(crate) agent: String,
    pub(crate) protocols: Vec<String>,
}

/// A connected client.
#[derive(Clone)]
pub(crate) struct Client {
    control: Control,
    peer: PeerId,
    seen: watch::Receiver<Seen>,
}

impl Client {
    /// Connects to a node and goes on in the background.
    pub(crate) async fn connect(key: &Keypair, node: &Node, transport: Transport) -> Self {
        let mut swarm = swarm(key.clone(), transport);
        let control = swarm.behaviour().stream.new_control();
        let peer = node.me().peer;
        swarm.dial(DialOpts::peer_id(peer).addresses(vec![address(node, transport)]).build()).unwrap();
        let (seeing, seen) = watch::channel(Seen::default());
        tokio::spawn(look(swarm, seeing));
        let client = Self { control, peer, seen };
        assert!(client.sees(crate::PATIENCE, |seen| seen.connected).await, "no connection");
        client
    }

    /// What came of its own until now.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until it has come to this; whether it has within this time.
    pub(crate) async fn sees(&self, within: Duration, this: impl FnMut(&Seen) -> bool) -> bool {
        let mut seen = self.seen.clone();
        matches!(timeout(within, seen.wait_for(this)).await, Ok(Ok(_)))
    }

    /// Asks for a protocol, and waits for the answer of the negotiation.
    pub(crate) async fn open(&mut self, protocol: &str) -> &'static str {
        let protocol = StreamProtocol::try_from_owned(protocol.to_owned()).unwrap();
        match self.control.open_stream(self.peer, protocol).await {
            Ok(_) => "opened",
            Err(OpenStreamError::UnsupportedProtocol(_)) => "not available",
            Err(_) => "broken",
        }
    }

    /// Opens a stream that is to be available; its first byte from the agent is the status.
    pub(crate) async fn stream(&mut self, protocol: &'static str) -> libp2p::Stream {
        self.stream_to(StreamProtocol::new(protocol)).await
    }

    /// The same for a protocol whose name comes from a network.
    pub(crate) async fn stream_to(&mut self, protocol: StreamProtocol) -> libp2p::Stream {
        self.control.open_stream(self.peer, protocol).await.unwrap()
    }

    /// Sends a text to the echo service, and returns what comes back behind the status byte.
    pub(crate) async fn echo(&mut self, text: &[u8]) -> Vec<u8> {
        let mut stream = self.stream("/airway/echo/1.0.0").await;
        stream.write_all(text).await.unwrap();
        stream.close().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer.remove(0), 0, "the status byte");
        answer
    }

    /// Whether the agent ends the connection within this time.
    pub(crate) async fn is_closed(&self, within: Duration) -> bool {
        self.sees(within, |seen| seen.closed).await
    }
}

async fn look(mut swarm: Swarm<Behaviour>, seeing: watch::Sender<Seen>) {
    loop {
        let event = swarm.select_next_some().await;
        seeing.send_modify(|seen| match event {
            SwarmEvent::ConnectionEstablished { .. } => seen.connected = true,
            SwarmEvent::ConnectionClosed { .. } => seen.closed = true,
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { info, .. })) => {
                seen.identified += 1;
                seen.addresses += info.listen_addrs.len();
                seen.agent = info.agent_version;
                seen.protocols = info.protocols.iter().map(ToString::to_string).collect();
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Sent { .. })) => seen.asked += 1,
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { result: Ok(_), .. })) => seen.pongs += 1,
            _ => {}
        });
    }
}

fn swarm(key: Keypair, transport: Transport) -> Swarm<Behaviour> {
    let tcp = |key: &Keypair| {
        let tcp = tcp::tokio::Transport::new(tcp::Config::new()).upgrade(Version::V1);
        match transport {
            Transport::TcpTls => {
                tcp.authenticate(tls::Config::new(key).unwrap()).multiplex(yamux::Config::default()).boxed()
            }
            _ => {
                tcp.authenticate(noise::Config::new(key).unwrap()).multiplex(yamux::Config::default()).boxed()
            }
        }
    };
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_other_transport(tcp)
        .unwrap()
        .with_other_transport(|key| {
            let quic = quic::tokio::Transport::new(quic::Config::new(key));
            quic.map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        })
        .unwrap()
        .with_behaviour(|key| Behaviour {
            identify: identify::Behaviour::new(identify::Config::new("/stock/1".into(), key.public())),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(Duration::from_millis(100))),
            stream: libp2p_stream::Behaviour::new(),
        })
        .unwrap()
        // Only the agent ends the connection.
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build()
}

/// Where a node listens for a transport.
pub(crate) fn address(node: &Node, transport: Transport) -> Multiaddr {
    let quic = |address: &Multiaddr| address.iter().any(|part| part == Protocol::QuicV1);
    node.listening().into_iter().find(|address| quic(address) == (transport == Transport::Quic)).unwrap()
}
