use airway::{
    NewTask, Overrides, Role,
    protocols::tasks::{Reason, State},
};

use super::work::{agent, open, task, which};
use crate::common::{Agent, LISTEN, befriend, until};

/// A worker with these settings of tasks, and somebody who has something to do.
async fn with(settings: Overrides) -> (Agent, Agent) {
    let settings = Overrides { tasks_accept: Some("auto".into()), ..settings };
    let worker = Agent::set("worker", settings, &LISTEN).await;
    let requester = open("requester").await;
    befriend(&requester, &worker).await;
    (requester, worker)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_worth_less_than_the_threshold_is_declined() {
    let (requester, worker) = with(Overrides { tasks_threshold: Some(1.5), ..Overrides::default() }).await;
    assert_eq!(worker.node.polo(&agent(&requester)).score.milli, 1_000);
    let submitted =
        requester.node.task_submit(&requester.who("worker"), NewTask::new("do it")).await.unwrap();
    until("it is declined", || async {
        let task = task(&requester.node, Role::Requester, submitted.id).await.unwrap();
        (task.state, task.reason) == (State::Declined, Some(Reason::Refused))
    })
    .await;
    assert!(task(&worker.node, Role::Worker, submitted.id).await.is_none(), "nothing is kept of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_has_three_open_tasks_and_the_fourth_waits() {
    let (requester, worker) = with(Overrides::default()).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let to = requester.who("worker");
        ids.push(requester.node.task_submit(&to, NewTask::new("do it")).await.unwrap().id);
    }
    let accepted = || async {
        let mut accepted = 0;
        for id in &ids {
            let task = task(&requester.node, Role::Requester, *id).await.unwrap();
            accepted += usize::from(task.state == State::Accepted);
        }
        accepted
    };
    until("three are accepted", || async { accepted().await == 3 }).await;
    let first = worker.node.task_next(None, crate::common::PATIENCE).await.unwrap().unwrap();
    worker.node.task_complete(&which(Role::Worker, first.id), None, None).await.unwrap();
    until("the fourth takes the place of the first", || async { accepted().await == 3 }).await;
    let done = task(&worker.node, Role::Worker, first.id).await.unwrap();
    assert!(done.max_reward <= 5, "a newcomer may promise anything: {}", done.max_reward);
}
