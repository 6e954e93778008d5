//! Agents in a private network of libp2p, and others at its door.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod common;

use std::{fs, path::PathBuf};

use airway::{Node, Outgoing, Overrides, store::Filter};
use common::{Agent, PATIENCE, befriend, until};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder, Transport as _,
    core::upgrade::Version,
    noise,
    pnet::{PnetConfig, PreSharedKey},
    swarm::{SwarmEvent, dial_opts::DialOpts, dummy},
    tcp, yamux,
};
use tempfile::TempDir;
use tokio::time::timeout;

/// By TCP on loopback.
const LISTEN: [&str; 1] = ["/ip4/127.0.0.1/tcp/0"];

/// A network: the file with its key.
struct Network {
    key: PreSharedKey,
    file: PathBuf,
    _dir: TempDir,
}

/// The network whose key is 32 times this byte.
fn network(byte: u8) -> Network {
    let key = PreSharedKey::new([byte; 32]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("swarm.key");
    fs::write(&file, key.to_key_file()).unwrap();
    Network { key, file, _dir: dir }
}

impl Network {
    fn settings(&self) -> Overrides {
        Overrides { swarm_key: Some(self.file.clone()), ..Overrides::default() }
    }

    async fn agent(&self, name: &str) -> Agent {
        Agent::set(name, self.settings(), &LISTEN).await
    }
}

/// A stock libp2p client: TCP and Noise, under a swarm key if there is one.
fn stock(key: Option<PreSharedKey>) -> Swarm<dummy::Behaviour> {
    let builder = SwarmBuilder::with_new_identity().with_tokio();
    let tcp = tcp::tokio::Transport::default();
    let builder = builder
        .with_other_transport(|identity| {
            let noise = noise::Config::new(identity)?;
            let muxer = yamux::Config::default();
            Ok(match key {
                Some(key) => tcp
                    .and_then(move |stream, _| PnetConfig::new(key).handshake(stream))
                    .upgrade(Version::V1)
                    .authenticate(noise)
                    .multiplex(muxer)
                    .boxed(),
                None => tcp.upgrade(Version::V1).authenticate(noise).multiplex(muxer).boxed(),
            })
        })
        .unwrap();
    builder.with_behaviour(|_| dummy::Behaviour).unwrap().build()
}

/// Whether such a client gets a connection to an agent.
async fn connects(key: Option<PreSharedKey>, to: &Node) -> bool {
    let mut swarm = stock(key);
    swarm.dial(DialOpts::peer_id(to.me().peer).addresses(to.listening()).build()).unwrap();
    let outcome = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { .. } => return true,
                SwarmEvent::OutgoingConnectionError { .. } => return false,
                _ => {}
            }
        }
    };
    timeout(PATIENCE, outcome).await.unwrap()
}

/// Pings, and sends a message that arrives. Returns whether that went through a relay.
async fn talk(from: &Agent, to: &Agent) -> bool {
    let who = from.who(&to.node.me().endpoint().to_string());
    let connection = from.node.ping(&who, PATIENCE).await.unwrap().connection.unwrap();
    from.node.send(&who, Outgoing::text("within")).await.unwrap();
    until("the message", async || {
        to.node.inbox(Filter::default()).await.unwrap().iter().any(|message| message.payload == b"within")
    })
    .await;
    connection.is_relayed()
}

#[tokio::test]
async fn agents_with_one_key_speak_and_nobody_else_gets_as_far_as_a_handshake() {
    let (ours, theirs) = (network(1), network(2));
    let (alice, bob) = (ours.agent("alice").await, ours.agent("bob").await);
    befriend(&alice, &bob).await;
    assert!(!talk(&alice, &bob).await);
    let is_tcp = |address: &Multiaddr| address.to_string().contains("/tcp/");
    assert!(alice.node.card().unwrap().addresses().iter().all(is_tcp));

    assert!(connects(Some(ours.key), &alice.node).await, "libp2p of another make with the key");
    assert!(!connects(Some(theirs.key), &alice.node).await, "with another key");
    assert!(!connects(None, &alice.node).await, "without a key");

    let (stranger, outsider) = (theirs.agent("stranger").await, Agent::with("outsider", &LISTEN).await);
    for agent in [&stranger, &outsider] {
        assert!(!connects(Some(ours.key), &agent.node).await);
    }
    assert!(connects(Some(theirs.key), &stranger.node).await);
    assert!(connects(None, &outsider.node).await);
}

#[tokio::test]
async fn a_relay_of_the_network_carries_what_is_under_its_key() {
    let ours = network(3);
    let serving = Overrides { relay_server: Some(true), ..ours.settings() };
    let relay = Agent::set("harbour", serving, &LISTEN).await;
    let behind = || {
        let card = relay.node.card().unwrap().to_string();
        Overrides { relays: Some(vec![card]), ..ours.settings() }
    };
    let bob = Agent::set("bob", behind(), &[]).await;
    until("a reservation", async || bob.node.relays().iter().all(|(_, reserved)| *reserved)).await;
    let alice = Agent::set("alice", behind(), &[]).await;
    befriend(&bob, &alice).await;
    assert!(talk(&alice, &bob).await);
}

#[tokio::test]
async fn what_a_swarm_key_does_not_protect_is_not_listened_on() {
    let ours = network(4);
    let home = tempfile::tempdir().unwrap();
    let listen = Some(vec!["/ip4/127.0.0.1/udp/0/quic-v1".to_owned()]);
    let error = Node::start(home.path(), Overrides { listen, ..ours.settings() }).await.unwrap_err();
    assert_eq!(error.to_string(), "--listen: listen does not go together with swarm_key");
}
