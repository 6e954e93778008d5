//! Tasks between real nodes, and what both know of them.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path, time::Duration};

use airway::{
    Material, NewTask, Node, Task,
    protocols::tasks::{Content, State, TaskId},
};

use crate::common::{Agent, PATIENCE, until};

/// One of two agents, and the other by its name.
pub(super) async fn submit(from: &Agent, to: &str, description: &str, input: Option<Material>) -> TaskId {
    let task = NewTask { input, ..NewTask::new(description) };
    from.node.task_submit(&from.who(to), task).await.unwrap().id
}

/// A task as an agent knows it now.
pub(super) async fn task(at: &Node, id: TaskId) -> Task {
    at.task(&id.into()).await.unwrap()
}

/// Waits until an agent knows a task to stand here, and everybody has heard everything of it.
pub(super) async fn settled(at: &Node, id: TaskId, state: State) -> Task {
    let stands = async || {
        let task = task(at, id).await;
        task.state == state && task.settled
    };
    let what = format!("it is {state} and settled");
    until(&what, stands).await;
    task(at, id).await
}

/// Waits until an agent knows a task to stand here.
pub(super) async fn stands(at: &Node, id: TaskId, state: State) -> Task {
    let what = format!("it is {state}");
    until(&what, async || at.task(&id.into()).await.is_ok_and(|task| task.state == state)).await;
    task(at, id).await
}

/// Takes the first task of the queue.
pub(super) async fn next(at: &Node) -> Task {
    at.task_next(None, PATIENCE).await.unwrap().unwrap()
}

/// Does the first task of the queue: its result is what was asked, backwards.
pub(super) async fn work(at: &Node) -> TaskId {
    let task = next(at).await;
    let result = task.description.chars().rev().collect::<String>();
    complete(at, task.id, Material::Inline(result.into_bytes())).await;
    task.id
}

pub(super) async fn complete(at: &Node, id: TaskId, result: Material) {
    at.task_complete(&id.into(), None, Some(result)).await.unwrap();
}

/// The inline bytes of a result.
pub(super) fn result(task: &Task) -> &[u8] {
    match &task.output {
        Some(Content::Inline { data }) => data,
        other => panic!("no result: {other:?}"),
    }
}

/// Both have the same receipt of a task that succeeded.
pub(super) async fn both_have_a_receipt(requester: &Node, worker: &Node, id: TaskId) {
    let (asked, done) =
        (settled(requester, id, State::Succeeded).await, settled(worker, id, State::Succeeded).await);
    let bytes = |task: &Task| task.receipt.as_ref().unwrap().as_bytes().to_vec();
    assert_eq!(bytes(&asked), bytes(&done));
}

/// How many copies of files an agent keeps for tasks.
pub(super) fn copies(home: &Path) -> usize {
    fs::read_dir(home.join("tasks")).map_or(0, |entries| entries.count())
}

/// Waits until an agent keeps no copies any more.
pub(super) async fn no_copies(at: &Agent) {
    until("no copies are left", async || copies(at.home.path()) == 0).await;
}

/// Ends the node of an agent; its home stays.
pub(super) async fn leave(agent: &Agent) {
    agent.node.shut_down().await;
}

/// Longer than anything takes that is to happen.
pub(super) const LONG: Duration = Duration::from_secs(3600);
