//! The agent that the clients meet.

use airway::{
    Listener, Node, Overrides, TICKET_LIFE, Terms,
    protocols::{card::Card, port::Port},
};
use airway_interop_tests::agent::{self, QUIC, TCP};
use libp2p::{Multiaddr, identity::Keypair};

use crate::introduce::introduce;

/// An agent that trusts somebody, with port 5000 open.
pub(crate) struct Agent {
    pub(crate) node: Node,
    _agent: agent::Agent,
    _listener: Listener,
}

impl Agent {
    pub(crate) async fn new() -> Self {
        let agent = Self::with(Overrides::default()).await;
        agent.befriend(&Keypair::generate_ed25519()).await;
        agent
    }

    /// An agent with other settings, that trusts nobody.
    pub(crate) async fn with(settings: Overrides) -> Self {
        let agent = agent::Agent::start_with("agent", &[QUIC, TCP], settings).await.unwrap();
        let node = agent.node.clone();
        let listener = node.listen("5000".parse::<Port>().unwrap()).unwrap();
        Self { node, _agent: agent, _listener: listener }
    }

    /// Has the agent trust a client that is no agent.
    pub(crate) async fn befriend(&self, key: &Keypair) {
        let ticket = self.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
        introduce(key, &ticket).await;
    }
}

/// A card for a client that is no agent.
pub(crate) fn card_at(key: &Keypair, addresses: &[Multiaddr]) -> Card {
    (0..16).find_map(|nonce| Card::sign(key, 0, nonce, None, addresses).ok()).unwrap()
}
