//! The agent that the clients meet.

use airway::{
    Listener, Node, Overrides,
    protocols::{card::Card, port::Port},
};
use airway_interop_tests::agent::{self, QUIC, TCP};
use libp2p::{Multiaddr, identity::Keypair};

/// An agent that trusts somebody, with port 5000 open.
pub(crate) struct Agent {
    pub(crate) node: Node,
    _agent: agent::Agent,
    _listener: Listener,
}

impl Agent {
    pub(crate) async fn new() -> Self {
        Self::with(Overrides::default()).await
    }

    pub(crate) async fn with(settings: Overrides) -> Self {
        let agent = agent::Agent::start_with("agent", &[QUIC, TCP], settings).await.unwrap();
        let node = agent.node.clone();
        node.trust(&card(&Keypair::generate_ed25519()), Some("friend")).await.unwrap();
        let listener = node.listen("5000".parse::<Port>().unwrap()).unwrap();
        Self { node, _agent: agent, _listener: listener }
    }
}

/// A card for a client that is no agent.
pub(crate) fn card(key: &Keypair) -> Card {
    card_at(key, &[])
}

/// The same for one that has addresses.
pub(crate) fn card_at(key: &Keypair, addresses: &[Multiaddr]) -> Card {
    (0..16).find_map(|nonce| Card::sign(key, 0, nonce, None, addresses).ok()).unwrap()
}
