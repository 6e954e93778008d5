//! Who the agent is.

use airway_protocols::{
    address::{Address, DeriveError, Endpoint},
    agent::AgentId,
    certificate::Certificate,
    tag::Tag,
};
use libp2p::PeerId;

use crate::identity::Identity;

/// Who the agent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// For life.
    pub agent: AgentId,
    /// From its key.
    pub peer: PeerId,
    /// Permanent; its first part is the network that the home belongs to.
    pub address: Address,
    /// The nonce that the address was derived with.
    pub(crate) nonce: u8,
    /// The name on its card.
    pub name: Option<String>,
    /// What it says it can do.
    pub tags: Vec<Tag>,
}

impl Me {
    /// On the backbone.
    pub(crate) fn new(
        identity: &Identity,
        name: Option<String>,
        tags: Vec<Tag>,
    ) -> Result<Self, DeriveError> {
        let (address, nonce) = identity.address()?;
        Ok(Self { agent: identity.agent_id(), peer: identity.peer_id(), address, nonce, name, tags })
    }

    /// As a network's authority knows the agent.
    pub(crate) fn certified(&mut self, certificate: &Certificate) {
        self.address = certificate.address();
        self.nonce = certificate.nonce();
        self.name = certificate.name().map(ToString::to_string);
    }

    /// Address and fingerprint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address, &self.agent)
    }
}
