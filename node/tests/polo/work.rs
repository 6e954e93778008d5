//! Agents that do tasks for each other.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    NewTask, Node, Overrides, Role, Task, TaskRef,
    protocols::{agent::AgentId, tasks::TaskId},
};

use crate::common::{Agent, LISTEN, PATIENCE, befriend, until};

/// An agent that works for everybody and shows its receipts.
pub(super) async fn open(name: &str) -> Agent {
    let settings = Overrides {
        tasks_policy: Some("open".into()),
        tasks_accept: Some("auto".into()),
        polo_share: Some(true),
        ..Overrides::default()
    };
    Agent::set(name, settings, &LISTEN).await
}

/// Two of them, that trust each other.
pub(super) async fn pair() -> (Agent, Agent) {
    let (alice, bob) = (open("alice").await, open("bob").await);
    befriend(&alice, &bob).await;
    (alice, bob)
}

pub(super) fn agent(of: &Agent) -> AgentId {
    of.node.me().agent
}

/// A task by its whole id.
pub(super) fn which(role: Role, id: TaskId) -> TaskRef {
    TaskRef { id: id.to_string().parse().unwrap(), role: Some(role) }
}

/// A task as one side has it.
pub(super) async fn task(node: &Node, role: Role, id: TaskId) -> Option<Task> {
    node.task(&which(role, id)).await.ok()
}

/// Has the worker do a task, and waits until both have its receipt, and count it.
pub(super) async fn work(requester: &Agent, worker: &Agent) -> TaskId {
    let to = requester.node.find(&worker.node.me().name.unwrap()).unwrap();
    let before = counted(requester, worker);
    let id = requester.node.task_submit(&to, NewTask::new("do it")).await.unwrap().id;
    let taken = worker.node.task_next(None, PATIENCE).await.unwrap().unwrap();
    assert_eq!(taken.id, id);
    worker.node.task_complete(&which(Role::Worker, id), None, None).await.unwrap();
    for (node, role) in [(&requester.node, Role::Requester), (&worker.node, Role::Worker)] {
        until("both have the receipt", || async {
            task(node, role, id).await.is_some_and(|task| task.receipt.is_some())
        })
        .await;
    }
    until("both count it", || async {
        counted(requester, worker).iter().zip(before).all(|(now, then)| *now > then)
    })
    .await;
    id
}

/// Receipts of the worker that each of the two counts.
fn counted(requester: &Agent, worker: &Agent) -> [u64; 2] {
    [requester, worker].map(|one| one.node.polo(&agent(worker)).known.as_worker)
}
