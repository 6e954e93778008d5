//! A task, from its submission to its receipt, and what both are worth since.

use std::time::Duration;

use super::{WAIT, failed, until};
use crate::{
    Material, NewTask, Node, Task, TaskRef,
    api::Error,
    protocols::{
        polo::Receipt,
        tasks::{Content, State},
    },
};

/// What alice wants to know, and of what.
const QUESTION: &str = "how many words?";
const WORDS: &str = "the quick brown fox jumps over the lazy dog";

/// How long bob may say nothing while he counts.
const LEASE: Duration = Duration::from_secs(60);

/// Alice gives bob a task, he does it, and she has the result; returns it as she sees it.
pub(super) async fn have_done(alice: &Node, bob: &Node) -> Result<Task, Error> {
    // As `airway worker` does: what comes is accepted for as long as somebody is there to do it.
    let accepting = bob.accept_tasks();
    let input = Some(Material::Inline(WORDS.into()));
    let asked = alice.task_submit(&alice.find("bob")?, NewTask { input, ..NewTask::new(QUESTION) }).await?;
    let taken = bob.task_next(Some(LEASE), WAIT).await?.ok_or_else(|| failed("no task has come to bob"))?;
    let Some(Content::Inline { data }) = &taken.input else {
        return Err(failed("the task has come without its input"));
    };
    let count = String::from_utf8_lossy(data).split_whitespace().count();
    let result = Material::Inline(count.to_string().into_bytes());
    bob.task_complete(&TaskRef::from(taken.id), Some(taken.attempt), Some(result)).await?;
    drop(accepting);
    succeeded(alice, &asked).await
}

/// What the result says.
pub(super) fn result(task: &Task) -> String {
    match &task.output {
        Some(Content::Inline { data }) => String::from_utf8_lossy(data).into_owned(),
        _ => String::new(),
    }
}

/// The receipt, once bob has it as well; it is an error if his is another.
pub(super) async fn receipt(alice: &Node, bob: &Node, task: &Task) -> Result<Receipt, Error> {
    let hers = succeeded(alice, task).await?.receipt;
    let his = succeeded(bob, task).await?.receipt;
    match (hers, his) {
        (Some(hers), Some(his)) if hers.hash() == his.hash() => Ok(hers),
        other => Err(failed(format!("the two have not the same receipt: {other:?}"))),
    }
}

/// What the receipts say of a worker, by the requester's view: raw, and in thousandths of what it is worth to her.
pub(super) async fn scores(requester: &Node, worker: &Node) -> Result<(i64, u64), Error> {
    let agent = worker.me().agent;
    until("score", async || {
        let polo = requester.polo(&agent);
        Ok((polo.known.as_worker > 0).then_some((polo.known.raw, polo.score.milli)))
    })
    .await
}

async fn succeeded(node: &Node, task: &Task) -> Result<Task, Error> {
    let which = TaskRef::from(task.id);
    until("result", async || {
        let task = node.task(&which).await?;
        match task.state {
            State::Succeeded => Ok(Some(task)),
            state if state.is_final() => Err(failed(format!("the task is {state}: {:?}", task.text))),
            _ => Ok(None),
        }
    })
    .await
}
