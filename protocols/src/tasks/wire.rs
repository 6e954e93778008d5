//! What either side says.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Content, MAX_CLAIM, MAX_PROGRESS, MAX_TEXT, Reason, State, TaskId};
use crate::{
    agent::AgentId,
    data::UnknownNumber,
    files::{self},
};

/// What an opener says, one frame each. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// Requester: do this.
    Submit {
        /// Which task it is.
        task: TaskId,
        /// What is to be done: the bytes of a [`Body`](super::Body).
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
    },
    /// Worker: this is where it stands.
    Report(Report),
    /// Requester: stop. Also of a task that the worker does not know, which then never begins.
    Cancel {
        /// Which task.
        task: TaskId,
        /// [`ByRequester`](Reason::ByRequester) or [`Limit`](Reason::Limit).
        reason: Reason,
        /// In words, at most [`MAX_TEXT`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Requester: where does it stand?
    Query {
        /// Which task.
        task: TaskId,
    },
    /// Anybody: show me your receipts of these two.
    Receipts {
        /// Who had the tasks done.
        requester: AgentId,
        /// Who did them.
        worker: AgentId,
        /// The number of the last receipt that is known; 0 for none.
        after: u64,
    },
}

/// Where a task stands, in the words of its worker. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which task.
    pub task: TaskId,
    /// Grows by one with each change at the worker; a report with a lower one is old.
    pub seq: u64,
    /// Where it stands: anything but [`Submitted`](State::Submitted).
    pub state: State,
    /// Executions that were begun.
    pub attempt: u32,
    /// Why, where a state does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// In words, at most [`MAX_TEXT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How far the execution is, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<u16>,
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Content>,
    /// What the worker says that it did, signed: the envelope of a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ByteBuf>,
}

/// What a responder says, one frame for each request, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// To a submission, a cancellation or a query: where the task stands now. To a query it has output and claim.
    Status(Report),
    /// To a report: it is kept.
    Taken {},
    /// To a report of the end: it is applied, and this is the envelope of the receipt.
    Receipt {
        /// The envelope.
        #[serde(with = "serde_bytes")]
        receipt: Vec<u8>,
    },
    /// To anything: no.
    Denied {
        /// Why.
        code: Denied,
        /// In words, at most [`MAX_TEXT`]. Never decides anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// To a request for receipts: those that follow, in their order.
    Receipts {
        /// Envelopes, at most [`MAX_RECEIPTS`](super::MAX_RECEIPTS).
        receipts: Vec<ByteBuf>,
        /// The number of the newest that there is; 0 for none.
        last: u64,
    },
}

/// Why a request is not granted. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Denied {
    /// The scopes do not allow it.
    #[error("the agent does not allow it")]
    NotAllowed = 1,
    /// It breaks a rule. Asking again will not help.
    #[error("the agent calls it invalid")]
    Invalid = 2,
    /// There is another task of this id.
    #[error("the agent has another task of this id")]
    Conflict = 3,
    /// There are as many tasks as there may be. Try again later.
    #[error("the agent has no room for it")]
    Full = 4,
    /// The requester's score is too low.
    #[error("the score is too low for the agent")]
    Score = 5,
    /// There is no such task between the two.
    #[error("the agent knows no such task")]
    Unknown = 6,
    /// It cannot be said now. Try again.
    #[error("the agent cannot tell now")]
    Later = 7,
    /// The requester has given the task up.
    #[error("the requester has given the task up")]
    Abandoned = 8,
    /// The file that it names has not arrived. Try again when it has.
    #[error("the file has not arrived")]
    NoFile = 9,
    /// Receipts are not shown.
    #[error("the agent shows no receipts")]
    NotShared = 10,
    /// The task has come to another end before.
    #[error("the task has come to another end")]
    Closed = 11,
}

/// Which rule a request, or what is in it, breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// There is no description, or it is over [`MAX_DESCRIPTION`](super::MAX_DESCRIPTION).
    #[error("a description has 1 to {max} bytes, not {size}", max = super::MAX_DESCRIPTION)]
    Description {
        /// Its bytes.
        size: usize,
    },
    /// The limit is none that a task may have.
    #[error("a task cannot have a limit of {limit} ms")]
    Limit {
        /// The limit, in milliseconds.
        limit: u64,
    },
    /// What stands with the task is over [`MAX_INLINE`](super::MAX_INLINE).
    #[error("{size} bytes are over the limit of {max}: send them as a file", max = super::MAX_INLINE)]
    Inline {
        /// Its bytes.
        size: usize,
    },
    /// No file can be called so, or be so large.
    #[error(transparent)]
    File(#[from] files::Invalid),
    /// A text is over [`MAX_TEXT`].
    #[error("a text of {size} bytes is over the limit of {max}", max = MAX_TEXT)]
    Text {
        /// Its bytes.
        size: usize,
    },
    /// A progress is over [`MAX_PROGRESS`].
    #[error("a progress of {0} is more than all")]
    Progress(u16),
    /// A claim is over [`MAX_CLAIM`].
    #[error("a claim of {size} bytes is over the limit of {max}", max = MAX_CLAIM)]
    Claim {
        /// Its bytes.
        size: usize,
    },
    /// The worker does not have a task in this state.
    #[error("no worker reports a task as {0}")]
    State(State),
    /// The requester does not cancel for this reason.
    #[error("no requester cancels a task for the reason: {0}")]
    Reason(Reason),
    /// A report of this state needs a claim, or an output, and has none.
    #[error("a task that is {0} is reported with a claim")]
    NoClaim(State),
}

impl Request {
    /// Checks the rules, those of a body excepted: see [`Body::from_bytes`](super::Body::from_bytes).
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken; a responder answers [`Denied::Invalid`].
    pub fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Submit { .. } | Self::Query { .. } | Self::Receipts { .. } => Ok(()),
            Self::Cancel { reason: Reason::ByRequester | Reason::Limit, text, .. } => {
                check_text(text.as_ref())
            }
            Self::Cancel { reason, .. } => Err(Invalid::Reason(*reason)),
            Self::Report(report) => report.validate_report(),
        }
    }
}

impl Report {
    /// Checks the rules for every report, also where it is an answer.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.state == State::Submitted {
            return Err(Invalid::State(self.state));
        }
        check_text(self.text.as_ref())?;
        if let Some(progress) = self.progress.filter(|progress| *progress > MAX_PROGRESS) {
            return Err(Invalid::Progress(progress));
        }
        match self.claim.as_ref().map(|claim| claim.len()) {
            Some(size) if size > MAX_CLAIM => return Err(Invalid::Claim { size }),
            _ => {}
        }
        self.output.as_ref().map_or(Ok(()), Content::validate)
    }

    /// Checks the rules for a report that is a request as well: what has to leave a receipt brings the claim for it.
    fn validate_report(&self) -> Result<(), Invalid> {
        match self.state {
            State::Succeeded => Err(Invalid::State(self.state)),
            State::Completed | State::Expired if self.claim.is_none() => Err(Invalid::NoClaim(self.state)),
            _ => self.validate(),
        }
    }
}

/// Checks the size of a text.
pub(super) fn check_text(text: Option<&String>) -> Result<(), Invalid> {
    match text.map(String::len) {
        Some(size) if size > MAX_TEXT => Err(Invalid::Text { size }),
        _ => Ok(()),
    }
}

impl TryFrom<u8> for Denied {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Ok(match number {
            1 => Self::NotAllowed,
            2 => Self::Invalid,
            3 => Self::Conflict,
            4 => Self::Full,
            5 => Self::Score,
            6 => Self::Unknown,
            7 => Self::Later,
            8 => Self::Abandoned,
            9 => Self::NoFile,
            10 => Self::NotShared,
            11 => Self::Closed,
            _ => return Err(UnknownNumber { what: "denial", number }),
        })
    }
}

impl From<Denied> for u8 {
    fn from(denied: Denied) -> Self {
        denied as Self
    }
}

#[cfg(test)]
mod tests;
