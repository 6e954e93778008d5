//! One of the two is away, or both are in turn.

use airway::protocols::tasks::State;

use super::stage::{both_have_a_receipt, leave, next, result, settled, stands, submit, task, work};
use crate::common::{friends, until};

#[tokio::test]
async fn a_task_waits_for_its_worker_and_a_result_for_its_requester() {
    let (alice, bob) = friends().await;
    leave(&bob).await;
    let id = submit(&alice, "bob", "olleh", None).await;
    let waiting = task(&alice.node, id).await;
    assert_eq!((waiting.state, waiting.settled), (State::Submitted, false));

    let bob = bob.restart("bob").await;
    let accepting = bob.node.accept_tasks();
    let begun = next(&bob.node).await;
    assert_eq!((begun.id, begun.attempt), (id, 1));
    stands(&alice.node, id, State::Executing).await;
    leave(&alice).await;
    drop(accepting);
    bob.node
        .task_complete(&id.into(), Some(1), Some(airway::Material::Inline(b"hello".into())))
        .await
        .unwrap();
    let done = task(&bob.node, id).await;
    assert_eq!((done.state, done.settled), (State::Completed, false));

    let alice = alice.restart("alice").await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    assert_eq!(result(&task(&alice.node, id).await), b"hello");
}

#[tokio::test]
async fn what_was_to_be_said_is_said_after_a_restart() {
    let (alice, bob) = friends().await;
    leave(&bob).await;
    let first = submit(&alice, "bob", "1", None).await;
    let second = submit(&alice, "bob", "2", None).await;
    alice.node.task_cancel(&second.into(), Some("no need".into()), false).await.unwrap();
    let alice = alice.restart("alice").await;
    let bob = bob.restart("bob").await;
    let _accepting = bob.node.accept_tasks();
    let off = settled(&alice.node, second, State::Cancelled).await;
    assert!(!off.cancelling && off.receipt.is_none());
    settled(&bob.node, second, State::Cancelled).await;
    assert_eq!(next(&bob.node).await.id, first, "what was called off never began");

    // The worker ends it while both are about to go.
    bob.node.task_fail(&first.into(), None, "no idea".into()).await.unwrap();
    let (alice, bob) = (alice.restart("alice").await, bob.restart("bob").await);
    let failed = settled(&alice.node, first, State::Failed).await;
    assert_eq!(failed.text.as_deref(), Some("no idea"));
    settled(&bob.node, first, State::Failed).await;
}

#[tokio::test]
async fn many_tasks_keep_their_order_over_restarts_of_both() {
    const TASKS: usize = 60;
    let (alice, bob) = friends().await;
    leave(&bob).await;
    let mut ids = Vec::new();
    for number in 0..TASKS {
        ids.push(submit(&alice, "bob", &number.to_string(), None).await);
    }
    let bob = bob.restart("bob").await;
    let accepting = bob.node.accept_tasks();
    let mut done = Vec::new();
    for _ in 0..TASKS / 3 {
        done.push(work(&bob.node).await);
    }
    let alice = alice.restart("alice").await;
    for _ in 0..TASKS / 3 {
        done.push(work(&bob.node).await);
    }
    drop(accepting);
    let bob = bob.restart("bob").await;
    let _accepting = bob.node.accept_tasks();
    for _ in 0..TASKS / 3 {
        done.push(work(&bob.node).await);
    }
    assert_eq!(done, ids);
    for (number, id) in ids.into_iter().enumerate() {
        both_have_a_receipt(&alice.node, &bob.node, id).await;
        let backwards: String = number.to_string().chars().rev().collect();
        assert_eq!(result(&task(&alice.node, id).await), backwards.as_bytes());
    }
    until("nothing is owed", async || {
        let all = alice.node.tasks(airway::TaskFilter::default()).await.unwrap();
        all.len() == TASKS && all.iter().all(|task| task.settled)
    })
    .await;
}
