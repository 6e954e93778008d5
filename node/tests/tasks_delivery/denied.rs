//! What the other does not take: for good, or for now.

use airway::{
    TICKET_LIFE, TaskFilter, Terms,
    protocols::{
        tasks::{Reason, State, TaskId},
        trust::Scopes,
    },
};

use super::stage::{settled, stands, submit, task, work};
use crate::common::{Agent, PATIENCE, befriend, until};

/// Open tasks that a worker takes of a requester that it has no receipts with.
const OPEN: usize = 3;

#[tokio::test]
async fn whoever_may_not_submit_is_declined_at_once_and_may_still_work() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    let narrow = Terms { scopes: Some(Scopes { submit: false, ..Scopes::everything() }), alias: None };
    let ticket = bob.node.ticket(narrow, TICKET_LIFE, false).await.unwrap();
    alice.node.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();

    let id = submit(&alice, "bob", "please", None).await;
    let declined = settled(&alice.node, id, State::Declined).await;
    assert_eq!(declined.reason, Some(Reason::Refused));
    assert!(bob.node.task(&id.into()).await.is_err());

    let _accepting = alice.node.accept_tasks();
    let id = submit(&bob, "alice", "gnihton", None).await;
    work(&alice.node).await;
    settled(&bob.node, id, State::Succeeded).await;
    settled(&alice.node, id, State::Succeeded).await;
}

#[tokio::test]
async fn another_task_under_a_known_id_is_declined() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    befriend(&alice, &bob).await;
    let id = submit(&alice, "bob", "one", None).await;
    stands(&alice.node, id, State::New).await;
    // She has lost what she knew of it.
    let other = Agent::new("other").await;
    befriend(&other, &bob).await;
    let again = airway::NewTask { id: Some(id), ..airway::NewTask::new("two") };
    other.node.task_submit(&other.who("bob"), again).await.unwrap();
    stands(&other.node, id, State::New).await;
    let both = bob.node.tasks(TaskFilter::default()).await.unwrap();
    assert_eq!(both.len(), 2, "ids are each requester's own");
    let again = airway::NewTask { id: Some(id), ..airway::NewTask::new("three") };
    alice.node.task_submit(&alice.who("bob"), again).await.unwrap_err();
    assert_eq!(task(&alice.node, id).await.description, "one");
}

#[tokio::test]
async fn what_a_worker_has_no_room_for_is_taken_when_it_has() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    befriend(&alice, &bob).await;
    let _accepting = bob.node.accept_tasks();
    let mut ids: Vec<TaskId> = Vec::new();
    for number in 0..3 * OPEN {
        ids.push(submit(&alice, "bob", &number.to_string(), None).await);
    }
    let waiting = async || {
        let states = vec![State::Submitted];
        alice.node.tasks(TaskFilter { states, ..TaskFilter::default() }).await.unwrap().len()
    };
    until("as many were taken as may be", async || waiting().await == 2 * OPEN).await;
    assert_eq!(bob.node.task_queue().await.unwrap().len(), OPEN);
    for id in &ids {
        assert_eq!(work(&bob.node).await, *id, "in the order of submission");
    }
    for id in ids {
        settled(&alice.node, id, State::Succeeded).await;
    }
}
