//! How a mesh begins: what its creator has laid down for good.

use std::fmt;

use libp2p::identity::ed25519;
use serde::{Deserialize, Serialize};

use super::NetworkId;
use crate::{
    agent,
    name::Name,
    trust::MAX_TIME,
    wire::{self, cbor},
};

/// Cap of a genesis, in bytes. One with the longest name needs below 250.
pub const MAX_BYTES: usize = 512;

/// The version of geneses that this code writes and reads.
const VERSION: u64 = 1;

/// What holds for all members of a mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Whether members trust each other because they are members.
    pub trust_members: bool,
}

/// How a mesh begins. Nobody can change it afterwards: its hash is the network.
///
/// It is not signed. Who creates one names its own key as the authority, and what that key signs names the network.
#[derive(Clone)]
pub struct Genesis {
    id: NetworkId,
    name: Name,
    authority: ed25519::PublicKey,
    number: u16,
    policy: Policy,
    created: u64,
    /// As received or made: another encoding of the same contents would be another network.
    bytes: Vec<u8>,
}

/// Why a genesis was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidGenesis {
    /// It is longer than [`MAX_BYTES`].
    #[error("a genesis of {found} bytes is over the limit of {max}", max = MAX_BYTES)]
    TooLarge {
        /// Bytes of the genesis.
        found: usize,
    },
    /// It is not what a genesis is.
    #[error("the bytes are no genesis")]
    Contents(#[from] cbor::Error),
    /// It is of a version that this code does not know.
    #[error("genesis version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// The number is 0.
    #[error("the number 0 is the open backbone's, which has no genesis")]
    Number,
    /// The key is not a point on the curve, or a [weak](crate::agent::is_weak) one.
    #[error("the key of the authority is not an ed25519 key")]
    Authority,
    /// The time of its making is over [`MAX_TIME`].
    #[error("{0} is no time")]
    Time(u64),
}

/// The contents. The order of the fields is their order in the bytes.
#[derive(Serialize, Deserialize)]
struct Body {
    version: u64,
    name: Name,
    #[serde(with = "serde_bytes")]
    authority: [u8; 32],
    number: u16,
    policy: Policy,
    created: u64,
    #[serde(with = "serde_bytes")]
    salt: [u8; 16],
}

impl Genesis {
    /// Begins a network.
    ///
    /// `number` is what its addresses begin with, `created` is in milliseconds since the Unix epoch, and `salt`, drawn at
    /// random, keeps two networks of one authority apart.
    ///
    /// # Errors
    ///
    /// [`InvalidGenesis::Number`], [`InvalidGenesis::Authority`] and [`InvalidGenesis::Time`].
    pub fn new(
        name: Name,
        authority: &ed25519::PublicKey,
        number: u16,
        policy: Policy,
        created: u64,
        salt: [u8; 16],
    ) -> Result<Self, InvalidGenesis> {
        let authority = authority.to_bytes();
        let body = Body { version: VERSION, name, authority, number, policy, created, salt };
        let bytes = wire::encode(&body)?;
        body.validate(bytes)
    }

    /// Reads a genesis.
    ///
    /// # Errors
    ///
    /// [`InvalidGenesis`] with one variant for each rule.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidGenesis> {
        if bytes.len() > MAX_BYTES {
            return Err(InvalidGenesis::TooLarge { found: bytes.len() });
        }
        wire::decode::<Body>(bytes)?.validate(bytes.to_vec())
    }

    /// As made or received.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The network.
    #[must_use]
    pub const fn id(&self) -> NetworkId {
        self.id
    }

    /// What its creator calls it.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// What addresses in it begin with: a label, which another network may have, too. Never 0.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// The key that says who is in it.
    #[must_use]
    pub const fn authority(&self) -> &ed25519::PublicKey {
        &self.authority
    }

    /// What holds for all members.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// When it was made, in milliseconds since the Unix epoch by its creator's clock.
    #[must_use]
    pub const fn created(&self) -> u64 {
        self.created
    }
}

impl Body {
    /// Checks every rule and gives the contents their types.
    fn validate(self, bytes: Vec<u8>) -> Result<Genesis, InvalidGenesis> {
        let Self { version, name, authority, number, policy, created, salt: _ } = self;
        if version != VERSION {
            return Err(InvalidGenesis::Version(version));
        }
        if number == 0 {
            return Err(InvalidGenesis::Number);
        }
        if created > MAX_TIME {
            return Err(InvalidGenesis::Time(created));
        }
        let authority = agent::strong_key(&authority).ok_or(InvalidGenesis::Authority)?;
        let id = NetworkId::of_genesis(&bytes);
        Ok(Genesis { id, name, authority, number, policy, created, bytes })
    }
}

impl PartialEq for Genesis {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Genesis {}

impl fmt::Debug for Genesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Genesis")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("number", &self.number)
            .field("policy", &self.policy)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
