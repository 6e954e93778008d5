//! What is asked about tasks.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{TaskExecution, TaskRole};

/// A task for another agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// Who is to do it: alias, name, address or card.
    pub to: String,
    /// What is to be done: 1 byte to 16 KiB.
    pub description: String,
    /// What it is to be done with.
    #[serde(default)]
    pub input: Option<Material>,
    /// Milliseconds that the worker may take, from a second to 28 days; 24 hours if absent.
    #[serde(default)]
    pub limit_ms: Option<u64>,
    /// What happens when an execution is broken off.
    #[serde(default)]
    pub execution: TaskExecution,
    /// The most that it is worth; 10 if absent.
    #[serde(default)]
    pub max_reward: Option<u64>,
    /// The task that it replaces.
    #[serde(default)]
    pub supersedes: Option<String>,
    /// A UUIDv7 of the caller's own: the same task submitted again is one task.
    #[serde(default)]
    pub id: Option<String>,
    /// Milliseconds to look for the agent in the network, if nobody here is called so.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// Input or result. What is over 64 KiB goes as a file by itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Material {
    /// UTF-8.
    Text(String),
    /// A JSON value.
    Json(Value),
    /// Any bytes.
    Base64(String),
    /// A file of the daemon's machine.
    File(MaterialFile),
}

/// A file of the daemon's machine. It is copied when the call is made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialFile {
    /// Where it lies: an absolute path.
    pub path: String,
    /// What to call it; the last part of the path if absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// Which tasks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TasksQuery {
    /// Only those in which this is our part.
    #[serde(default)]
    #[param(inline)]
    pub role: Option<TaskRole>,
    /// Only those in these states, with commas between them.
    #[serde(default)]
    pub state: Option<String>,
    /// Only those with this agent: alias, name, address or card.
    #[serde(default)]
    pub who: Option<String>,
    /// At most so many, the newest, up to 1,000; 100 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Which of the two that may have the same id.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskPathQuery {
    /// The one in which this is our part.
    #[serde(default)]
    #[param(inline)]
    pub role: Option<TaskRole>,
}

/// A task to execute.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextRequest {
    /// Milliseconds that it stays taken without a word of progress; for ever if absent.
    #[serde(default)]
    pub lease_ms: Option<u64>,
    /// Milliseconds to wait for one; none if absent.
    #[serde(default)]
    pub wait_ms: Option<u64>,
}

/// How far it is. Without progress and text it only says that it goes on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// The attempt that was taken: who comes too late is refused. Any if absent.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// Thousandths that are done.
    #[serde(default)]
    pub progress: Option<u16>,
    /// What there is to say about it: up to 1 KiB.
    #[serde(default)]
    pub text: Option<String>,
}

/// It is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteRequest {
    /// The attempt that was taken; any if absent.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// The result.
    #[serde(default)]
    pub output: Option<Material>,
}

/// It cannot be done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailRequest {
    /// The attempt that was taken; any if absent.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// Why, for the requester: up to 1 KiB.
    pub reason: String,
}

/// It will not be done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// Why, for the requester: up to 1 KiB.
    #[serde(default)]
    pub reason: Option<String>,
}

/// It is not wanted any more.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// Why, for the worker: up to 1 KiB.
    #[serde(default)]
    pub text: Option<String>,
    /// End it here at once, whatever the worker does.
    #[serde(default)]
    pub abandon: bool,
}

/// What happened.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskLogQuery {
    /// Only what is after this sequence number.
    #[serde(default)]
    pub after: Option<u64>,
    /// At most so much, the last, up to 1,000; 100 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only what happened with this task: its id, or a unique beginning of that.
    #[serde(default)]
    pub task: Option<String>,
}

/// What happens from now on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskFollowQuery {
    /// Begin with what is after this sequence number; with what comes next if absent.
    #[serde(default)]
    pub after: Option<u64>,
    /// Only what happens with this task: its id, or a unique beginning of that.
    #[serde(default)]
    pub task: Option<String>,
    /// Accept what comes, and what waits, for as long as the call is open.
    #[serde(default)]
    pub accept: bool,
}
