//! How a task ended that leaves a receipt.

use serde::{Deserialize, Serialize};

use crate::data::UnknownNumber;

/// How the worker says that it ended. Closed: a number that is not here is a malformed claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Outcome {
    /// With a result.
    Success = 1,
    /// Without, after work on it had begun.
    Failed = 2,
    /// Nobody began to work on it.
    Expired = 3,
}

impl TryFrom<u8> for Outcome {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Success),
            2 => Ok(Self::Failed),
            3 => Ok(Self::Expired),
            _ => Err(UnknownNumber { what: "outcome", number }),
        }
    }
}

impl From<Outcome> for u8 {
    fn from(outcome: Outcome) -> Self {
        outcome as Self
    }
}
