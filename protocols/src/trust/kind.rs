//! The four things that are said about trust.

use serde::{Deserialize, Serialize};

use crate::data::UnknownNumber;

/// What a statement says. Closed: a number that is not here is a malformed statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Kind {
    /// Let us trust each other. Carries the author's card.
    Request = 0,
    /// Yes, to a request.
    Accept = 1,
    /// No, to a request.
    Reject = 2,
    /// The trust is over, or my own request is.
    Revoke = 3,
}

impl TryFrom<u8> for Kind {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Request),
            1 => Ok(Self::Accept),
            2 => Ok(Self::Reject),
            3 => Ok(Self::Revoke),
            _ => Err(UnknownNumber { what: "kind", number }),
        }
    }
}

impl From<Kind> for u8 {
    fn from(kind: Kind) -> Self {
        kind as Self
    }
}
