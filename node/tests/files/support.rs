//! Files to send, and what there is of them at the receiver.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
};

use airway::{Contact, FileError, Node, Sent, Terms, protocols::data::MessageId};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    common::Agent,
    process::{Daemon, PATIENCE, confirmed},
};

/// Bytes that differ from place to place.
pub(super) fn bytes(length: usize) -> Vec<u8> {
    (0..length.div_ceil(8))
        .flat_map(|at| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes())
        .take(length)
        .collect()
}

/// A file to send, in a directory that goes away with it.
pub(super) struct ToSend {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    _dir: TempDir,
}

impl ToSend {
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let path = dir.path().join(name);
        fs::write(&path, &bytes).unwrap();
        Self { path, bytes, _dir: dir }
    }
}

/// Sends a file; returns which bytes the sending came to, too.
pub(super) async fn send(
    from: &Node,
    to: &Contact,
    file: &ToSend,
    id: Option<MessageId>,
) -> (Result<Sent, FileError>, Vec<u64>) {
    let steps = RefCell::default();
    let sending = from.try_send_file(to, &file.path, id, |at| Vec::push(&mut steps.borrow_mut(), at));
    let sent = timeout(PATIENCE, sending).await.unwrap();
    (sent, steps.into_inner())
}

/// Breaks the sending of a file off once it has come to a byte.
pub(super) async fn send_until(from: &Node, to: &Contact, file: &ToSend, id: MessageId, at: u64) {
    let reached = tokio::sync::Notify::new();
    let tell = |now| {
        if now >= at {
            reached.notify_one()
        }
    };
    tokio::select! {
        sent = from.try_send_file(to, &file.path, Some(id), tell) => panic!("it arrived, or failed: {sent:?}"),
        () = reached.notified() => {}
    }
}

/// A node and a daemon that trust each other.
pub(super) async fn node_and_daemon() -> (Agent, Daemon) {
    let (alice, bob) = tokio::join!(Agent::new("alice"), Daemon::new("bob"));
    introduce(&alice, &bob).await;
    (alice, bob)
}

/// Makes a node and a daemon trust each other.
pub(super) async fn introduce(alice: &Agent, bob: &Daemon) {
    let ticket = bob.ticket(&[]).await.parse().unwrap();
    alice.node.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();
    confirmed(bob, &alice.node.me().endpoint().to_string()).await;
}

/// All files below the directory of received files of a home.
pub(super) fn received(home: &Path) -> Vec<PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&home.join("files"), &mut found);
    found
}
