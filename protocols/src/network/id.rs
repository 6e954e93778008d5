//! The id of a network.

use sha2::{Digest, Sha256};

use crate::text::hex_id;

/// Keeps this hash apart from every other use of SHA-256 over a genesis.
const DOMAIN: &[u8] = b"airway-net-v1\0";

/// What the backbone has in place of a genesis.
const BACKBONE: &[u8] = b"backbone";

/// Keeps the hash over a swarm key apart from every other use of SHA-256 over it.
const SWARM_KEY_DOMAIN: &[u8] = b"airway-swarm-key-v1\0";

/// A network, for good: the SHA-256 of its [genesis](super::Genesis) under a domain of its own.
///
/// 64 hexadecimal digits as text and in human-readable formats, 32 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkId([u8; 32]);

/// Why a text is not the id of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a network is 64 hexadecimal digits")]
pub struct ParseNetworkIdError;

hex_id!(NetworkId, 32, ParseNetworkIdError);

impl NetworkId {
    /// The network that began with these bytes of a genesis.
    pub(super) fn of_genesis(genesis: &[u8]) -> Self {
        Self(Sha256::new().chain_update(DOMAIN).chain_update(genesis).finalize().into())
    }

    /// The open backbone. No genesis is encoded as this word, since every one is a map.
    pub(super) fn of_backbone() -> Self {
        Self::of_genesis(BACKBONE)
    }

    /// The network of those who have this swarm key.
    pub(super) fn of_swarm_key(key: &[u8; 32]) -> Self {
        Self(Sha256::new().chain_update(SWARM_KEY_DOMAIN).chain_update(key).finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let id = NetworkId::from_bytes([0xA5; 32]);
        assert_eq!(id.to_string(), "a5".repeat(32));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        for wrong in ["", "a5", &"a5".repeat(33), &"g5".repeat(32)] {
            assert_eq!(wrong.parse::<NetworkId>(), Err(ParseNetworkIdError), "{wrong}");
        }

        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<NetworkId>(&json).unwrap(), id);

        let cbor = serde_cbor::to_vec(&id).unwrap();
        assert_eq!(cbor.len(), 2 + 32);
        assert_eq!(serde_cbor::from_slice::<NetworkId>(&cbor).unwrap(), id);
    }

    #[test]
    fn no_two_kinds_of_network_share_an_id() {
        let ids = [
            NetworkId::of_backbone(),
            NetworkId::of_genesis(&[0; 32]),
            NetworkId::of_swarm_key(&[0; 32]),
            NetworkId::of_swarm_key(&[1; 32]),
        ];
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[at + 1..].contains(id), "{at}");
        }
    }
}
