//! Keys of the DHT: where the claims are.

use sha2::{Digest, Sha256};

use crate::{name::Name, network::NetworkId, tag::Tag};

/// What a multihash of SHA-256 begins with: its code, and the length of the hash.
const SHA2_256: [u8; 2] = [0x12, 32];

/// By what an agent can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The node number of its address; the network stands before it.
    Address(u32),
    /// The name that it claims or that was certified.
    Name(Name),
    /// One of the tags that it claims.
    Tag(Tag),
}

/// What a key is made of. The set at a key of each kind has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Of an address: one agent has it, or several claim that they do.
    Address,
    /// Of a name: the same.
    Name,
    /// Of a tag: many agents have it.
    Tag,
}

impl KeyKind {
    const ALL: [Self; 3] = [Self::Address, Self::Name, Self::Tag];

    /// What the bytes of a key begin with. The form is the one that other implementations of the DHT keep record types in.
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Address => b"/airway-addr/",
            Self::Name => b"/airway-name/",
            Self::Tag => b"/airway-tag/",
        }
    }

    /// Keeps the hashes behind keys of each kind apart from all others.
    const fn domain(self) -> &'static [u8] {
        match self {
            Self::Address => b"airway-addr-key-v1\0",
            Self::Name => b"airway-name-key-v1\0",
            Self::Tag => b"airway-tag-key-v1\0",
        }
    }

    /// The kind of a key with these bytes. `None`: nothing of ours is there.
    #[must_use]
    pub fn of(key: &[u8]) -> Option<Self> {
        let has = |kind: &Self| key.strip_prefix(kind.prefix()).is_some_and(|hash| hash.len() == 32);
        Self::ALL.into_iter().find(has)
    }
}

impl Key {
    /// What it is made of.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match self {
            Self::Address(_) => KeyKind::Address,
            Self::Name(_) => KeyKind::Name,
            Self::Tag(_) => KeyKind::Tag,
        }
    }

    /// The key in the DHT of this network. A hash, so that whoever stores a claim does not learn from the key alone what
    /// was looked for.
    #[must_use]
    pub fn bytes(&self, network: &NetworkId) -> Vec<u8> {
        [self.kind().prefix(), &self.hash(network)].concat()
    }

    /// The same hash as a multihash: the key under which agents say that they provide the claim, in a DHT whose servers
    /// know nothing of claims. Elsewhere it is the CID of version 1 with the codec `raw`.
    #[must_use]
    pub fn multihash(&self, network: &NetworkId) -> Vec<u8> {
        [SHA2_256.as_slice(), &self.hash(network)].concat()
    }

    fn hash(&self, network: &NetworkId) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.kind().domain()).chain_update(network.as_bytes());
        let hash = match self {
            Self::Address(node) => hash.chain_update(node.to_be_bytes()),
            Self::Name(name) => hash.chain_update(name.as_str()),
            Self::Tag(tag) => hash.chain_update(tag.as_str()),
        };
        hash.finalize().into()
    }
}
