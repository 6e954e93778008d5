//! A disk that is full, or fills up.

use std::fs;

use airway::{FileError, protocols::data::Answer};
use tempfile::TempDir;

use super::support::{ToSend, bytes, introduce, received, send};
use crate::{
    common::Agent,
    mounts::{mounting, seen_through},
    process::{Daemon, airway_through},
};

/// A disk of 160 MiB: with the margin that stays free, there is room for some 90 MiB of files.
const DISK: &str = "mount -t tmpfs -o size=160m,mode=0700 airway \"$0\"";

const MIB: usize = 1024 * 1024;

fn is_failed(error: &FileError) -> bool {
    matches!(error, FileError::Rejected { answer: Answer::Failed, .. })
}

#[tokio::test]
async fn a_full_disk_fails_files_and_nothing_else() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    let test = "a_full_disk_fails_files_and_nothing_else";
    let Some(mounted) = mounting(test, DISK, &home).await else { return };
    let command = airway_through(mounted, &home);
    let bob = Daemon::start("bob", dir, command, |pid| seen_through(pid, &home)).await;
    let alice = Agent::new("alice").await;
    introduce(&alice, &bob).await;
    let to = alice.who("bob");

    // Larger than what is free without the margin: not begun.
    let (refused, steps) = send(&alice.node, &to, &ToSend::new("a", bytes(120 * MIB)), None).await;
    assert!(is_failed(refused.as_ref().unwrap_err()), "{refused:?}");
    assert!(steps.is_empty());

    // Something else fills the disk in the middle.
    let ballast = bob.home.join("ballast");
    let file = ToSend::new("b", bytes(64 * MIB));
    let fill = |at| {
        if at == 0 {
            fs::write(&ballast, vec![0; 130 * MIB]).unwrap()
        }
    };
    let failed = alice.node.try_send_file(&to, &file.path, None, fill).await.unwrap_err();
    assert!(is_failed(&failed), "{failed}");
    assert!(received(&bob.home).is_empty(), "what cannot be completed gives its room back");
    assert_eq!(bob.json(&["status"]).await["unread"], 0);

    fs::remove_file(&ballast).unwrap();
    send(&alice.node, &to, &file, None).await.0.unwrap();
    assert_eq!(bob.inbox().await.len(), 1);
}
