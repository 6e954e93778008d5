//! Stub.
#![allow(missing_docs, dead_code, clippy::all)]
use crate::home::Home;
use airway_protocols::{
    name::Name,
    network::{Genesis, Policy},
};
use libp2p::identity::Keypair;
use zeroize::Zeroizing;
#[derive(Debug, thiserror::Error)]
#[error("stub")]
pub struct Error;
pub(crate) struct Authority {
    genesis: Genesis,
    key: Keypair,
}
impl Authority {
    pub(crate) fn create(_: &Home, _: Name, _: u16, _: Policy, _: u64) -> Result<Self, Error> {
        Err(Error)
    }
    pub(crate) fn load(_: &Home) -> Result<Option<Self>, Error> {
        Ok(None)
    }
    pub(crate) fn genesis(&self) -> &Genesis {
        &self.genesis
    }
    pub(crate) fn keypair(&self) -> Keypair {
        self.key.clone()
    }
    pub(crate) fn save(&self, _: &Home) -> Result<(), Error> {
        Err(Error)
    }
    pub(crate) fn export(&self, _: Zeroizing<String>) -> Result<Vec<u8>, Error> {
        Err(Error)
    }
    pub(crate) fn import(_: &[u8], _: Zeroizing<String>) -> Result<Self, Error> {
        Err(Error)
    }
}
