//! Why a certificate, or what rests on one, does not stand.

use serde::{Deserialize, Serialize};

use crate::data::UnknownNumber;

/// Why what is validly signed counts for nothing now. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Invalid {
    /// It has not begun.
    #[error("it is not valid yet")]
    NotYet = 1,
    /// It has ended.
    #[error("it has expired")]
    Expired = 2,
    /// The member, or the inviter that signed, has been expelled.
    #[error("the member was expelled")]
    Expelled = 3,
}

impl TryFrom<u8> for Invalid {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::NotYet),
            2 => Ok(Self::Expired),
            3 => Ok(Self::Expelled),
            _ => Err(UnknownNumber { what: "reason", number }),
        }
    }
}

impl From<Invalid> for u8 {
    fn from(invalid: Invalid) -> Self {
        invalid as Self
    }
}
