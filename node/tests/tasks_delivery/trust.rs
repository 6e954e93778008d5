//! The end of trust in the middle of tasks, and its return.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Material,
    protocols::tasks::{Reason, State},
};

use super::stage::{
    both_have_a_receipt, complete, copies, leave, next, result, settled, stands, submit, task,
};
use crate::common::{Agent, befriend, friends, until};

/// Ends the trust of two agents on both sides.
async fn part(alice: &Agent, bob: &Agent) {
    alice.node.untrust("bob", None).await.unwrap();
    until("bob knows", async || bob.node.contacts().is_empty()).await;
}

#[tokio::test]
async fn the_end_of_trust_ends_what_is_open_on_both_sides_in_both_roles() {
    let (alice, bob) = friends().await;
    let _accepting = (alice.node.accept_tasks(), bob.node.accept_tasks());
    let begun = submit(&alice, "bob", "begun", None).await;
    assert_eq!(next(&bob.node).await.id, begun);
    let queued = submit(&alice, "bob", "queued", None).await;
    let other = submit(&bob, "alice", "the other way", None).await;
    stands(&alice.node, begun, State::Executing).await;
    stands(&alice.node, queued, State::Accepted).await;
    stands(&bob.node, other, State::Accepted).await;

    alice.node.untrust("bob", None).await.unwrap();
    for id in [begun, queued, other] {
        let ended = task(&alice.node, id).await;
        let is = (ended.state, ended.reason, ended.settled);
        assert_eq!(is, (State::Cancelled, Some(Reason::TrustEnded), true));
        let ended = settled(&bob.node, id, State::Cancelled).await;
        assert_eq!(ended.reason, Some(Reason::TrustEnded));
    }
    // Whoever executes it hears so.
    bob.node.task_complete(&begun.into(), Some(1), None).await.unwrap_err();
    assert!(bob.node.task_queue().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_result_without_a_receipt_waits_for_the_trust_to_return() {
    let (alice, bob) = friends().await;
    let accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    stands(&alice.node, id, State::Executing).await;
    leave(&alice).await;
    complete(&bob.node, id, Material::Inline(b"y".into())).await;
    drop(accepting);
    bob.node.untrust("alice", None).await.unwrap();
    let kept = task(&bob.node, id).await;
    assert_eq!((kept.state, kept.settled), (State::Completed, false));
    let bob = bob.restart("bob").await;
    assert_eq!(task(&bob.node, id).await.state, State::Completed);

    let alice = alice.restart("alice").await;
    let ended = settled(&alice.node, id, State::Cancelled).await;
    assert_eq!(ended.reason, Some(Reason::TrustEnded));
    befriend(&alice, &bob).await;
    // She has no use for it any more, and he hears so.
    let over = settled(&bob.node, id, State::Cancelled).await;
    assert_eq!(over.reason, Some(Reason::Abandoned));
    assert!(over.receipt.is_none());

    let _accepting = bob.node.accept_tasks();
    let again = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    complete(&bob.node, again, Material::Inline(b"z".into())).await;
    both_have_a_receipt(&alice.node, &bob.node, again).await;
    assert_eq!(result(&task(&alice.node, again).await), b"z");
}

#[tokio::test]
async fn files_that_wait_end_with_the_trust() {
    let (alice, bob) = friends().await;
    leave(&bob).await;
    let id = submit(&alice, "bob", "x", Some(Material::Inline(vec![7; 200_000]))).await;
    until("the outbox has it", async || alice.node.outbox_count().await.unwrap().0 == 1).await;
    alice.node.untrust("bob", None).await.unwrap();
    let ended = settled(&alice.node, id, State::Cancelled).await;
    assert_eq!(ended.reason, Some(Reason::TrustEnded));
    until("nothing of it is left", async || {
        copies(alice.home.path()) == 0 && alice.node.outbox_count().await.unwrap() == (0, 0)
    })
    .await;
    let bob = bob.restart("bob").await;
    part_is_known(&alice, &bob).await;
    assert!(bob.node.task(&id.into()).await.is_err());
}

async fn part_is_known(alice: &Agent, bob: &Agent) {
    assert!(alice.node.contacts().is_empty());
    until("bob knows", async || bob.node.contacts().is_empty()).await;
}

#[tokio::test]
async fn trust_that_ends_again_and_again_leaves_nothing_open() {
    let (alice, bob) = friends().await;
    for _ in 0..5 {
        let accepting = bob.node.accept_tasks();
        let ids = [submit(&alice, "bob", "1", None).await, submit(&alice, "bob", "2", None).await];
        next(&bob.node).await;
        part(&alice, &bob).await;
        drop(accepting);
        for id in ids {
            assert!(task(&alice.node, id).await.settled);
            until("bob has ended it, or never had it", async || match bob.node.task(&id.into()).await {
                Ok(task) => task.state == State::Cancelled && task.settled,
                Err(_) => true,
            })
            .await;
        }
        befriend(&alice, &bob).await;
    }
}
