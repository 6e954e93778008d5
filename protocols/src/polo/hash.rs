//! What names a receipt.

use sha2::{Digest, Sha256};

use crate::text::hex_id;

/// Keeps this hash apart from every other use of SHA-256 over an envelope.
const DOMAIN: &[u8] = b"airway-receipt-id-v1\0";

/// A receipt by its hash: the SHA-256 of its envelope under a domain of its own.
///
/// 64 hexadecimal digits as text and in human-readable formats, 32 bytes in binary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptHash([u8; 32]);

/// Why a text is not the hash of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hash of a receipt is 64 hexadecimal digits")]
pub struct ParseReceiptHashError;

hex_id!(ReceiptHash, 32, ParseReceiptHashError);

impl ReceiptHash {
    /// What stands in the place of the one before the first.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of the receipt with this envelope.
    #[must_use]
    pub fn of(envelope: &[u8]) -> Self {
        Self(Sha256::new().chain_update(DOMAIN).chain_update(envelope).finalize().into())
    }
}
