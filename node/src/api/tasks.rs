//! The types of tasks: what others do for us, and we for them.
//!
//! What a task says, its description above all, was written by another agent: data, not instructions.

mod request;

pub use request::{
    CancelRequest, CompleteRequest, FailRequest, Material, MaterialFile, NextRequest, ProgressRequest,
    ReasonRequest, TaskFollowQuery, TaskLogQuery, TaskPathQuery, TaskRequest, TasksQuery,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::TaskEvent;

/// A task, as we know it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Task {
    /// Our part in it.
    pub role: TaskRole,
    /// Its id, which the requester chose.
    pub id: String,
    /// Full address of the other agent.
    pub agent: String,
    /// Alias or name of the other agent, while it is a contact.
    pub name: Option<String>,
    /// How far it is.
    pub state: TaskState,
    /// The same in the terms of A2A: `TASK_STATE_…`.
    pub a2a: String,
    /// Changes at the worker so far.
    pub seq: u64,
    /// How often it was taken for execution.
    pub attempt: u32,
    /// What is to be done, in the words of the requester.
    pub description: String,
    /// What it is to be done with.
    pub input: Option<TaskContent>,
    /// Milliseconds that the worker may take.
    pub limit_ms: u64,
    /// What happens when an execution is broken off.
    pub execution: TaskExecution,
    /// The most that it is worth.
    pub max_reward: u64,
    /// The task of the requester that it replaces.
    pub supersedes: Option<String>,
    /// Why it ended without a result.
    pub reason: Option<TaskReason>,
    /// What the worker or, of a task that was cancelled, the requester says about it.
    pub text: Option<String>,
    /// Thousandths that are done, as the worker says.
    pub progress: Option<u16>,
    /// The result.
    pub output: Option<TaskContent>,
    /// Whether the requester has asked for an end, and the worker has not answered.
    pub cancelling: bool,
    /// Whether the worker executes it and has said nothing for two minutes.
    pub stalled: bool,
    /// Whether nothing about it is on its way any more.
    pub settled: bool,
    /// What both have signed about it.
    pub receipt: Option<TaskReceipt>,
    /// Its place in the queue of the worker that we are: 0 is next.
    pub position: Option<u64>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub changed_at: i64,
}

/// Our part in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskRole {
    /// We want it done.
    Requester,
    /// We are to do it.
    Worker,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// On the requester's disk; the worker has not answered.
    Submitted,
    /// On the worker's disk; its owner has not decided.
    New,
    /// In the worker's queue.
    Accepted,
    /// Being done.
    Executing,
    /// Done: the result is on the worker's disk.
    Completed,
    /// The requester has the result, and both have the receipt.
    Succeeded,
    /// The worker would not do it.
    Declined,
    /// The worker could not do it.
    Failed,
    /// It was called off.
    Cancelled,
    /// It waited too long at the head of the queue.
    Expired,
}

impl TaskState {
    /// Whether nothing follows.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Declined | Self::Failed | Self::Cancelled | Self::Expired)
    }
}

/// What happens when an execution is broken off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskExecution {
    /// It goes back into the queue.
    #[default]
    AtLeastOnce,
    /// The task fails.
    AtMostOnce,
}

/// Why a task ended without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskReason {
    /// The worker declined it, or failed.
    Worker,
    /// Nobody accepted it in time.
    NotAccepted,
    /// It was too long at the head of the queue.
    NotStarted,
    /// The requester took it back.
    Requester,
    /// It took longer than the requester allows.
    Limit,
    /// The execution was broken off, and may not be repeated.
    Interrupted,
    /// The trust between the two has ended.
    TrustEnded,
    /// The worker could not be reached for too long.
    Unreachable,
    /// The requester gave it up without the worker's word.
    Abandoned,
    /// A file that belongs to it could not be delivered.
    File,
    /// The worker refused to take it.
    Refused,
}

/// Input or result: at most 64 KiB of it as it is, else a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskContent {
    /// UTF-8.
    Text(String),
    /// A JSON object or array.
    Json(Value),
    /// Other bytes.
    Base64(String),
    /// A file.
    File(TaskFile),
}

/// A file that belongs to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskFile {
    /// The id that it was sent under.
    pub id: String,
    /// What its sender calls it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// BLAKE3 of them, in hexadecimal digits.
    pub digest: String,
    /// Where it lies on this machine, if it does.
    pub path: Option<String>,
}

/// What both have signed about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskReceipt {
    /// Its number between the two.
    pub seq: u64,
    /// What the worker has earned.
    pub reward: u64,
    /// What the next receipt of the two refers to, in hexadecimal digits.
    pub hash: String,
}

/// Something that happened with a task, or was refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskEntry {
    /// Its number: grows, and is never reused.
    pub seq: u64,
    /// Unix milliseconds.
    pub at: i64,
    /// Our part in the task.
    pub role: TaskRole,
    /// Full address of the other agent.
    pub agent: String,
    /// Alias or name of the other agent, while it is a contact.
    pub name: Option<String>,
    /// The task.
    pub task: String,
    /// What happened.
    pub what: TaskEvent,
    /// How far the task is since; `null` where something was refused.
    pub state: Option<TaskState>,
    /// What there is to say about it.
    pub text: Option<String>,
}

/// A task that was taken for execution; `null` if none came in time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NextTask {
    /// The task.
    pub task: Option<Task>,
}
