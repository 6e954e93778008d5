//! What time does to tasks. A restart counts the time that the agent was down, so a mark on the disk that is older than it
//! looks lets hours pass.

use std::time::Duration;

use airway::{
    NewTask,
    protocols::{
        polo::Outcome,
        tasks::{Reason, State},
    },
    store::{Mark, Store},
};

use super::stage::{leave, next, settled, stands, submit, task};
use crate::common::{Agent, friends};

/// Ends an agent and starts it so much later.
async fn later(agent: Agent, name: &str, by: Duration) -> Agent {
    leave(&agent).await;
    let store = Store::open(&agent.home.path().join("airway.db")).unwrap();
    let mark = store.steady_mark().await.unwrap().unwrap();
    let steady = mark.steady + u64::try_from(by.as_millis()).unwrap();
    store.set_steady_mark(Mark { steady, ..mark }).await.unwrap();
    store.close().await;
    agent.restart(name).await
}

#[tokio::test]
async fn what_nobody_accepts_in_a_minute_is_called_off() {
    let (alice, bob) = friends().await;
    let id = submit(&alice, "bob", "x", None).await;
    stands(&bob.node, id, State::New).await;
    let bob = later(bob, "bob", Duration::from_secs(59)).await;
    // On a loaded machine the last second may have passed.
    let bob = later(bob, "bob", Duration::from_secs(1)).await;
    for node in [&bob.node, &alice.node] {
        let ended = settled(node, id, State::Cancelled).await;
        assert_eq!(ended.reason, Some(Reason::NotAccepted));
        assert!(ended.receipt.is_none());
    }
}

#[tokio::test]
async fn what_is_first_in_the_queue_for_an_hour_expires_and_costs_the_worker() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let first = submit(&alice, "bob", "first", None).await;
    stands(&bob.node, first, State::Accepted).await;
    let second = submit(&alice, "bob", "second", None).await;
    stands(&bob.node, second, State::Accepted).await;
    let bob = later(bob, "bob", Duration::from_secs(3600)).await;
    for node in [&bob.node, &alice.node] {
        let expired = settled(node, first, State::Expired).await;
        assert_eq!(expired.reason, Some(Reason::HeadTooLong));
        let receipt = expired.receipt.unwrap();
        assert_eq!((receipt.claim().outcome(), receipt.reward()), (Outcome::Expired, 0));
    }
    // The hour of the second begins now.
    assert_eq!(next(&bob.node).await.id, second);
}

#[tokio::test]
async fn what_takes_longer_than_its_limit_is_called_off_by_the_worker() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let new = NewTask { limit: Duration::from_secs(1), ..NewTask::new("x") };
    let id = alice.node.task_submit(&alice.who("bob"), new).await.unwrap().id;
    for node in [&alice.node, &bob.node] {
        assert_eq!(settled(node, id, State::Cancelled).await.reason, Some(Reason::Limit));
    }
}

#[tokio::test]
async fn whoever_executes_has_the_whole_lease_again_after_a_restart() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    let lease = Duration::from_secs(300);
    let taken = bob.node.task_next(Some(lease), crate::common::PATIENCE).await.unwrap().unwrap();
    assert_eq!(taken.id, id);
    let bob = later(bob, "bob", lease * 2).await;
    assert_eq!(task(&bob.node, id).await.state, State::Executing);
    bob.node.task_progress(&id.into(), Some(1), Some(1), None).await.unwrap();
}
