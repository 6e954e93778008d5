//! Tasks for others and by others.

use std::{path::PathBuf, time::Duration};

use airway::{
    Material, NewTask, Node, Task, TaskRef,
    protocols::tasks::{Attachment, Content, Execution, TaskId},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, WAIT, done};

/// What is to be done.
#[derive(Debug, Deserialize)]
pub(super) struct Submit {
    who: String,
    description: String,
    input: Option<String>,
    /// In place of the text.
    file: Option<PathBuf>,
    limit_ms: Option<u64>,
    #[serde(default)]
    at_most_once: bool,
    /// Its id, if it is not to be chosen here.
    task: Option<TaskId>,
}

/// What has come of a task.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    task: TaskId,
    result: Option<String>,
    /// In place of the text.
    file: Option<PathBuf>,
}

/// Done once it is on our disk.
pub(super) async fn submit(node: &Node, submit: Submit) -> Answer {
    let contact = node.meet(&submit.who, WAIT).await?;
    let plain = NewTask::new(submit.description);
    let task = NewTask {
        id: submit.task,
        input: material(submit.input, submit.file),
        limit: submit.limit_ms.map_or(plain.limit, Duration::from_millis),
        execution: if submit.at_most_once { Execution::AtMostOnce } else { Execution::AtLeastOnce },
        ..plain
    };
    let task = node.task_submit(&contact, task).await?;
    Ok(json!({ "task": task.id.to_string() }))
}

pub(super) async fn show(node: &Node, task: TaskId) -> Answer {
    let task = node.task(&TaskRef::from(task)).await?;
    let mut shown = json!({
        "state": task.state.to_string(),
        "seq": task.seq,
        "attempt": task.attempt,
        "reason": task.reason.map(u8::from),
        "text": task.text,
        "progress": task.progress,
        "settled": task.settled,
        "receipt": receipt(&task),
    });
    match task.output {
        Some(Content::Inline { data }) => shown["output"] = String::from_utf8_lossy(&data).into(),
        Some(Content::File(file)) => shown["file"] = attached(&file),
        None => {}
    }
    Ok(shown)
}

fn receipt(task: &Task) -> Value {
    let shown = task.receipt.as_ref().map(|receipt| {
        let (hash, prev) = (receipt.hash().to_string(), receipt.place().prev.to_string());
        json!({ "seq": receipt.seq(), "reward": receipt.reward(), "hash": hash, "prev": prev })
    });
    shown.unwrap_or_default()
}

fn attached(file: &Attachment) -> Value {
    let (id, digest) = (file.id.to_string(), file.digest.to_string());
    json!({ "id": id, "name": file.name, "size": file.size, "digest": digest })
}

/// Takes the next one; if none is accepted, the oldest that is new.
pub(super) async fn next(node: &Node, wait: Duration, accept: bool) -> Answer {
    let _accepting = accept.then(|| node.accept_tasks());
    let Some(task) = node.task_next(None, wait).await? else { return Ok(json!({ "task": null })) };
    let input = match task.input {
        Some(Content::Inline { data }) => String::from_utf8_lossy(&data).into(),
        Some(Content::File(file)) => json!({ "file": attached(&file) }),
        None => Value::Null,
    };
    let (id, description, attempt) = (task.id.to_string(), task.description, task.attempt);
    Ok(json!({ "task": id, "description": description, "input": input, "attempt": attempt }))
}

pub(super) async fn accept(node: &Node, task: TaskId) -> Answer {
    node.task_accept(&TaskRef::from(task)).await?;
    done()
}

pub(super) async fn decline(node: &Node, task: TaskId, reason: Option<String>) -> Answer {
    node.task_decline(&TaskRef::from(task), reason).await?;
    done()
}

pub(super) async fn progress(
    node: &Node,
    task: TaskId,
    progress: Option<u16>,
    text: Option<String>,
) -> Answer {
    node.task_progress(&TaskRef::from(task), None, progress, text).await?;
    done()
}

/// Done once it is on our disk.
pub(super) async fn complete(node: &Node, Done { task, result, file }: Done) -> Answer {
    node.task_complete(&TaskRef::from(task), None, material(result, file)).await?;
    done()
}

pub(super) async fn fail(node: &Node, task: TaskId, reason: String) -> Answer {
    node.task_fail(&TaskRef::from(task), None, reason).await?;
    done()
}

/// Done once it is on our disk that the other is to be asked.
pub(super) async fn cancel(node: &Node, task: TaskId) -> Answer {
    node.task_cancel(&TaskRef::from(task), None, false).await?;
    done()
}

fn material(text: Option<String>, file: Option<PathBuf>) -> Option<Material> {
    let file = file.map(|path| Material::File { path, name: None });
    file.or_else(|| text.map(|text| Material::Inline(text.into_bytes())))
}
