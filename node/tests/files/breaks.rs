//! Attempts that break off in the middle.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
};

use airway::protocols::data::MessageId;

use super::support::{ToSend, bytes, node_and_daemon, received, send, send_until};
use crate::{common::friends, process::until, size::size};

/// Several times what is under way in the network and in buffers.
fn large() -> ToSend {
    ToSend::new("large", bytes(size(64 << 20, 1 << 30)))
}

fn three_quarters(file: &ToSend) -> u64 {
    file.bytes.len() as u64 / 4 * 3
}

#[tokio::test]
async fn an_attempt_goes_on_where_the_last_one_ended() {
    let (alice, bob) = friends().await;
    let (to, id, file) = (alice.who("bob"), MessageId::new(), large());
    send_until(&alice.node, &to, &file, id, three_quarters(&file)).await;
    assert!(bob.node.inbox(Default::default()).await.unwrap().is_empty());

    let (sent, steps) = send(&alice.node, &to, &file, Some(id)).await;
    assert!(!sent.unwrap().is_duplicate());
    let (offset, end) = (steps[0], steps[steps.len() - 1]);
    assert!(offset > 0, "it began anew");
    assert_eq!(end, file.bytes.len() as u64);
    assert!(fs::read(&received(bob.home.path())[0]).unwrap() == file.bytes);
}

#[tokio::test]
async fn a_receiver_that_was_killed_goes_on() {
    let (alice, mut bob) = node_and_daemon().await;
    let (to, id, file) = (alice.who("bob"), MessageId::new(), large());
    send_until(&alice.node, &to, &file, id, three_quarters(&file)).await;
    bob.kill().await;
    let there = fs::metadata(&received(&bob.home)[0]).unwrap().len();
    let bob = bob.restart().await;

    until("bob is back", async || alice.node.ping(&to, crate::process::PATIENCE).await.is_ok()).await;
    let (sent, steps) = send(&alice.node, &to, &file, Some(id)).await;
    sent.unwrap();
    assert_eq!((steps[0], steps.last()), (there, Some(&(file.bytes.len() as u64))));
    assert!(there > 0);
    let item = &bob.inbox().await[0];
    assert!(fs::read(item["body"]["path"].as_str().unwrap()).unwrap() == file.bytes);
}

#[tokio::test]
async fn what_was_corrupted_meanwhile_is_sent_anew() {
    let (alice, bob) = friends().await;
    let (to, id, file) = (alice.who("bob"), MessageId::new(), large());
    send_until(&alice.node, &to, &file, id, three_quarters(&file)).await;
    // The attempt that broke may have a few buffers left to write, at the end.
    let partial = received(bob.home.path()).remove(0);
    assert!(partial.ends_with(".partial"), "{}", partial.display());
    let flipped = [!file.bytes[100]];
    OpenOptions::new().write(true).open(&partial).unwrap().write_all_at(&flipped, 100).unwrap();

    let (sent, steps) = send(&alice.node, &to, &file, Some(id)).await;
    sent.unwrap();
    assert_eq!(steps[0], 0);
    assert!(fs::read(&received(bob.home.path())[0]).unwrap() == file.bytes);
}

#[tokio::test]
async fn a_complete_file_that_nobody_heard_of_is_not_sent_again() {
    let (alice, mut bob) = node_and_daemon().await;
    let (to, file) = (alice.who("bob"), ToSend::new("a", bytes(300_000)));
    let first = send(&alice.node, &to, &file, None).await.0.unwrap().id();
    // As if a crash had come between the rename and the row: the same file under another id.
    let path = received(&bob.home).remove(0);
    let directory = path.parent().unwrap();
    let id = MessageId::new();
    bob.kill().await;
    fs::rename(directory, directory.with_file_name(id.to_string())).unwrap();
    let bob = bob.restart().await;

    until("bob is back", async || alice.node.ping(&to, crate::process::PATIENCE).await.is_ok()).await;
    let (sent, steps) = send(&alice.node, &to, &file, Some(id)).await;
    assert!(!sent.unwrap().is_duplicate());
    assert_eq!(steps, [300_000]);
    assert!(bob.inbox().await.iter().any(|item| item["id"] == id.to_string()));
    assert!(send(&alice.node, &to, &file, Some(first)).await.0.unwrap().is_duplicate());
}
