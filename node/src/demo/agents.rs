//! Who takes part, each with a temporary home.

use tempfile::TempDir;

use crate::{
    Node, Overrides,
    api::{Code, Error},
};

/// QUIC on loopback: nothing leaves the machine.
const LISTEN: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// Who takes part.
pub(super) struct Agents {
    pub(super) alice: Agent,
    pub(super) bob: Agent,
    pub(super) mallory: Agent,
    pub(super) relay: Agent,
    /// Nobody can dial her: she is reached through the relay.
    pub(super) carol: Agent,
    /// Alice, when she has moved.
    pub(super) moved: Agent,
}

impl Agents {
    pub(super) fn new() -> Result<Self, Error> {
        let [alice, bob, mallory, relay, carol, moved] =
            ["alice", "bob", "mallory", "harbour", "carol", "alice"].map(Agent::new);
        Ok(Self { alice: alice?, bob: bob?, mallory: mallory?, relay: relay?, carol: carol?, moved: moved? })
    }

    pub(super) fn homes(self) -> [TempDir; 6] {
        [self.alice, self.bob, self.mallory, self.relay, self.carol, self.moved].map(|agent| agent.home)
    }
}

pub(super) struct Agent {
    name: &'static str,
    pub(super) home: TempDir,
}

impl Agent {
    fn new(name: &'static str) -> Result<Self, Error> {
        let home = tempfile::Builder::new().prefix(&format!("airway-demo-{name}-")).tempdir();
        let home = home.map_err(|error| Error::new(Code::Home, format!("no temporary home: {error}")))?;
        Ok(Self { name, home })
    }

    pub(super) async fn start(&self) -> Result<Node, Error> {
        self.start_with(Overrides::default()).await
    }

    /// The same with other settings than the default ones.
    pub(super) async fn start_with(&self, settings: Overrides) -> Result<Node, Error> {
        let listen = settings.listen.or_else(|| Some(vec![LISTEN.into()]));
        let flags = Overrides { name: Some(self.name.into()), listen, ..settings };
        Ok(Node::start(self.home.path(), flags).await?)
    }
}
