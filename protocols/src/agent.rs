//! Who an agent is: an identifier for life, derived from its first Ed25519 key.

use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD_NOCASE as BASE32;
use libp2p::{PeerId, identity::ed25519};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::text;

mod fingerprint;
pub(crate) mod weak;

pub use fingerprint::{Fingerprint, ParseFingerprintError};
pub use weak::is_weak;

/// Keeps this hash apart from every other use of SHA-256 over a public key.
const DOMAIN: &[u8] = b"airway-agent-v1\0";

/// What stands before the key in the bytes of an Ed25519 peer id: identity multihash of 36 bytes, then the protobuf
/// fields "type = Ed25519" and "data of 32 bytes".
const ED25519_PEER_ID: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// An agent, for life: the SHA-256 of its first public key under a domain of its own.
///
/// Trust, tasks and receipts are keyed by it. Its text is all 32 bytes in lower-case base32 (52 characters); people
/// compare the shorter [`Fingerprint`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentId([u8; 32]);

/// The peer id does not carry an Ed25519 key, or a [weak](is_weak) one, and so is no agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("peer {peer} has no ed25519 key, or a weak one")]
pub struct NotEd25519 {
    /// The peer that was refused.
    pub peer: PeerId,
}

/// Why a text is not an agent id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an agent id is 52 characters of base32 (a-z, 2-7)")]
pub struct ParseAgentIdError;

impl AgentId {
    /// The agent whose first key this is.
    #[must_use]
    pub fn of(key: &ed25519::PublicKey) -> Self {
        Self(Sha256::new().chain_update(DOMAIN).chain_update(key.to_bytes()).finalize().into())
    }

    /// The agent behind an authenticated peer id.
    ///
    /// # Errors
    ///
    /// [`NotEd25519`] for the peer id of any other key type, which Airway does not speak with, and of a [weak](is_weak)
    /// key.
    pub fn of_peer(peer: &PeerId) -> Result<Self, NotEd25519> {
        public_key(peer).map(|key| Self::of(&key))
    }

    /// An agent id from storage or the wire. Any 32 bytes will do: it is a hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The short form that people compare and copy.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }
}

/// The Ed25519 key inside a peer id.
///
/// # Errors
///
/// [`NotEd25519`] if the peer id is of another key type, does not hold its key in the one form that libp2p writes, or if
/// the key is [weak](is_weak).
pub fn public_key(peer: &PeerId) -> Result<ed25519::PublicKey, NotEd25519> {
    peer.to_bytes()
        .strip_prefix(&ED25519_PEER_ID)
        .and_then(|key| ed25519::PublicKey::try_from_bytes(key).ok())
        .filter(|key| !is_weak(key))
        .ok_or(NotEd25519 { peer: *peer })
}

/// The Ed25519 key with these bytes, unless they are none or it is [weak](is_weak).
pub(crate) fn strong_key(bytes: &[u8; 32]) -> Option<ed25519::PublicKey> {
    ed25519::PublicKey::try_from_bytes(bytes).ok().filter(|key| !is_weak(key))
}

/// Base32 in lower case, as it is written everywhere; the table reads either case but writes upper.
pub(crate) fn base32(bytes: &[u8]) -> String {
    BASE32.encode(bytes).to_ascii_lowercase()
}

/// 32 bytes from base32, in either case.
pub(crate) fn unbase32(text: &str) -> Option<[u8; 32]> {
    BASE32.decode(text.as_bytes()).ok()?.try_into().ok()
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        base32(&self.0).fmt(f)
    }
}

impl fmt::Debug for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentId({self})")
    }
}

impl FromStr for AgentId {
    type Err = ParseAgentIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        unbase32(text).map(Self).ok_or(ParseAgentIdError)
    }
}

/// Text in human-readable formats, 32 bytes in binary ones.
impl Serialize for AgentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize_id(self, &self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for AgentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize_id(deserializer, Self)
    }
}

#[cfg(test)]
mod tests {
    use libp2p::identity::Keypair;

    use super::*;

    #[test]
    fn a_peer_id_and_its_key_name_the_same_agent() {
        let key = Keypair::generate_ed25519();
        let public = key.public().try_into_ed25519().unwrap();
        let peer = key.public().to_peer_id();

        assert_eq!(AgentId::of_peer(&peer), Ok(AgentId::of(&public)));
        assert_eq!(public_key(&peer), Ok(public));
    }

    #[test]
    fn a_peer_id_without_an_ed25519_key_is_refused() {
        let random = PeerId::random();
        assert_eq!(AgentId::of_peer(&random), Err(NotEd25519 { peer: random }));

        let hashed: PeerId = "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC".parse().unwrap();
        assert_eq!(AgentId::of_peer(&hashed), Err(NotEd25519 { peer: hashed }));
    }

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let agent = AgentId::from_bytes([0xA5; 32]);
        assert_eq!(agent.to_string().parse(), Ok(agent));
        assert_eq!(agent.to_string(), format!("{}uwsq", "uws2ljnf".repeat(6)));

        let json = serde_json::to_string(&agent).unwrap();
        assert_eq!(json, format!("\"{agent}\""));
        assert_eq!(serde_json::from_str::<AgentId>(&json).unwrap(), agent);

        let cbor = serde_cbor::to_vec(&agent).unwrap();
        assert_eq!(cbor.len(), 2 + 32);
        assert_eq!(serde_cbor::from_slice::<AgentId>(&cbor).unwrap(), agent);
    }

    #[test]
    fn other_lengths_and_letters_are_refused() {
        let text = AgentId::from_bytes([7; 32]).to_string();
        for wrong in ["", &text[1..], &format!("{text}a"), &text.replace('a', "1")] {
            assert_eq!(wrong.parse::<AgentId>(), Err(ParseAgentIdError), "{wrong}");
        }
    }
}
