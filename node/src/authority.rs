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
    pub(crate) fn create(
        home: &Home,
        name: Name,
        number: u16,
        policy: Policy,
        now: u64,
    ) -> Result<Self, Error> {
        let key = Keypair::generate_ed25519();
        let public = key.public().try_into_ed25519().unwrap();
        let genesis = Genesis::new(name, &public, number, policy, now, rand::random()).map_err(|_| Error)?;
        let this = Self { genesis, key };
        this.save(home)?;
        Ok(this)
    }
    pub(crate) fn load(home: &Home) -> Result<Option<Self>, Error> {
        let Ok(bytes) = std::fs::read(home.root().join("authority.key")) else { return Ok(None) };
        let key = Keypair::from_protobuf_encoding(&bytes[..68]).unwrap();
        Ok(Some(Self { key, genesis: Genesis::from_bytes(&bytes[68..]).map_err(|_| Error)? }))
    }
    pub(crate) fn genesis(&self) -> &Genesis {
        &self.genesis
    }
    pub(crate) fn keypair(&self) -> Keypair {
        self.key.clone()
    }
    pub(crate) fn save(&self, home: &Home) -> Result<(), Error> {
        let bytes = [self.key.to_protobuf_encoding().unwrap(), self.genesis.as_bytes().to_vec()].concat();
        std::fs::write(home.root().join("authority.key"), bytes).map_err(|_| Error)
    }
    pub(crate) fn export(&self, _: Zeroizing<String>) -> Result<Vec<u8>, Error> {
        Err(Error)
    }
    pub(crate) fn import(_: &[u8], _: Zeroizing<String>) -> Result<Self, Error> {
        Err(Error)
    }
}
