//! A relay that is asked to dial an agent and never answers: what strangers get from the agent meanwhile.

use airway::{Node, Overrides};
use airway_interop_tests::wait::until;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, Stream, StreamProtocol, SwarmBuilder, identify,
    identity::Keypair,
    multiaddr::Protocol,
    swarm::{NetworkBehaviour, SwarmEvent},
};
use tokio::{task::JoinHandle, time::timeout};

use crate::{
    PATIENCE,
    agent::Agent,
    client::{Client, Transport},
    stranger::{self, protocols},
};

const REQUEST: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-request");
const DIAL_BACK: &str = "/libp2p/autonat/2/dial-back";

/// A frame with a number that nobody has chosen: one field of 64 bits.
const NUMBER: [u8; 10] = [9, 9, 1, 2, 3, 4, 5, 6, 7, 8];

/// Connections that are taken for the dial of one relay.
const VISITORS: usize = 4;

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    stream: libp2p_stream::Behaviour,
}

/// A peer that says it can be asked, and never answers.
struct Relay {
    at: Multiaddr,
    asked: libp2p_stream::IncomingStreams,
    driving: JoinHandle<()>,
}

impl Relay {
    /// At a port of this IP address.
    async fn new(ip: &str) -> Self {
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_quic()
            .with_behaviour(|key| Behaviour {
                identify: identify::Behaviour::new(identify::Config::new("/stock/1".into(), key.public())),
                stream: libp2p_stream::Behaviour::new(),
            })
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
            .build();
        let asked = swarm.behaviour().stream.new_control().accept(REQUEST).unwrap();
        swarm.listen_on(format!("/ip4/{ip}/udp/0/quic-v1").parse().unwrap()).unwrap();
        let listening = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                break address;
            }
        };
        let at = listening.with(Protocol::P2p(*swarm.local_peer_id()));
        let driving = tokio::spawn(async move {
            loop {
                swarm.select_next_some().await;
            }
        });
        Self { at, asked, driving }
    }

    /// An agent that has asked it, and the stream on which it waits.
    async fn asked_by_agent(&mut self) -> (Agent, Stream) {
        let relays = Some(vec![self.at.to_string()]);
        let agent = Agent::with(Overrides { relays, ..Overrides::default() }).await;
        let (_, asking) = timeout(PATIENCE, self.asked.next()).await.unwrap().unwrap();
        (agent, asking)
    }

    /// Ends it.
    async fn end(self) {
        self.driving.abort();
        assert!(self.driving.await.unwrap_err().is_cancelled());
    }
}

async fn stranger(node: &Node) -> Client {
    Client::connect(&Keypair::generate_ed25519(), node, Transport::TcpNoise).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_from_where_the_relay_is_may_say_a_number_while_it_is_asked_and_nothing_else() {
    let mut relay = Relay::new("127.0.0.1").await;
    let (agent, _asking) = relay.asked_by_agent().await;
    let mut visitor = stranger(&agent.node).await;
    let before = Agent::with(Overrides::default()).await;
    let mut usual = stranger(&before.node).await;
    for protocol in protocols() {
        let expected = if protocol == DIAL_BACK { "opened" } else { usual.open(&protocol).await };
        assert_eq!(visitor.open(&protocol).await, expected, "{protocol}");
    }
    assert_eq!(usual.open(DIAL_BACK).await, "not available");
    let mut talker = stranger(&agent.node).await;
    let mut stream = talker.stream(DIAL_BACK).await;
    stream.write_all(&NUMBER).await.unwrap();
    let mut answer = Vec::new();
    // Closed or reset: nothing is said about a number that nobody has chosen.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(answer, b"");
    for _ in 2..VISITORS {
        assert_eq!(stranger(&agent.node).await.open(DIAL_BACK).await, "opened");
    }
    assert_eq!(stranger(&agent.node).await.open(DIAL_BACK).await, "not available", "so many are enough");

    relay.end().await;
    until("the end of the probe", PATIENCE, async || visitor.open(DIAL_BACK).await != "opened").await;
    assert!(talker.is_closed(PATIENCE).await, "whoever came to say a number leaves");
    assert_eq!(stranger(&agent.node).await.open(DIAL_BACK).await, "not available");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(target_os = "linux")]
async fn who_comes_from_elsewhere_learns_what_it_would_at_any_time() {
    let mut relay = Relay::new("127.0.0.2").await;
    let (agent, _asking) = relay.asked_by_agent().await;
    stranger::compare_with("an agent", &agent).await;
}
