//! Who the agent is.

use airway_protocols::{
    address::{Address, DeriveError, Endpoint},
    agent::AgentId,
};
use libp2p::PeerId;

use crate::identity::Identity;

/// Who the agent is.
#[derive(Debug, Clone)]
pub struct Me {
    /// For life.
    pub agent: AgentId,
    /// From its key.
    pub peer: PeerId,
    /// Permanent, in the network that the home belongs to.
    pub address: Address,
    /// The nonce that the address was derived with.
    pub(crate) nonce: u8,
    /// The name on its card.
    pub name: Option<String>,
}

impl Me {
    pub(crate) fn new(identity: &Identity, name: Option<String>) -> Result<Self, DeriveError> {
        let (address, nonce) = identity.address()?;
        Ok(Self { agent: identity.agent_id(), peer: identity.peer_id(), address, nonce, name })
    }

    /// Address and fingerprint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address, &self.agent)
    }
}
