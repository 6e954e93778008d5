//! What happened to a task, as the log has it.

use airway_protocols::{
    agent::AgentId,
    tasks::{Denied, State, TaskId},
};

use super::Role;
use crate::{
    clock,
    store::{self, NewTaskEntry, TaskKey},
};

/// What can happen to a task. The numbers are those of the database.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum TaskEvent {
    /// It has another state.
    Changed = 0,
    /// Its execution has got further.
    Progress = 1,
    /// Its execution broke off, and it waits in the queue again.
    Requeued = 2,
    /// Its requester wants it to end, and the worker has not heard it yet.
    Cancelling = 3,
    /// Refused: a report by an agent that the task was not given to.
    WrongWorker = 64,
    /// Refused: an agent wanted to end, or see, a task of another.
    WrongRequester = 65,
    /// Refused: the scopes of the agent do not let it submit tasks.
    NotAllowed = 66,
    /// Refused: it breaks a rule.
    Invalid = 67,
    /// Refused: another task has this id.
    Conflict = 68,
    /// Refused: there are as many tasks as there may be.
    Full = 69,
    /// Refused: the score of the requester is too low.
    Score = 70,
    /// Refused: nothing is known of such a task.
    Unknown = 71,
    /// Refused: the task was given up before.
    Abandoned = 72,
    /// Refused: the task has come to another end before.
    Closed = 73,
    /// Refused: a file that belongs to it is not here.
    NoFile = 74,
    /// Refused: the claim of the worker does not fit the task.
    BadClaim = 75,
    /// Refused: the receipt of the requester does not fit the task.
    BadReceipt = 76,
}

/// Something that happened to a task, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEntry {
    /// Grows with each; never used twice.
    pub seq: u64,
    /// Unix milliseconds.
    pub at: u64,
    /// Whether we asked for the task.
    pub role: Role,
    /// The other; of a refusal, who was refused.
    pub agent: AgentId,
    /// Which task.
    pub task: TaskId,
    /// What happened.
    pub what: TaskEvent,
    /// Where the task stands since; `None` of a refusal, which changes nothing.
    pub state: Option<State>,
    /// What was said about it: of what others cause, not our words.
    pub text: Option<String>,
}

impl TaskEvent {
    const ALL: [Self; 17] = [
        Self::Changed,
        Self::Progress,
        Self::Requeued,
        Self::Cancelling,
        Self::WrongWorker,
        Self::WrongRequester,
        Self::NotAllowed,
        Self::Invalid,
        Self::Conflict,
        Self::Full,
        Self::Score,
        Self::Unknown,
        Self::Abandoned,
        Self::Closed,
        Self::NoFile,
        Self::BadClaim,
        Self::BadReceipt,
    ];

    /// Whether somebody was refused something, and nothing has changed.
    pub const fn is_refusal(self) -> bool {
        self as u8 >= Self::WrongWorker as u8
    }

    /// What it is called where it is counted.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Progress => "progress",
            Self::Requeued => "requeued",
            Self::Cancelling => "cancelling",
            Self::WrongWorker => "wrong-worker",
            Self::WrongRequester => "wrong-requester",
            Self::NotAllowed => "not-allowed",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Full => "full",
            Self::Score => "score",
            Self::Unknown => "unknown",
            Self::Abandoned => "abandoned",
            Self::Closed => "closed",
            Self::NoFile => "no-file",
            Self::BadClaim => "bad-claim",
            Self::BadReceipt => "bad-receipt",
        }
    }

    /// What a denial is noted as. Not that of an agent whose disk failed: it tries again.
    pub(super) const fn of(denied: Denied) -> Option<Self> {
        match denied {
            Denied::NotAllowed => Some(Self::NotAllowed),
            Denied::Invalid => Some(Self::Invalid),
            Denied::Conflict => Some(Self::Conflict),
            Denied::Full => Some(Self::Full),
            Denied::Score => Some(Self::Score),
            Denied::Unknown => Some(Self::Unknown),
            Denied::Abandoned => Some(Self::Abandoned),
            Denied::Closed => Some(Self::Closed),
            Denied::NoFile => Some(Self::NoFile),
            Denied::Later | Denied::NotShared => None,
        }
    }

    /// An entry for the log.
    pub(super) fn entry(self, key: &TaskKey, state: Option<State>, text: Option<String>) -> NewTaskEntry {
        let TaskKey { role, agent, id: task } = *key;
        let state = state.map(u8::from);
        NewTaskEntry { at_ms: clock::unix_ms(), role, agent, task, what: self as u8, state, text }
    }
}

impl TryFrom<u8> for TaskEvent {
    type Error = store::Error;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|what| *what as u8 == number).ok_or(store::Error::Corrupt)
    }
}

impl TryFrom<store::TaskEntry> for TaskEntry {
    type Error = store::Error;

    fn try_from(entry: store::TaskEntry) -> Result<Self, Self::Error> {
        Ok(Self {
            seq: entry.seq,
            at: entry.at_ms,
            role: entry.role.try_into()?,
            agent: AgentId::from_bytes(entry.agent),
            task: TaskId::from_bytes(entry.task).map_err(|_| store::Error::Corrupt)?,
            what: entry.what.try_into()?,
            state: entry.state.map(State::try_from).transpose().map_err(|_| store::Error::Corrupt)?,
            text: entry.text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_names_that_the_api_has() {
        for what in TaskEvent::ALL {
            assert_eq!(serde_json::to_value(what).unwrap(), what.label());
            assert_eq!(TaskEvent::try_from(what as u8).unwrap(), what);
            assert_eq!(what.is_refusal(), what as u8 >= 64);
        }
    }
}
