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
    /// Who founds a private network, and two who join it.
    pub(super) dora: Agent,
    pub(super) erin: Agent,
    pub(super) frank: Agent,
}

impl Agents {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            alice: Agent::new("alice")?,
            bob: Agent::new("bob")?,
            mallory: Agent::new("mallory")?,
            relay: Agent::new("harbour")?,
            carol: Agent::new("carol")?,
            moved: Agent::new("alice")?,
            dora: Agent::new("dora")?,
            erin: Agent::new("erin")?,
            frank: Agent::new("frank")?,
        })
    }

    pub(super) fn homes(self) -> [TempDir; 9] {
        let Self { alice, bob, mallory, relay, carol, moved, dora, erin, frank } = self;
        [alice, bob, mallory, relay, carol, moved, dora, erin, frank].map(|agent| agent.home)
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
