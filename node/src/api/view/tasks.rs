//! How tasks look to a caller.

use data_encoding::BASE64;

use super::time;
use crate::{
    Node, Role,
    api::{
        Task, TaskContent, TaskEntry, TaskExecution, TaskFile, TaskReason, TaskReceipt, TaskRole, TaskState,
    },
    protocols::{
        agent::AgentId,
        tasks::{Attachment, Content, Execution, Reason, State},
    },
};

/// What an agent is called: full address, and alias or name while it is a contact.
pub(in crate::api) fn named(node: &Node, agent: &AgentId) -> (String, Option<String>) {
    match node.contact(agent) {
        Some(contact) => (contact.endpoint().to_string(), contact.alias.or(contact.name)),
        None => (node.endpoint_of(agent).to_string(), None),
    }
}

impl Task {
    pub(in crate::api) fn of(node: &Node, task: crate::Task) -> Self {
        let (agent, name) = named(node, &task.agent);
        let input = task.input.as_ref().map(|input| content(node, &task, input));
        let output = task.output.as_ref().map(|output| content(node, &task, output));
        Self {
            role: task.role.into(),
            id: task.id.to_string(),
            agent,
            name,
            state: task.state.into(),
            a2a: task.state.a2a().into(),
            seq: task.seq,
            attempt: task.attempt,
            description: task.description,
            input,
            limit_ms: task.limit,
            execution: task.execution.into(),
            max_reward: task.max_reward,
            supersedes: task.supersedes.map(|id| id.to_string()),
            reason: task.reason.map(Into::into),
            text: task.text,
            progress: task.progress,
            output,
            cancelling: task.cancelling,
            stalled: task.stalled,
            settled: task.settled,
            receipt: task.receipt.map(|receipt| TaskReceipt {
                seq: receipt.seq(),
                reward: receipt.reward(),
                hash: receipt.hash().to_string(),
            }),
            position: task.position.map(|position| position as u64),
            created_at: time(task.created_at),
            changed_at: time(task.changed_at),
        }
    }
}

/// Input or result: short ones as they are, files with their place if they were received.
fn content(node: &Node, task: &crate::Task, content: &Content) -> TaskContent {
    match content {
        Content::Inline { data } => shown(data),
        Content::File(file) => TaskContent::File(described(node, task, file)),
    }
}

/// Bytes as what they look like. Nobody says what they are, and a word or a number is shown as it stands.
fn shown(bytes: &[u8]) -> TaskContent {
    if let [b'{' | b'[', ..] = bytes.trim_ascii_start()
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return TaskContent::Json(value);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => TaskContent::Text(text.to_owned()),
        Err(_) => TaskContent::Base64(BASE64.encode(bytes)),
    }
}

fn described(node: &Node, task: &crate::Task, file: &Attachment) -> TaskFile {
    TaskFile {
        id: file.id.to_string(),
        name: file.name.clone(),
        size: file.size,
        digest: file.digest.to_string(),
        path: node.received_file(&task.agent, file).map(|path| path.display().to_string()),
    }
}

impl TaskEntry {
    pub(in crate::api) fn of(node: &Node, entry: crate::TaskEntry) -> Self {
        let (agent, name) = named(node, &entry.agent);
        Self {
            seq: entry.seq,
            at: time(entry.at),
            role: entry.role.into(),
            agent,
            name,
            task: entry.task.to_string(),
            what: entry.what,
            state: entry.state.map(Into::into),
            text: entry.text,
        }
    }
}

impl From<Role> for TaskRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Requester => Self::Requester,
            Role::Worker => Self::Worker,
        }
    }
}

impl From<TaskRole> for Role {
    fn from(role: TaskRole) -> Self {
        match role {
            TaskRole::Requester => Self::Requester,
            TaskRole::Worker => Self::Worker,
        }
    }
}

impl From<State> for TaskState {
    fn from(state: State) -> Self {
        match state {
            State::Submitted => Self::Submitted,
            State::New => Self::New,
            State::Accepted => Self::Accepted,
            State::Executing => Self::Executing,
            State::Completed => Self::Completed,
            State::Succeeded => Self::Succeeded,
            State::Declined => Self::Declined,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
            State::Expired => Self::Expired,
        }
    }
}

impl From<Execution> for TaskExecution {
    fn from(execution: Execution) -> Self {
        match execution {
            Execution::AtLeastOnce => Self::AtLeastOnce,
            Execution::AtMostOnce => Self::AtMostOnce,
        }
    }
}

impl From<TaskExecution> for Execution {
    fn from(execution: TaskExecution) -> Self {
        match execution {
            TaskExecution::AtLeastOnce => Self::AtLeastOnce,
            TaskExecution::AtMostOnce => Self::AtMostOnce,
        }
    }
}

impl From<Reason> for TaskReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::ByWorker => Self::Worker,
            Reason::NotAccepted => Self::NotAccepted,
            Reason::HeadTooLong => Self::NotStarted,
            Reason::ByRequester => Self::Requester,
            Reason::Limit => Self::Limit,
            Reason::Interrupted => Self::Interrupted,
            Reason::TrustEnded => Self::TrustEnded,
            Reason::Unreachable => Self::Unreachable,
            Reason::Abandoned => Self::Abandoned,
            Reason::File => Self::File,
            Reason::Refused => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn content_is_shown_as_what_it_looks_like() {
        assert_eq!(shown(b" {\"a\": [1]}"), TaskContent::Json(json!({"a": [1]})));
        assert_eq!(shown(b"{not json"), TaskContent::Text("{not json".into()));
        assert_eq!(shown(b"7"), TaskContent::Text("7".into()));
        assert_eq!(shown(&[0, 255]), TaskContent::Base64("AP8=".into()));
    }

    #[test]
    fn the_names_of_states_are_the_same_everywhere() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(TaskState::from(state)).unwrap(), state.name());
            assert_eq!(TaskState::from(state).is_final(), state.is_final());
        }
    }
}
