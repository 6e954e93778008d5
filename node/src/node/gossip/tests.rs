//! Members that hear each other, in whatever way they met.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

use std::{future::Future, time::Duration};

use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{InviteOptions, NetworkOptions, Node, Overrides, Uses};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
const TCP: &str = "/ip4/127.0.0.1/tcp/0";

struct Agent {
    node: Node,
    home: TempDir,
}

impl Agent {
    async fn new(listen: &str) -> Self {
        let home = TempDir::with_prefix("airway-").unwrap();
        Self { node: start(&home, listen).await, home }
    }

    async fn restart(self, listen: &str) -> Self {
        self.node.shut_down().await;
        drop(self.node);
        Self { node: start(&self.home, listen).await, home: self.home }
    }

    async fn takes_part(&self) {
        self.node.0.net.gossip_join(true).await;
        assert!(self.node.gossip().await.joined);
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

async fn start(home: &TempDir, listen: &str) -> Node {
    let flags =
        Overrides { listen: Some(vec![listen.into()]), dht: Some("server".into()), ..Overrides::default() };
    Node::start(home.path(), flags).await.unwrap()
}

async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let held = async {
        while !holds().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, held).await.unwrap_or_else(|_| panic!("not within a minute: {what}"));
}

/// Waits until each of them is in the mesh with each other one.
async fn until_all_hear(agents: &[&Agent]) {
    until("all hear each other", || async {
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

/// Has them prove themselves to each other.
async fn meet(agents: &[&Agent]) {
    for agent in agents {
        for other in agents.iter().filter(|other| !std::ptr::eq(**other, *agent)) {
            agent.node.0.mesh.wanted(other.node.0.own.me().peer);
        }
    }
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
    for agent in &agents {
        agent.takes_part().await;
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
        assert!(!member.node.gossip().await.joined);
        member.takes_part().await;
        until_all_hear(&[&agents[0], &member]).await;
        let founder = agents.pop().unwrap().restart(listen).await;
        founder.takes_part().await;
        until_all_hear(&[&founder, &member]).await;
    }
}
