//! Whole nodes on loopback, each in a home of its own.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "helpers of tests, compiled into each by itself")]

use std::{future::Future, time::Duration};

use airway::{Contact, Node, Overrides, TICKET_LIFE, Terms};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// However loaded the machine is, what has not happened by then will not happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// QUIC and TCP on loopback, on a port that the home remembers.
pub const LISTEN: [&str; 2] = ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"];

/// A node and its home.
#[derive(Debug)]
pub struct Agent {
    pub node: Node,
    pub home: TempDir,
}

impl Agent {
    /// Starts an agent with a new key.
    pub async fn new(name: &str) -> Self {
        Self::with(name, &LISTEN).await
    }

    /// Starts an agent with a new key that listens on these addresses.
    pub async fn with(name: &str, listen: &[&str]) -> Self {
        Self::set(name, Overrides::default(), listen).await
    }

    /// The same with settings.
    pub async fn set(name: &str, settings: Overrides, listen: &[&str]) -> Self {
        let home = TempDir::with_prefix("airway-").unwrap();
        let node = start(&home, name, settings, listen).await;
        Self { node, home }
    }

    /// Ends the node and starts it again on the same home.
    pub async fn restart(self, name: &str) -> Self {
        self.restart_set(name, Overrides::default()).await
    }

    /// The same with settings.
    pub async fn restart_set(self, name: &str, settings: Overrides) -> Self {
        self.node.shut_down().await;
        drop(self.node);
        let node = start(&self.home, name, settings, &LISTEN).await;
        Self { node, home: self.home }
    }

    /// The contact called so.
    pub fn who(&self, who: &str) -> Contact {
        self.node.find(who).unwrap()
    }
}

async fn start(home: &TempDir, name: &str, settings: Overrides, listen: &[&str]) -> Node {
    let listen = listen.iter().map(ToString::to_string).collect();
    let flags = Overrides { name: Some(name.into()), listen: Some(listen), ..settings };
    Node::start(home.path(), flags).await.unwrap()
}

/// Two agents that trust each other.
pub async fn friends() -> (Agent, Agent) {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    befriend(&alice, &bob).await;
    (alice, bob)
}

/// Makes two agents trust each other.
pub async fn befriend(a: &Agent, b: &Agent) {
    let ticket = a.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    b.node.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();
}

/// Waits until a condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let holds = async {
        while !condition().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, holds).await.unwrap_or_else(|_| panic!("not within a minute: {what}"));
}
