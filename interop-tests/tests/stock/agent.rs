//! The agent that the clients meet.

use airway::{
    Listener, Node, Overrides,
    protocols::{card::Card, port::Port},
};
use libp2p::identity::Keypair;
use tempfile::TempDir;

/// An agent that trusts somebody, with port 5000 open.
pub(crate) struct Agent {
    pub(crate) node: Node,
    _home: TempDir,
    _listener: Listener,
}

impl Agent {
    pub(crate) async fn new() -> Self {
        let home = TempDir::with_prefix("airway-").unwrap();
        let listen = ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"].map(String::from).to_vec();
        let flags = Overrides { listen: Some(listen), name: Some("agent".into()), ..Overrides::default() };
        let node = Node::start(home.path(), flags).await.unwrap();
        node.trust(&card(&Keypair::generate_ed25519()), Some("friend")).await.unwrap();
        let listener = node.listen("5000".parse::<Port>().unwrap()).unwrap();
        Self { node, _home: home, _listener: listener }
    }
}

/// A card for a client that is no agent.
pub(crate) fn card(key: &Keypair) -> Card {
    (0..16).find_map(|nonce| Card::sign(key, 0, nonce, None, &[]).ok()).unwrap()
}
