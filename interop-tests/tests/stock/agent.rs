//! The agent that the clients meet.

use airway::{Listener, Node, TICKET_LIFE, Terms, protocols::port::Port};
use airway_interop_tests::agent::{self, QUIC, TCP};
use libp2p::identity::Keypair;

use crate::introduce::introduce;

/// An agent that trusts somebody, with port 5000 open.
pub(crate) struct Agent {
    pub(crate) node: Node,
    _agent: agent::Agent,
    _listener: Listener,
}

impl Agent {
    pub(crate) async fn new() -> Self {
        let agent = agent::Agent::start("agent", &[QUIC, TCP]).await.unwrap();
        let node = agent.node.clone();
        let listener = node.listen("5000".parse::<Port>().unwrap()).unwrap();
        let agent = Self { node, _agent: agent, _listener: listener };
        agent.befriend(&Keypair::generate_ed25519()).await;
        agent
    }

    /// Has the agent trust a client that is no agent.
    pub(crate) async fn befriend(&self, key: &Keypair) {
        let ticket = self.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
        introduce(key, &ticket).await;
    }
}
