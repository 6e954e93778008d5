//! Files that arrive, and those that may not.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use airway::{
    FileError, Node, Outgoing, Overrides, ReceivedFile,
    protocols::{
        data::{Answer, MessageId},
        files::Digest,
    },
    store::{Clear, Filter},
};
use tempfile::TempDir;

use super::support::{ToSend, bytes, received, send};
use crate::common::{Agent, LISTEN, befriend, friends};

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
async fn inbox(agent: &Agent) -> Vec<ReceivedFile> {
    let messages = agent.node.inbox(Filter::default()).await.unwrap();
    messages.into_iter().filter_map(|message| message.file).collect()
}

#[tokio::test]
async fn files_of_every_size_arrive_as_they_were_sent() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    const BUFFER: usize = 256 * 1024;
    for length in [0, 1, 1000, BUFFER - 1, BUFFER, BUFFER + 1, 5 * BUFFER + 12_345] {
        let file = ToSend::new("file.bin", bytes(length));
        let (sent, steps) = send(&alice.node, &to, &file, None).await;
        assert!(!sent.unwrap().is_duplicate());
        assert_eq!((steps[0], steps.last()), (0, Some(&(length as u64))));
        let got = inbox(&bob).await.pop().unwrap();
        assert_eq!((got.name.as_str(), got.size), ("file.bin", length as u64));
        assert_eq!(got.digest, Digest::of(&file.bytes));
        assert!(fs::read(&got.path).unwrap() == file.bytes, "{length}");
    }
    // Every one has kept its place, although all are called alike.
    assert_eq!(received(bob.home.path()).len(), 7);
    assert_eq!(inbox(&bob).await.iter().filter(|file| file.path.exists()).count(), 7);
}

#[tokio::test]
async fn received_files_are_private() {
    let (alice, bob) = friends().await;
    send(&alice.node, &alice.who("bob"), &ToSend::new("a", bytes(10)), None).await.0.unwrap();
    let path = inbox(&bob).await.remove(0).path;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    for directory in path.ancestors().skip(1).take(3) {
        assert_eq!(mode(directory), 0o700, "{}", directory.display());
    }
}

#[tokio::test]
async fn the_same_file_is_delivered_once() {
    let (alice, bob) = friends().await;
    let (to, id) = (alice.who("bob"), Some(MessageId::new()));
    let file = ToSend::new("a", bytes(10));
    assert!(!send(&alice.node, &to, &file, id).await.0.unwrap().is_duplicate());
    for _ in 0..2 {
        let (again, steps) = send(&alice.node, &to, &file, id).await;
        assert!(again.unwrap().is_duplicate());
        assert!(steps.is_empty(), "a duplicate needs none of its bytes");
        bob.node.clear(Clear::All).await.unwrap();
    }
    assert!(bob.node.inbox(Filter::default()).await.unwrap().is_empty());

    for other in [ToSend::new("b", bytes(10)), ToSend::new("a", bytes(11))] {
        let error = send(&alice.node, &to, &other, id).await.0.unwrap_err();
        assert!(matches!(error, FileError::Rejected { answer: Answer::Conflict, .. }), "{error}");
        assert!(error.is_permanent());
    }
    let message = Outgoing { id, ..Outgoing::text("the id of a file") };
    assert!(alice.node.send(&to, message).await.is_err());
}

#[tokio::test]
async fn clearing_a_message_deletes_its_file_alone() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    for name in ["a", "b"] {
        send(&alice.node, &to, &ToSend::new(name, bytes(10)), None).await.0.unwrap();
    }
    let first = bob.node.inbox(Filter::default()).await.unwrap().remove(0);
    assert_eq!(bob.node.clear(Clear::Messages(vec![first.seq])).await.unwrap(), 1);
    let left = received(bob.home.path());
    assert_eq!(left, inbox(&bob).await.into_iter().map(|file| file.path).collect::<Vec<PathBuf>>());
    assert!(left[0].ends_with("b"), "{left:?}");
}

#[tokio::test]
async fn a_file_beyond_the_quota_is_refused_until_there_is_room() {
    let alice = Agent::new("alice").await;
    let home = TempDir::with_prefix("airway-").unwrap();
    let flags = Overrides {
        name: Some("bob".into()),
        listen: Some(LISTEN.map(ToOwned::to_owned).into()),
        files_bytes: Some(100_000),
        ..Overrides::default()
    };
    let bob = Agent { node: Node::start(home.path(), flags).await.unwrap(), home };
    befriend(&alice, &bob).await;
    let to = alice.who("bob");
    let file = ToSend::new("a", bytes(60_000));
    send(&alice.node, &to, &file, None).await.0.unwrap();
    let (refused, steps) = send(&alice.node, &to, &file, None).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, FileError::Rejected { answer: Answer::Quota, .. }), "{refused}");
    assert!(steps.is_empty() && !refused.is_permanent());
    bob.node.clear(Clear::All).await.unwrap();
    send(&alice.node, &to, &file, None).await.0.unwrap();
}

#[tokio::test]
async fn a_file_that_changes_on_the_way_does_not_arrive() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    let changes: [fn(&Path); 3] = [
        |path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(1).unwrap(),
        |path| fs::write(path, bytes(9 << 20)).unwrap(),
        |path| fs::File::open(path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap(),
    ];
    for change in changes {
        // More than the buffers hold, so that there is something left to read.
        let file = ToSend::new("a", bytes(8 << 20));
        let sent = alice
            .node
            .try_send_file(&to, &file.path, None, |at| {
                if at == 0 {
                    change(&file.path)
                }
            })
            .await;
        let error = sent.unwrap_err();
        assert!(matches!(error, FileError::Changed { .. }), "{error}");
        assert!(error.is_permanent());
    }
    assert!(bob.node.inbox(Filter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_not_offered() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    let missing = alice.node.try_send_file(&to, "/nonexistent", None, |_| {}).await.unwrap_err();
    assert!(matches!(missing, FileError::Unreadable { .. }), "{missing}");
    let directory = alice.node.try_send_file(&to, "/tmp", None, |_| {}).await.unwrap_err();
    assert!(matches!(directory, FileError::NotAFile { .. }), "{directory}");
    bob.node.untrust("alice", None).await.unwrap();
    let (refused, _) = send(&alice.node, &to, &ToSend::new("a", bytes(1)), None).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, FileError::Dial(airway::DialError::NotTrusted { .. })), "{refused}");
}
