//! Calling tasks off, wherever they stand.

use airway::{
    Material, TaskError,
    protocols::tasks::{Reason, State},
};

use super::stage::{complete, leave, next, settled, stands, submit, task};
use crate::common::{friends, until};

#[tokio::test]
async fn a_task_can_be_called_off_until_there_is_a_result() {
    let (alice, bob) = friends().await;
    let new = submit(&alice, "bob", "new", None).await;
    stands(&bob.node, new, State::New).await;
    let queued = submit(&alice, "bob", "queued", None).await;
    stands(&bob.node, queued, State::New).await;
    let begun = submit(&alice, "bob", "begun", None).await;
    stands(&bob.node, begun, State::New).await;
    bob.node.task_accept(&begun.into()).await.unwrap();
    assert_eq!(next(&bob.node).await.id, begun);
    bob.node.task_accept(&queued.into()).await.unwrap();
    for id in [new, queued, begun] {
        alice.node.task_cancel(&id.into(), Some("not needed".into()), false).await.unwrap();
        for node in [&alice.node, &bob.node] {
            let ended = settled(node, id, State::Cancelled).await;
            assert_eq!(ended.reason, Some(Reason::ByRequester));
            assert_eq!(ended.text.as_deref(), Some("not needed"));
            assert!(ended.receipt.is_none() && !ended.cancelling);
        }
    }
    // Whoever executes it hears so.
    let refused = bob.node.task_complete(&begun.into(), Some(1), None).await;
    assert!(matches!(refused, Err(TaskError::State { state: State::Cancelled, .. })), "{refused:?}");
    assert!(bob.node.task_queue().await.unwrap().is_empty());
    let refused = alice.node.task_cancel(&new.into(), None, false).await;
    assert!(matches!(refused, Err(TaskError::State { state: State::Cancelled, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_result_that_was_there_first_counts() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    stands(&alice.node, id, State::Executing).await;
    leave(&alice).await;
    complete(&bob.node, id, Material::Inline(b"y".into())).await;
    leave(&bob).await;
    let alice = alice.restart("alice").await;
    let cancelling = alice.node.task_cancel(&id.into(), None, false).await.unwrap();
    assert!(cancelling.cancelling && !cancelling.settled);
    let bob = bob.restart("bob").await;
    for node in [&alice.node, &bob.node] {
        assert!(settled(node, id, State::Succeeded).await.receipt.is_some());
    }
}

#[tokio::test]
async fn what_is_called_off_before_its_worker_has_heard_of_it_never_begins() {
    let (alice, bob) = friends().await;
    let accepting = bob.node.accept_tasks();
    drop(accepting);
    leave(&bob).await;
    let id = submit(&alice, "bob", "x", None).await;
    assert!(alice.node.task_cancel(&id.into(), None, false).await.unwrap().cancelling);
    let bob = bob.restart("bob").await;
    for node in [&alice.node, &bob.node] {
        assert_eq!(settled(node, id, State::Cancelled).await.reason, Some(Reason::ByRequester));
    }
    assert_eq!(task(&bob.node, id).await.attempt, 0);
}

#[tokio::test]
async fn a_result_of_what_was_given_up_is_refused() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    stands(&alice.node, id, State::Executing).await;
    leave(&bob).await;
    let given_up = alice.node.task_cancel(&id.into(), None, true).await.unwrap();
    assert_eq!((given_up.state, given_up.reason), (State::Cancelled, Some(Reason::Abandoned)));
    leave(&alice).await;
    let bob = bob.restart("bob").await;
    complete(&bob.node, id, Material::Inline(b"late".into())).await;
    let alice = alice.restart("alice").await;
    let ended = settled(&bob.node, id, State::Cancelled).await;
    assert!(ended.receipt.is_none());
    until("alice has nothing to say", async || task(&alice.node, id).await.settled).await;
    let kept = task(&alice.node, id).await;
    assert_eq!((kept.state, kept.reason), (State::Cancelled, Some(Reason::Abandoned)));
    assert!(kept.output.is_none() && kept.receipt.is_none());
}
