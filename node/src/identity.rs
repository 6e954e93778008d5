//! The identity of an agent: one Ed25519 key, in a file that only its owner can read.
//!
//! The file holds the private key as libp2p encodes it (a protobuf of key type and key), so other libp2p
//! stacks read it too. It is written once, whole or not at all, and never overwritten: losing the key loses
//! the address, the trust and the history of the agent.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use airway_protocols::{
    address::{Address, DeriveError, Endpoint},
    agent::AgentId,
};
use libp2p::{
    PeerId,
    identity::{DecodingError, Keypair, ed25519},
};
use zeroize::Zeroizing;

use crate::file::{self, Existing, NotRead};

/// The open backbone: every home belongs to it at first.
pub(crate) const BACKBONE: u16 = 0;

/// Most bytes read from a key file. Ours has 68; an RSA key, which is refused by its type, has up to 2,400.
const MAX_FILE: usize = 4096;
/// The first byte of an encoded key: field 1, the key type, as a varint.
const TYPE_TAG: u8 = 0x08;
/// What stands before the 64 bytes of an encoded Ed25519 key: its type, then the tag and length of field 2.
const ED25519_PREFIX: [u8; 4] = [TYPE_TAG, 1, 0x12, 64];

/// Who an agent is: the key pair that proves it.
#[derive(Clone)]
pub struct Identity {
    key: ed25519::Keypair,
}

impl Identity {
    /// Reads the identity in `path`, or makes one and stores it there if there is none.
    ///
    /// Returns only when the key is on the disk. Two processes that start at once get the same key.
    ///
    /// # Errors
    ///
    /// [`Error`] if a file is there and is not a private Ed25519 key, or if none can be written.
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        match Self::load(path) {
            Err(Error::Missing { .. }) => Self::create(path),
            loaded => loaded,
        }
    }

    /// Reads the identity in `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no file, other variants if it is not a private Ed25519 key.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        match file::read_private(&path, MAX_FILE) {
            Ok(bytes) => decode(&path, &bytes),
            Err(NotRead::NotAFile) => Err(Error::NotAFile { path }),
            Err(NotRead::Permissions(mode)) => Err(Error::Permissions { path, mode }),
            Err(NotRead::Io(source)) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::Missing { path })
            }
            Err(NotRead::Io(source)) => Err(Error::Read { path, source }),
        }
    }

    /// A new key, which is nowhere but in memory.
    pub(crate) fn generate() -> Self {
        Self { key: ed25519::Keypair::generate() }
    }

    fn create(path: &Path) -> Result<Self, Error> {
        let identity = Self::generate();
        match identity.store(path) {
            Ok(()) => Ok(identity),
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(source) => Err(Error::Write { path: path.to_owned(), source }),
        }
    }

    /// Stores the key in `path`, whole or not at all, and never in the place of another.
    pub(crate) fn store(&self, path: &Path) -> io::Result<()> {
        file::write_private(path, &[&self.encoded()[..]], Existing::Keep)
    }

    /// The key as its file holds it.
    pub(crate) fn encoded(&self) -> Zeroizing<Vec<u8>> {
        // Not encoded by libp2p, which leaves a copy of the key in memory that it has freed.
        let key = Zeroizing::new(self.key.to_bytes());
        let mut encoded = Zeroizing::new(Vec::with_capacity(ED25519_PREFIX.len() + key.len()));
        encoded.extend_from_slice(&ED25519_PREFIX);
        encoded.extend_from_slice(key.as_slice());
        encoded
    }

    /// The reverse of [`Identity::encoded`]; `None` if it is no private Ed25519 key.
    pub(crate) fn decoded(bytes: &[u8]) -> Option<Self> {
        let key = Keypair::from_protobuf_encoding(bytes).ok()?;
        Some(Self { key: key.try_into_ed25519().ok()? })
    }

    /// The name of this key in libp2p.
    pub fn peer_id(&self) -> PeerId {
        self.keypair().public().to_peer_id()
    }

    /// The public key, as the 32 bytes of Ed25519.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.public().to_bytes()
    }

    /// The agent whose first key this is.
    pub fn agent_id(&self) -> AgentId {
        AgentId::of(&self.key.public())
    }

    /// The address that the key gives, and the nonce that it was derived with.
    pub(crate) fn address(&self) -> Result<(Address, u8), DeriveError> {
        Address::derive(BACKBONE, &self.agent_id(), 0)
    }

    /// Address and fingerprint.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, DeriveError> {
        Ok(Endpoint::full(self.address()?.0, &self.agent_id()))
    }

    /// The key pair, to authenticate connections and to sign with.
    pub fn keypair(&self) -> Keypair {
        self.key.clone().into()
    }
}

/// Shows the public half only.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.peer_id()).finish()
    }
}

fn decode(path: &Path, bytes: &[u8]) -> Result<Identity, Error> {
    if let [TYPE_TAG, key_type @ (0 | 2 | 3), ..] = bytes {
        return Err(Error::KeyType { path: path.to_owned(), found: type_name(*key_type) });
    }
    let damaged = |source| Error::Damaged { path: path.to_owned(), source };
    let key = Keypair::from_protobuf_encoding(bytes).map_err(damaged)?;
    match key.try_into_ed25519() {
        Ok(key) => Ok(Identity { key }),
        Err(_) => Err(Error::KeyType { path: path.to_owned(), found: "other" }),
    }
}

/// The key types of libp2p other than Ed25519, by their number in the encoding.
fn type_name(key_type: u8) -> &'static str {
    match key_type {
        0 => "RSA",
        2 => "secp256k1",
        _ => "ECDSA",
    }
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no key file.
    #[error("no identity in {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The path names a directory, a device or a pipe.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path of the key.
        path: PathBuf,
    },
    /// Others than the owner may read or replace the key.
    #[error("{} is open to other users (mode {mode:o})", path.display())]
    Permissions {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds a key of a type that agents do not use.
    #[error("{} holds a key of type {found}, an agent needs Ed25519", path.display())]
    KeyType {
        /// The key file.
        path: PathBuf,
        /// The type of the key in it.
        found: &'static str,
    },
    /// The file is truncated or is no key at all. It is left as it is.
    #[error("{} is not a valid private key", path.display())]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        source: DecodingError,
    },
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The key file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// A new key cannot be stored.
    #[error("cannot write {}", path.display())]
    Write {
        /// The key file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Permissions { path, .. } => Some(format!("run chmod 600 {}", path.display())),
            Self::Damaged { path, .. } | Self::KeyType { path, .. } | Self::NotAFile { path } => {
                Some(format!(
                    "restore {} from a backup, or move it away to begin as a new agent with a new address",
                    path.display()
                ))
            }
            Self::Missing { .. } | Self::Read { .. } | Self::Write { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
