//! Where a task stands, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::UnknownNumber;

/// Where a task stands. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum State {
    /// The worker has not answered yet. Of the requester alone.
    Submitted = 0,
    /// The worker has it, and nobody has accepted it.
    New = 1,
    /// It waits in the worker's queue.
    Accepted = 2,
    /// Somebody works at it.
    Executing = 3,
    /// The result is durable at the worker.
    Completed = 4,
    /// The requester has applied the result, and has signed the receipt.
    Succeeded = 5,
    /// The worker did not take it.
    Declined = 6,
    /// There is no result, and there will be none.
    Failed = 7,
    /// It was called off.
    Cancelled = 8,
    /// It was first in the queue for too long.
    Expired = 9,
}

/// Why a task is where it is. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Reason {
    /// The worker declined it, or says that it failed.
    ByWorker = 1,
    /// It was [`New`](State::New) for [`ACCEPT_TIME`](super::ACCEPT_TIME).
    NotAccepted = 2,
    /// It was first in the queue for [`HEAD_TIME`](super::HEAD_TIME).
    HeadTooLong = 3,
    /// The requester called it off.
    ByRequester = 4,
    /// Its limit is reached.
    Limit = 5,
    /// Its execution broke off, and it is to be executed once at most.
    Interrupted = 6,
    /// One of the two does not trust the other any more.
    TrustEnded = 7,
    /// The requester has given up: the worker did not answer for [`SUBMIT_RETRY`](super::SUBMIT_RETRY).
    Unreachable = 8,
    /// The requester has given it up without the worker's word.
    Abandoned = 9,
    /// A file that belongs to it could not be delivered.
    File = 10,
    /// The worker denied the submission.
    Refused = 11,
}

impl State {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Submitted,
        Self::New,
        Self::Accepted,
        Self::Executing,
        Self::Completed,
        Self::Succeeded,
        Self::Declined,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Declined | Self::Failed | Self::Cancelled | Self::Expired)
    }

    /// Its name in lower case, as everywhere outside of the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::New => "new",
            Self::Accepted => "accepted",
            Self::Executing => "executing",
            Self::Completed => "completed",
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of the Agent2Agent protocol that says the same. `TASK_STATE_INPUT_REQUIRED` and
    /// `TASK_STATE_AUTH_REQUIRED` have none that says the same here: a task has all that it needs when it is submitted.
    #[must_use]
    pub const fn a2a(self) -> &'static str {
        match self {
            Self::Submitted | Self::New | Self::Accepted => "TASK_STATE_SUBMITTED",
            Self::Executing | Self::Completed => "TASK_STATE_WORKING",
            Self::Succeeded => "TASK_STATE_COMPLETED",
            Self::Declined => "TASK_STATE_REJECTED",
            Self::Failed | Self::Expired => "TASK_STATE_FAILED",
            Self::Cancelled => "TASK_STATE_CANCELED",
        }
    }
}

impl Reason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::ByWorker,
        Self::NotAccepted,
        Self::HeadTooLong,
        Self::ByRequester,
        Self::Limit,
        Self::Interrupted,
        Self::TrustEnded,
        Self::Unreachable,
        Self::Abandoned,
        Self::File,
        Self::Refused,
    ];

    /// Its name in lower case, as everywhere outside of the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByWorker => "by the worker",
            Self::NotAccepted => "not accepted in time",
            Self::HeadTooLong => "too long at the head of the queue",
            Self::ByRequester => "by the requester",
            Self::Limit => "limit reached",
            Self::Interrupted => "interrupted",
            Self::TrustEnded => "trust ended",
            Self::Unreachable => "unreachable",
            Self::Abandoned => "abandoned",
            Self::File => "file not delivered",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<u8> for State {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        let found = Self::ALL.into_iter().find(|state| *state as u8 == number);
        found.ok_or(UnknownNumber { what: "state", number })
    }
}

impl From<State> for u8 {
    fn from(state: State) -> Self {
        state as Self
    }
}

impl TryFrom<u8> for Reason {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        let found = Self::ALL.into_iter().find(|reason| *reason as u8 == number);
        found.ok_or(UnknownNumber { what: "reason", number })
    }
}

impl From<Reason> for u8 {
    fn from(reason: Reason) -> Self {
        reason as Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_a_closed_set() {
        for number in 0..=u8::MAX {
            let state = State::try_from(number).map(u8::from);
            assert_eq!(state.is_ok(), number <= 9, "{number}");
            assert_eq!(state.unwrap_or(number), number);
            let reason = Reason::try_from(number).map(u8::from);
            assert_eq!(reason.is_ok(), (1..=11).contains(&number), "{number}");
            assert_eq!(reason.unwrap_or(number), number);
        }
    }

    #[test]
    fn what_is_final_here_is_final_there() {
        let over =
            ["TASK_STATE_COMPLETED", "TASK_STATE_REJECTED", "TASK_STATE_FAILED", "TASK_STATE_CANCELED"];
        for state in State::ALL {
            assert_eq!(state.is_final(), over.contains(&state.a2a()), "{state}");
        }
    }
}
