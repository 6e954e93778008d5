//! The id of a ticket.

use crate::text::hex_id;

/// By which its maker, who draws it at random, knows a ticket again.
///
/// 16 hexadecimal digits as text and in human-readable formats, 8 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId([u8; 8]);

/// Why a text is not the id of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a ticket is 16 hexadecimal digits")]
pub struct ParseTicketIdError;

hex_id!(TicketId, 8, ParseTicketIdError);

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
