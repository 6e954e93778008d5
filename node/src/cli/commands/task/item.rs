//! How a task looks. Description, texts and names are those of another agent.

use serde::Serialize;

use crate::{
    TaskEvent,
    api::{Task, TaskContent, TaskEntry, TaskExecution, TaskReason, TaskRole, TaskState},
    cli::output::{Output, View, clean, human, layout::Fields},
};

/// The other agent, as short as we know it.
pub(super) fn other(task: &Task) -> &str {
    task.name.as_deref().unwrap_or(&task.agent)
}

/// Whose task it is, and who does it.
pub(super) fn sides(task: &Task) -> (String, String) {
    let (me, other) = ("me".to_owned(), other(task).to_owned());
    match task.role {
        TaskRole::Requester => (me, other),
        TaskRole::Worker => (other, me),
    }
}

/// A state in a word.
pub(in crate::cli::commands) fn word(state: TaskState) -> &'static str {
    match state {
        TaskState::Submitted => "submitted",
        TaskState::New => "new",
        TaskState::Accepted => "accepted",
        TaskState::Executing => "executing",
        TaskState::Completed => "completed",
        TaskState::Succeeded => "succeeded",
        TaskState::Declined => "declined",
        TaskState::Failed => "failed",
        TaskState::Cancelled => "cancelled",
        TaskState::Expired => "expired",
    }
}

/// How far it is, with what is remarkable about that.
pub(super) fn state(task: &Task) -> String {
    let mut text = word(task.state).to_owned();
    if task.state == TaskState::Executing
        && let Some(progress) = task.progress
    {
        text.push_str(&format!(" {}", percent(progress)));
    }
    if task.stalled {
        text.push_str(", stalled");
    }
    if task.cancelling && !task.state.is_final() {
        text.push_str(", to be cancelled");
    }
    if let Some(position) = task.position {
        text.push_str(&format!(", {}", place(position)));
    }
    text
}

/// A place in the queue.
fn place(position: u64) -> String {
    if position == 0 { "next".into() } else { format!("{position} before it") }
}

/// Thousandths as people read them.
pub(super) fn percent(thousandths: u16) -> String {
    format!("{} %", thousandths / 10)
}

/// Why it ended without a result.
pub(super) fn reason(task: &Task) -> Option<&'static str> {
    let worker = task.role == TaskRole::Requester;
    Some(match task.reason? {
        TaskReason::Worker if worker => "the worker says so",
        TaskReason::Worker => "you said so",
        TaskReason::NotAccepted => "nobody accepted it in time",
        TaskReason::NotStarted => "nobody began with it in time",
        TaskReason::Requester if worker => "you took it back",
        TaskReason::Requester => "the requester took it back",
        TaskReason::Limit => "it took longer than it may",
        TaskReason::Interrupted => "it was broken off, and may not be repeated",
        TaskReason::TrustEnded => "the trust between the two has ended",
        TaskReason::Unreachable => "the worker could not be reached",
        TaskReason::Abandoned => "it was given up without the worker's word",
        TaskReason::File => "a file that belongs to it could not be delivered",
        TaskReason::Refused => "the worker did not take it",
    })
}

/// Input or result, in a line.
pub(super) fn content(content: &TaskContent) -> String {
    let bytes = |bytes: usize| human::size(bytes as u64);
    match content {
        TaskContent::Text(text) => format!("text, {}", bytes(text.len())),
        TaskContent::Json(value) => format!("JSON, {}", bytes(value.to_string().len())),
        TaskContent::Base64(text) => format!("binary, {}", bytes(text.trim_end_matches('=').len() * 3 / 4)),
        TaskContent::File(file) => {
            let place = file.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
            format!("file {}, {}{place}", file.name, human::size(file.size))
        }
    }
}

/// Input or result as a block, if it is to be read.
pub(super) fn block(content: &TaskContent) -> Option<String> {
    match content {
        TaskContent::Text(text) => Some(clean::block(text)),
        TaskContent::Json(value) => Some(clean::block(&format!("{value:#}"))),
        TaskContent::Base64(_) | TaskContent::File(_) => None,
    }
}

/// A task in full.
pub(super) fn text(task: &Task, view: &View) -> String {
    let (from, to) = sides(task);
    let execution = match task.execution {
        TaskExecution::AtLeastOnce => "at least once",
        TaskExecution::AtMostOnce => "at most once",
    };
    let limit = human::duration(task.limit_ms / 1000);
    let receipt = task
        .receipt
        .as_ref()
        .map(|receipt| format!("number {} between the two, reward {}", receipt.seq, receipt.reward));
    let fields = Fields::default()
        .add("id", &task.id)
        .add("from", from)
        .add("to", to)
        .add("agent", &task.agent)
        .add("state", state(task))
        .add_some("because", reason(task))
        .add_some("in words", task.text.as_deref())
        .add_some("attempt", (task.attempt > 0).then(|| task.attempt.to_string()))
        .add("may take", format!("{limit}, {execution}, for up to {}", task.max_reward))
        .add_some("replaces", task.supersedes.as_deref())
        .add_some("input", task.input.as_ref().map(content))
        .add_some("result", task.output.as_ref().map(content))
        .add_some("receipt", receipt)
        .add("since", human::local(task.created_at, view))
        .add("changed", human::ago(task.changed_at, view));
    let mut text = format!("{}\n\n{}", fields.text(), clean::block(&task.description));
    if let Some(output) = task.output.as_ref().and_then(block) {
        text.push_str(&format!("\n\nresult:\n{output}"));
    }
    text
}

/// What happened, in a few words.
fn happened(event: &TaskEntry) -> String {
    let refused = |why: &str| format!("refused: {why}");
    match (event.what, event.state) {
        (TaskEvent::Changed, Some(state)) => word(state).into(),
        (TaskEvent::Changed, None) => "changed".into(),
        (TaskEvent::Progress, _) => "goes on".into(),
        (TaskEvent::Requeued, _) => "broke off, and waits in the queue again".into(),
        (TaskEvent::Cancelling, _) => "is to be cancelled".into(),
        (TaskEvent::WrongWorker, _) => refused("a report by an agent that it was not given to"),
        (TaskEvent::WrongRequester, _) => refused("an agent wanted to end or see a task of another"),
        (TaskEvent::NotAllowed, _) => refused("it may not submit tasks, see airway scope"),
        (TaskEvent::Invalid, _) => refused("it breaks a rule"),
        (TaskEvent::Conflict, _) => refused("another task has this id"),
        (TaskEvent::Full, _) => refused("there is no room for it"),
        (TaskEvent::Score, _) => refused("the score of the requester is too low, see airway polo"),
        (TaskEvent::Unknown, _) => refused("nothing is known of such a task"),
        (TaskEvent::Abandoned, _) => refused("it was given up before"),
        (TaskEvent::Closed, _) => refused("it has come to another end before"),
        (TaskEvent::NoFile, _) => refused("a file that belongs to it is not here"),
        (TaskEvent::BadClaim, _) => refused("the claim of the worker does not fit it"),
        (TaskEvent::BadReceipt, _) => refused("the receipt of the requester does not fit it"),
    }
}

/// Something that happened, in a line.
pub(super) fn event(event: &TaskEntry, view: &View) -> String {
    let who = clean::line(event.name.as_deref().unwrap_or(&event.agent));
    let whose = match event.role {
        TaskRole::Requester => format!("to {who}"),
        TaskRole::Worker => format!("of {who}"),
    };
    let (time, what) = (human::local(event.at, view), happened(event));
    let mut line = format!("{time}  {}  {}  {whose}: {what}", event.seq, clean::line(&event.task));
    if let Some(text) = &event.text {
        line.push_str(&format!(": {}", clean::line(text)));
    }
    line
}

/// A task after something was done about it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Done(pub(super) Task);

impl Output for Done {
    fn text(&self, _view: &View) -> String {
        format!("{} {}", state(&self.0), clean::line(&self.0.id))
    }
}

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Happened(pub(super) TaskEntry);

impl Output for Happened {
    fn text(&self, view: &View) -> String {
        event(&self.0, view)
    }
}
