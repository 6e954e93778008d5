//! The id of a statement.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{agent, text};

/// Keeps this hash apart from every other use of SHA-256 over an envelope.
const DOMAIN: &[u8] = b"airway-trust-id-v1\0";

/// A statement by its hash: the SHA-256 of its envelope under a domain of its own.
///
/// Text in human-readable formats, 32 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId([u8; 32]);

/// Why a text is not the id of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a statement is 52 characters of base32 (a-z, 2-7)")]
pub struct ParseStatementIdError;

impl StatementId {
    /// The id of the statement with this envelope.
    #[must_use]
    pub fn of(envelope: &[u8]) -> Self {
        Self(Sha256::new().chain_update(DOMAIN).chain_update(envelope).finalize().into())
    }

    /// An id from storage or the wire. Any 32 bytes will do: it is a hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        agent::base32(&self.0).fmt(f)
    }
}

impl fmt::Debug for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatementId({self})")
    }
}

impl FromStr for StatementId {
    type Err = ParseStatementIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        agent::unbase32(text).map(Self).ok_or(ParseStatementIdError)
    }
}

impl Serialize for StatementId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize_id(self, &self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for StatementId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize_id(deserializer, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let id = StatementId::from_bytes([0xA5; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string()[1..].parse::<StatementId>(), Err(ParseStatementIdError));

        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<StatementId>(&json).unwrap(), id);

        let cbor = serde_cbor::to_vec(&id).unwrap();
        assert_eq!(cbor.len(), 2 + 32);
        assert_eq!(serde_cbor::from_slice::<StatementId>(&cbor).unwrap(), id);
    }
}
