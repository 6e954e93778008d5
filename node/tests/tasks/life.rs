//! From the submission to the receipt.

use std::time::Duration;

use airway::{
    Material, NewTask, TaskError, TaskEvent, TaskFilter,
    protocols::{
        polo::Outcome,
        tasks::{Execution, Reason, State},
    },
};

use super::stage::{both_have_a_receipt, complete, next, result, settled, stands, submit, task, work};
use crate::common::{PATIENCE, friends, until};

#[tokio::test]
async fn a_task_goes_from_its_requester_to_its_worker_and_comes_back_with_a_result() {
    let (alice, bob) = friends().await;
    let id = submit(&alice, "bob", "count the words", Some(Material::Inline(b"one two".into()))).await;
    let new = stands(&bob.node, id, State::New).await;
    assert_eq!((new.description.as_str(), new.attempt, new.position), ("count the words", 0, None));
    assert_eq!(new.input, task(&alice.node, id).await.input);
    let accepted = bob.node.task_accept(&id.into()).await.unwrap();
    assert_eq!((accepted.state, accepted.position), (State::Accepted, Some(0)));
    stands(&alice.node, id, State::Accepted).await;

    let begun = next(&bob.node).await;
    assert_eq!((begun.id, begun.state, begun.attempt), (id, State::Executing, 1));
    assert!(bob.node.task_queue().await.unwrap().is_empty());
    bob.node.task_progress(&id.into(), Some(1), Some(500), Some("half".into())).await.unwrap();
    until("alice hears how far it is", async || task(&alice.node, id).await.progress == Some(500)).await;
    assert_eq!(task(&alice.node, id).await.text.as_deref(), Some("half"));
    assert!(task(&alice.node, id).await.output.is_none());

    complete(&bob.node, id, Material::Inline(b"2".into())).await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    let done = task(&alice.node, id).await;
    assert_eq!(result(&done), b"2");
    let receipt = done.receipt.unwrap();
    assert_eq!((receipt.seq(), receipt.reward(), receipt.claim().outcome()), (1, 1, Outcome::Success));
    // The same again changes nothing.
    bob.node.task_complete(&id.into(), Some(1), None).await.unwrap();
    assert_eq!(result(&task(&bob.node, id).await), b"2");

    let history = bob.node.task_history(&id.into()).await.unwrap();
    let states: Vec<_> = history.iter().map(|entry| (entry.what, entry.state.unwrap())).collect();
    use TaskEvent::{Changed, Progress};
    assert_eq!(
        states,
        [
            (Changed, State::New),
            (Changed, State::Accepted),
            (Changed, State::Executing),
            (Progress, State::Executing),
            (Changed, State::Completed),
            (Changed, State::Succeeded),
        ]
    );
}

#[tokio::test]
async fn the_queue_keeps_the_order_of_acceptance_over_a_restart_and_receipts_are_a_chain() {
    let (alice, bob) = friends().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(submit(&alice, "bob", &number.to_string(), None).await);
        stands(&bob.node, ids[number], State::New).await;
    }
    for at in [2, 0, 1] {
        bob.node.task_accept(&ids[at].into()).await.unwrap();
    }
    let bob = bob.restart("bob").await;
    let queue: Vec<_> = bob.node.task_queue().await.unwrap().iter().map(|task| task.id).collect();
    assert_eq!(queue, [ids[2], ids[0], ids[1]]);
    for id in queue {
        assert_eq!(work(&bob.node).await, id);
    }
    let mut numbers = Vec::new();
    for id in ids {
        both_have_a_receipt(&alice.node, &bob.node, id).await;
        numbers.push(task(&bob.node, id).await.receipt.unwrap().seq());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn what_is_declined_or_fails_before_it_began_leaves_no_receipt_and_what_fails_later_does() {
    let (alice, bob) = friends().await;
    let declined = submit(&alice, "bob", "a", None).await;
    stands(&bob.node, declined, State::New).await;
    bob.node.task_decline(&declined.into(), Some("no time".into())).await.unwrap();
    let ended = settled(&alice.node, declined, State::Declined).await;
    assert_eq!((ended.reason, ended.text.as_deref()), (Some(Reason::ByWorker), Some("no time")));
    assert!(settled(&bob.node, declined, State::Declined).await.receipt.is_none());

    let _accepting = bob.node.accept_tasks();
    let early = submit(&alice, "bob", "b", None).await;
    stands(&bob.node, early, State::Accepted).await;
    bob.node.task_fail(&early.into(), None, "cannot".into()).await.unwrap();
    assert!(settled(&alice.node, early, State::Failed).await.receipt.is_none());

    let late = submit(&alice, "bob", "c", None).await;
    assert_eq!(next(&bob.node).await.id, late);
    bob.node.task_fail(&late.into(), Some(1), "broke".into()).await.unwrap();
    let failed = settled(&alice.node, late, State::Failed).await;
    assert_eq!(failed.text.as_deref(), Some("broke"));
    let receipt = failed.receipt.unwrap();
    assert_eq!((receipt.claim().outcome(), receipt.reward()), (Outcome::Failed, 0));
    assert_eq!(settled(&bob.node, late, State::Failed).await.receipt.unwrap().seq(), 1);
}

#[tokio::test]
async fn an_id_is_one_task() {
    let (alice, bob) = friends().await;
    let new = NewTask::new("once");
    let first = alice.node.task_submit(&alice.who("bob"), new.clone()).await.unwrap();
    let again = NewTask { id: Some(first.id), ..new };
    let second = alice.node.task_submit(&alice.who("bob"), again).await.unwrap();
    assert_eq!((second.id, second.number), (first.id, first.number));
    let other = NewTask { id: Some(first.id), ..NewTask::new("other") };
    let refused = alice.node.task_submit(&alice.who("bob"), other).await;
    assert!(matches!(refused, Err(TaskError::Conflict)), "{refused:?}");
    stands(&bob.node, first.id, State::New).await;
    assert_eq!(bob.node.tasks(TaskFilter::default()).await.unwrap().len(), 1);
    // What its worker alone may do, its requester may not, and the other way round.
    let refused = alice.node.task_accept(&first.id.into()).await;
    assert!(matches!(refused, Err(TaskError::Role { ours: true, .. })), "{refused:?}");
    let refused = bob.node.task_cancel(&first.id.into(), None, false).await;
    assert!(matches!(refused, Err(TaskError::Role { ours: false, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_lapsed_lease_puts_a_task_back_to_the_head_of_the_queue_and_fences_who_had_it() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let first = submit(&alice, "bob", "first", None).await;
    stands(&bob.node, first, State::Accepted).await;
    let lease = Some(Duration::from_millis(200));
    let taken = bob.node.task_next(lease, PATIENCE).await.unwrap().unwrap();
    assert_eq!((taken.id, taken.attempt), (first, 1));
    let second = submit(&alice, "bob", "second", None).await;
    stands(&bob.node, second, State::Accepted).await;
    stands(&bob.node, first, State::Accepted).await;
    let queue: Vec<_> = bob.node.task_queue().await.unwrap().iter().map(|task| task.id).collect();
    assert_eq!(queue, [first, second]);

    let again = next(&bob.node).await;
    assert_eq!((again.id, again.attempt), (first, 2));
    for refused in [
        bob.node.task_progress(&first.into(), Some(1), Some(1), None).await,
        bob.node.task_complete(&first.into(), Some(1), None).await,
        bob.node.task_fail(&first.into(), Some(1), "late".into()).await,
    ] {
        assert!(matches!(refused, Err(TaskError::State { .. })), "{refused:?}");
    }
    // Without a lease it is taken for good, also over a restart.
    let bob = bob.restart("bob").await;
    assert_eq!(task(&bob.node, first).await.state, State::Executing);
    bob.node.task_complete(&first.into(), Some(2), None).await.unwrap();
    both_have_a_receipt(&alice.node, &bob.node, first).await;
    let what: Vec<_> =
        bob.node.task_history(&first.into()).await.unwrap().iter().map(|entry| entry.what).collect();
    assert_eq!(what.iter().filter(|what| **what == TaskEvent::Requeued).count(), 1, "{what:?}");
}

#[tokio::test]
async fn what_may_be_executed_once_fails_when_its_execution_breaks_off() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let new = NewTask { execution: Execution::AtMostOnce, ..NewTask::new("once") };
    let id = alice.node.task_submit(&alice.who("bob"), new).await.unwrap().id;
    let taken = bob.node.task_next(Some(Duration::from_millis(50)), PATIENCE).await.unwrap().unwrap();
    assert_eq!(taken.id, id);
    for node in [&bob.node, &alice.node] {
        let failed = settled(node, id, State::Failed).await;
        assert_eq!((failed.reason, failed.attempt), (Some(Reason::Interrupted), 1));
        assert_eq!(failed.receipt.unwrap().reward(), 0);
    }
}

#[tokio::test]
async fn beats_keep_a_lease_and_waiting_for_the_next_task_ends_with_one_or_with_its_time() {
    let (alice, bob) = friends().await;
    assert!(bob.node.task_next(None, Duration::from_millis(1)).await.unwrap().is_none());
    let waiting = tokio::spawn({
        let node = bob.node.clone();
        async move { node.task_next(Some(Duration::from_secs(30)), PATIENCE).await.unwrap().unwrap() }
    });
    let id = submit(&alice, "bob", "x", None).await;
    stands(&bob.node, id, State::New).await;
    let accepting = bob.node.accept_tasks();
    // What was here already is accepted as well.
    assert_eq!(waiting.await.unwrap().id, id);
    drop(accepting);
    let seq = bob.node.task_progress(&id.into(), Some(1), None, None).await.unwrap().seq;
    assert_eq!(seq, task(&bob.node, id).await.seq, "a sign of life is no news");
    let left = submit(&alice, "bob", "y", None).await;
    stands(&bob.node, left, State::New).await;
    assert!(bob.node.task_next(None, Duration::from_millis(1)).await.unwrap().is_none());
}
