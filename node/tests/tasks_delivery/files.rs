//! What is too large to stand in a task goes as a file, ahead of the words.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use airway::{
    Material, NewTask, Overrides, Task,
    protocols::tasks::{Attachment, Content, Reason, State},
    store::{Clear, Filter, OutboxFilter},
};

use super::stage::{
    LONG, both_have_a_receipt, complete, copies, leave, next, no_copies, settled, stands, submit, task,
};
use crate::common::{Agent, LISTEN, befriend, friends, until};

/// Bytes that differ from place to place.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// The file that a content names.
fn file(content: &Option<Content>) -> &Attachment {
    match content {
        Some(Content::File(file)) => file,
        other => panic!("no file: {other:?}"),
    }
}

/// The bytes of a file that a task names, as they lie in the inbox.
async fn received(at: &Agent, named: &Attachment) -> Vec<u8> {
    let inbox = at.node.inbox(Filter::default()).await.unwrap();
    let found = inbox.into_iter().find(|message| message.id == named.id).unwrap();
    let found = found.file.unwrap();
    assert_eq!(found.name, named.name);
    fs::read(found.path).unwrap()
}

#[tokio::test]
async fn input_and_result_of_some_mib_go_as_files_and_leave_no_copies() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let (input, output) = (bytes(3 << 20), bytes(5 << 20));
    let path = alice.home.path().join("in.bin");
    fs::write(&path, &input).unwrap();
    let material = Material::File { path: path.clone(), name: None };
    let id = submit(&alice, "bob", "twist this", Some(material)).await;
    // It was copied: what happens to it now is of no interest.
    fs::remove_file(path).unwrap();

    let begun = next(&bob.node).await;
    let named = file(&begun.input);
    assert_eq!((named.name.as_str(), named.size), ("in.bin", input.len() as u64));
    assert!(received(&bob, named).await == input);
    complete(&bob.node, id, Material::Inline(output.clone())).await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    let done: Task = task(&alice.node, id).await;
    assert!(received(&alice, file(&done.output)).await == output);
    assert_eq!(done.receipt.unwrap().claim().output(), done.output.map(|output| output.digest()).as_ref());
    no_copies(&alice).await;
    no_copies(&bob).await;
}

#[tokio::test]
async fn files_wait_for_an_agent_that_is_away_and_survive_restarts() {
    let (alice, bob) = friends().await;
    leave(&bob).await;
    let input = bytes(1 << 20);
    let id = submit(&alice, "bob", "later", Some(Material::Inline(input.clone()))).await;
    assert_eq!(copies(alice.home.path()), 1);
    // What a crash has left between a copy and its row.
    let orphan = alice.home.path().join("tasks").join(airway::protocols::data::MessageId::new().to_string());
    fs::write(&orphan, b"orphan").unwrap();
    let alice = alice.restart("alice").await;
    assert!(!orphan.exists() && copies(alice.home.path()) == 1);
    let bob = bob.restart("bob").await;
    let _accepting = bob.node.accept_tasks();
    let begun = next(&bob.node).await;
    assert!(received(&bob, file(&begun.input)).await == input);
    leave(&alice).await;
    complete(&bob.node, id, Material::Inline(input)).await;
    let bob = bob.restart("bob").await;
    let alice = alice.restart("alice").await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    no_copies(&bob).await;
}

#[tokio::test]
async fn a_file_that_was_cleared_before_it_was_named_counts_as_received() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "big", None).await;
    next(&bob.node).await;
    // The worker cannot say what it has to before the file is there, and the file is cleared as it comes.
    complete(&bob.node, id, Material::Inline(bytes(200_000))).await;
    until("it is done, whatever is cleared", async || {
        alice.node.clear(Clear::All).await.unwrap();
        task(&alice.node, id).await.state == State::Succeeded
    })
    .await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
}

#[tokio::test]
async fn a_task_whose_file_waits_can_be_called_off_and_leaves_nothing() {
    let alice = Agent::new("alice").await;
    let small = Overrides { files_bytes: Some(100_000), ..Overrides::default() };
    let bob = Agent::set("bob", small, &LISTEN).await;
    befriend(&alice, &bob).await;
    let id = submit(&alice, "bob", "too large", Some(Material::Inline(bytes(300_000)))).await;
    until("the outbox has it", async || alice.node.outbox_count().await.unwrap().0 == 1).await;
    assert_eq!(task(&alice.node, id).await.state, State::Submitted);
    alice.node.task_cancel(&id.into(), None, false).await.unwrap();
    settled(&alice.node, id, State::Cancelled).await;
    no_copies(&alice).await;
    until("nor does the outbox", async || alice.node.outbox_count().await.unwrap() == (0, 0)).await;
    assert!(bob.node.task(&id.into()).await.is_err(), "nothing was said of it");
}

#[tokio::test]
async fn a_task_whose_file_is_taken_out_of_the_outbox_fails() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let done = submit(&alice, "bob", "result", None).await;
    next(&bob.node).await;
    let bob_home = bob.home.path().to_owned();
    leave(&alice).await;
    complete(&bob.node, done, Material::Inline(bytes(200_000))).await;
    until("the outbox has it", async || bob.node.outbox_count().await.unwrap().0 == 1).await;
    assert_eq!(bob.node.clear_outbox(None, false).await.unwrap(), 1);
    let failed = stands(&bob.node, done, State::Failed).await;
    assert_eq!((failed.reason, failed.settled), (Some(Reason::File), false));
    let alice = alice.restart("alice").await;
    settled(&alice.node, done, State::Failed).await;
    assert_eq!(copies(&bob_home), 0);

    leave(&bob).await;
    let asked = submit(&alice, "bob", "input", Some(Material::Inline(bytes(200_000)))).await;
    until("the outbox has it", async || {
        !alice.node.outbox(OutboxFilter::default()).await.unwrap().is_empty()
    })
    .await;
    alice.node.clear_outbox(None, false).await.unwrap();
    let failed = settled(&alice.node, asked, State::Failed).await;
    assert_eq!(failed.reason, Some(Reason::File));
    no_copies(&alice).await;
}

#[tokio::test]
async fn what_cannot_be_copied_is_not_submitted() {
    let (alice, _bob) = friends().await;
    let missing = Material::File { path: alice.home.path().join("none"), name: None };
    let named = NewTask { input: Some(missing), limit: LONG, ..NewTask::new("x") };
    alice.node.task_submit(&alice.who("bob"), named).await.unwrap_err();
    assert!(alice.node.tasks(airway::TaskFilter::default()).await.unwrap().is_empty());
    assert_eq!(copies(alice.home.path()), 0);
}

#[tokio::test]
async fn a_copy_for_which_there_is_no_use_is_deleted_at_once() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let file = || Material::Inline(bytes(200_000));
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    stands(&alice.node, id, State::Executing).await;
    leave(&alice).await;
    complete(&bob.node, id, file()).await;
    assert_eq!(copies(bob.home.path()), 1);
    complete(&bob.node, id, file()).await;
    bob.node.task_complete(&id.into(), Some(2), Some(file())).await.unwrap_err();
    assert_eq!(copies(bob.home.path()), 1, "what was handed in first is the result");

    let alice = alice.restart("alice").await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    leave(&bob).await;
    let id = submit(&alice, "bob", "y", Some(file())).await;
    for (description, is_same) in [("y", true), ("z", false)] {
        let again = NewTask { id: Some(id), input: Some(file()), ..NewTask::new(description) };
        assert_eq!(alice.node.task_submit(&alice.who("bob"), again).await.is_ok(), is_same);
        assert_eq!(copies(alice.home.path()), 1, "one task has one file");
    }
    alice.node.task_cancel(&id.into(), None, false).await.unwrap();
    no_copies(&alice).await;
}
