//! The id of a ticket.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// By which its maker knows a ticket again.
///
/// 16 hexadecimal digits as text and in human-readable formats, 8 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId([u8; 8]);

/// Why a text is not the id of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a ticket is 16 hexadecimal digits")]
pub struct ParseTicketIdError;

impl TicketId {
    /// The id with these bytes, which its maker draws at random.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The eight bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HEX.encode(&self.0).fmt(f)
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketId({self})")
    }
}

impl FromStr for TicketId {
    type Err = ParseTicketIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEX.decode(text.as_bytes()).map_err(|_| ParseTicketIdError)?;
        bytes.try_into().map(Self).map_err(|_| ParseTicketIdError)
    }
}

impl Serialize for TicketId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize_id(self, &self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for TicketId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize_id(deserializer, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let id = TicketId::from_bytes([0xA5, 0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(id.to_string(), "a500010203040506");
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        for wrong in ["", "a5", "a5000102030405060", "g500010203040506"] {
            assert_eq!(wrong.parse::<TicketId>(), Err(ParseTicketIdError), "{wrong}");
        }

        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"a500010203040506\"");
        assert_eq!(serde_json::from_str::<TicketId>(&json).unwrap(), id);

        let cbor = serde_cbor::to_vec(&id).unwrap();
        assert_eq!(cbor.len(), 1 + 8);
        assert_eq!(serde_cbor::from_slice::<TicketId>(&cbor).unwrap(), id);
    }
}
