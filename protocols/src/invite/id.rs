//! The id of an invite.

use crate::text::hex_id;

/// By which its maker, who draws it at random, knows an invite again.
///
/// 32 hexadecimal digits as text and in human-readable formats, 16 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteId([u8; 16]);

/// Why a text is not the id of an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of an invite is 32 hexadecimal digits")]
pub struct ParseInviteIdError;

hex_id!(InviteId, 16, ParseInviteIdError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let id = InviteId::from_bytes([0xA5; 16]);
        assert_eq!(id.to_string(), "a5".repeat(16));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        for wrong in ["", "a5", &"a5".repeat(17), &"g5".repeat(16)] {
            assert_eq!(wrong.parse::<InviteId>(), Err(ParseInviteIdError), "{wrong}");
        }

        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<InviteId>(&json).unwrap(), id);

        let cbor = serde_cbor::to_vec(&id).unwrap();
        assert_eq!(cbor.len(), 1 + 16);
        assert_eq!(serde_cbor::from_slice::<InviteId>(&cbor).unwrap(), id);
    }
}
