//! Why an inviter refuses.

use serde::{Deserialize, Serialize};

use crate::data::UnknownNumber;

/// Why an inviter does not do what it was asked. Closed: a number that is not here is a malformed reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Refusal {
    /// The invite, or the certificate that was to be renewed, has expired.
    #[error("it has expired")]
    Expired = 1,
    /// The invite has been used as often as it may be.
    #[error("the invite has been used up")]
    Exhausted = 2,
    /// The inviter has withdrawn the invite.
    #[error("the invite was withdrawn")]
    Withdrawn = 3,
    /// Another member has the name.
    #[error("another member has that name")]
    NameTaken = 4,
    /// Another member has every address that the joiner could have.
    #[error("another member has that address")]
    AddressTaken = 5,
    /// The authority has expelled the agent.
    #[error("the agent was expelled from the network")]
    Expelled = 6,
    /// The agent that was asked cannot issue certificates, or cannot do so any more.
    #[error("the agent that was asked is no inviter")]
    NotInviter = 7,
    /// Doing it failed. Try again.
    #[error("the inviter failed; try again")]
    Failed = 8,
}

impl TryFrom<u8> for Refusal {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, UnknownNumber> {
        use Refusal::{AddressTaken, Exhausted, Expelled, Expired, Failed, NameTaken, NotInviter, Withdrawn};

        [Expired, Exhausted, Withdrawn, NameTaken, AddressTaken, Expelled, NotInviter, Failed]
            .into_iter()
            .find(|refusal| *refusal as u8 == number)
            .ok_or(UnknownNumber { what: "refusal", number })
    }
}

impl From<Refusal> for u8 {
    fn from(refusal: Refusal) -> Self {
        refusal as Self
    }
}
