//! Why a task was not submitted, or what was to be done with it was not.

use airway_protocols::{
    files::ParseFileNameError,
    tasks::{BodyError, Invalid, State, TaskId},
};

use super::copies::AttachError;
use crate::store::{self, TaskPickError};

/// Why nothing was done with a task. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task breaks a rule; it was not submitted.
    #[error("the task cannot be submitted: {0}")]
    Body(#[from] BodyError),
    /// What is said about it breaks a rule.
    #[error("that cannot be said about a task: {0}")]
    Invalid(#[from] Invalid),
    /// There is no such task, or the text fits several.
    #[error(transparent)]
    Pick(#[from] TaskPickError),
    /// The task is one that we asked for, and this is for its worker to do; or the other way round.
    #[error("task {id} is {}", if *ours { "our own: its worker alone can do that" } else { "somebody else's: its requester alone can do that" })]
    Role {
        /// Which.
        id: TaskId,
        /// Whether we asked for it.
        ours: bool,
    },
    /// What is to be done with it does not go together with its state.
    #[error("task {id} does not allow that: {why}")]
    State {
        /// Which.
        id: TaskId,
        /// Where it stands.
        state: State,
        /// What is in the way.
        why: String,
    },
    /// Another task was submitted to this agent under the same id.
    #[error("another task was submitted under this id")]
    Conflict,
    /// There are as many tasks as there may be.
    #[error("there is no room for another task")]
    Full,
    /// The agent is not trusted any more.
    #[error("{who} is not trusted any more")]
    NotTrusted {
        /// Label of the agent.
        who: String,
    },
    /// The file that goes with it cannot be copied.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// No file can be called so.
    #[error("no file can be called so: {0}")]
    Name(#[from] ParseFileNameError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
