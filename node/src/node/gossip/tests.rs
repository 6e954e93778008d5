//! Members that hear each other, in whatever way they met.

use std::time::Duration;

use rand::seq::SliceRandom as _;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{GossipState, InviteOptions, NetworkOptions, Node, Overrides, Uses};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
const TCP: &str = "/ip4/127.0.0.1/tcp/0";

struct Agent {
    node: Node,
    home: TempDir,
}

impl Agent {
    /// A server of its network's DHT, which takes part.
    async fn new(listen: &str) -> Self {
        Self::set(listen, "server").await
    }

    async fn set(listen: &str, dht: &str) -> Self {
        let home = TempDir::with_prefix("airway-").unwrap();
        Self { node: start(&home, listen, dht).await, home }
    }

    async fn restart(self, listen: &str) -> Self {
        self.node.shut_down().await;
        drop(self.node);
        Self { node: start(&self.home, listen, "server").await, home: self.home }
    }

    /// Whether it is in the mesh with all of these.
    async fn hears(&self, others: &[&Self]) -> bool {
        let peers = self.node.gossip().await.peers;
        others.iter().all(|other| {
            let own = other.node.0.own.me().peer;
            peers.iter().any(|peer| peer.peer == own && peer.joined && peer.in_mesh)
        })
    }
}

async fn start(home: &TempDir, listen: &str, dht: &str) -> Node {
    let flags =
        Overrides { listen: Some(vec![listen.into()]), dht: Some(dht.into()), ..Overrides::default() };
    Node::start(home.path(), flags).await.unwrap()
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let held = async {
        while !holds().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, held).await.unwrap_or_else(|_| panic!("not within a minute: {what}"));
}

/// Waits until each of them is in the mesh with each other one.
async fn until_all_hear(agents: &[&Agent]) {
    until("all hear each other", async || {
        for agent in agents {
            let others: Vec<_> =
                agents.iter().copied().filter(|other| !std::ptr::eq(*other, *agent)).collect();
            if !agent.hears(&others).await {
                return false;
            }
        }
        true
    })
    .await;
}

/// Has each pair of them meet, all at once and in any order, either of them asking or both.
async fn meet(agents: &[&Agent]) {
    let mut meetings = Vec::new();
    for agent in agents {
        for other in agents.iter().filter(|other| !std::ptr::eq(**other, *agent)) {
            let (peer, addresses) = (other.node.0.own.me().peer, other.node.0.net.listening());
            agent.node.0.net.introduce(peer, addresses).await;
            meetings.push((agent, peer));
        }
    }
    meetings.shuffle(&mut rand::rng());
    meetings.into_iter().for_each(|(agent, peer)| agent.node.0.mesh.wanted(peer));
}

/// A network of so many, all of whom take part.
async fn network(count: usize, listen: &str) -> Vec<Agent> {
    let founder = Agent::new(listen).await;
    founder.node.create_network("lab", NetworkOptions::default()).await.unwrap();
    let options = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    let invite = founder.node.invite(options).await.unwrap();
    let mut agents = vec![founder];
    for _ in 1..count {
        let agent = Agent::new(listen).await;
        agent.node.join(&invite, None, PATIENCE).await.unwrap();
        agents.push(agent);
    }
    agents
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_hear_each_other_whoever_asks_first() {
    for listen in [QUIC, TCP] {
        let agents = network(2, listen).await;
        until_all_hear(&[&agents[0], &agents[1]]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_heard_again() {
    for listen in [QUIC, TCP] {
        let mut agents = network(2, listen).await;
        until_all_hear(&[&agents[0], &agents[1]]).await;
        let member = agents.pop().unwrap().restart(listen).await;
        until_all_hear(&[&agents[0], &member]).await;
        let founder = agents.pop().unwrap().restart(listen).await;
        until_all_hear(&[&founder, &member]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_members_hear_each_other_in_whatever_order_they_ask_and_answer() {
    for listen in [QUIC, TCP] {
        let agents = network(5, listen).await;
        let all: Vec<_> = agents.iter().collect();
        meet(&all).await;
        until_all_hear(&all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_gone_and_who_enters_again_is_heard() {
    let agents = network(2, QUIC).await;
    let (founder, member) = (&agents[0], &agents[1]);
    until_all_hear(&[founder, member]).await;
    let options = InviteOptions::default();
    let invite = founder.node.invite(options).await.unwrap();
    member.node.leave_network(false).await.unwrap();
    assert_eq!(member.node.gossip().await, GossipState::default());
    until("nobody is left", async || founder.node.gossip().await.peers.is_empty()).await;
    // Where there is nothing to join nothing is joined.
    member.node.0.net.gossip_join(true).await;
    assert!(!member.node.gossip().await.joined);

    member.node.join(&invite, None, PATIENCE).await.unwrap();
    until_all_hear(&[founder, member]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_expelled_is_out_of_the_mesh_when_that_is_said() {
    let agents = network(3, QUIC).await;
    let all: Vec<_> = agents.iter().collect();
    meet(&all).await;
    until_all_hear(&all).await;
    let [founder, member, expelled] = all[..] else { panic!("three") };
    let peer = expelled.node.0.own.me().peer;
    founder.node.expel(&expelled.node.me().endpoint().to_string()).await.unwrap();
    let knows = async |agent: &Agent| agent.node.gossip().await.peers.iter().any(|known| known.peer == peer);
    assert!(!knows(founder).await, "at once");
    until("others do not speak with it", async || !knows(member).await).await;
    until("it speaks with nobody", async || expelled.node.gossip().await.peers.is_empty()).await;
    assert!(founder.hears(&[member]).await && member.hears(&[founder]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_part_can_speak_to_those_who_do() {
    let founder = Agent::new(QUIC).await;
    founder.node.create_network("lab", NetworkOptions::default()).await.unwrap();
    let says = async |agent: &Agent, data: &[u8]| {
        let said = agent.node.0.net.gossip_publish(data.to_vec()).await;
        said.map_err(|error| error.to_string())
    };
    assert_eq!(says(&founder, b"hello").await.unwrap_err(), "no connected member listens");
    let invite = founder.node.invite(InviteOptions::default()).await.unwrap();
    let member = Agent::set(QUIC, "client").await;
    let nowhere = says(&member, b"hello").await.unwrap_err();
    assert_eq!(nowhere, "there is no network whose members would hear it");
    member.node.join(&invite, None, PATIENCE).await.unwrap();
    until("it knows who listens", async || {
        member.node.gossip().await.peers.iter().any(|peer| peer.joined && !peer.in_mesh)
    })
    .await;
    assert_eq!(says(&member, b"hello").await.unwrap(), 1);
    assert_eq!(says(&member, b"hello").await.unwrap_err(), "it was published before");
    assert_eq!(says(&member, &[0; 64 * 1024]).await.unwrap_err(), "it is too long");
}
