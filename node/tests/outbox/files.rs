//! Files through the outbox, with the receiver and the sender killed in the middle.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    process::{Daemon, friends, until},
    size::size,
};

/// A file whose bytes differ from place to place.
fn make(dir: &Path, name: &str, length: usize) -> String {
    let word = |at: usize| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes();
    let bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(word).take(length).collect();
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// How much of the one file that is coming in there is, complete or not.
fn received(at: &Daemon) -> u64 {
    let below = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    below(&at.home.join("files"))
        .flat_map(|sender| below(&sender).collect::<Vec<_>>())
        .flat_map(|file| below(&file).collect::<Vec<_>>())
        .filter_map(|part| fs::metadata(part).ok())
        .map(|part| part.len())
        .max()
        .unwrap_or(0)
}

async fn item(at: &Daemon, seq: &str) -> Value {
    at.json(&["inbox", "show", seq]).await
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn a_file_goes_on_where_it_was_when_either_side_is_killed() {
    let (length, kills) = size((64 << 20, 6), (1 << 30, 200));
    let dir = TempDir::with_prefix("airway-").unwrap();
    let path = make(dir.path(), "large.bin", length);
    let (mut alice, mut bob) = friends().await;
    let sent = alice.json(&["send-file", "bob", &path, "--detach"]).await;
    let (mut there, mut caught) = (0, 0);
    for kill in 0..kills as u64 {
        let next = (kill + 1) * length as u64 / (kills as u64 + 1);
        until("it comes on", async || received(&bob) >= next).await;
        let before = received(&bob);
        // Never less than it was: it never starts over.
        assert!(before >= there, "{there} bytes were there, and {before} are");
        caught += usize::from(before < length as u64);
        if kill % 2 == 0 {
            bob = bob.restart().await;
        } else {
            alice = alice.restart().await;
        }
        there = before;
    }
    until("it has arrived", async || !bob.inbox().await.is_empty()).await;
    let file = item(&bob, "1").await;
    eprintln!("{length} bytes, {kills} kills, {caught} of them before the last byte");
    assert!(caught * 4 >= kills * 3, "{caught} of {kills} kills were in the middle");
    assert_eq!((&file["id"], &file["type"]), (&sent["id"], &"file".into()));
    assert!(fs::read(file["body"]["path"].as_str().unwrap()).unwrap() == fs::read(&path).unwrap());
    until("it is settled", async || alice.json(&["outbox"]).await.as_array().unwrap().is_empty()).await;
    assert_eq!(bob.inbox().await.len(), 1, "it arrived once");
}

#[tokio::test]
async fn a_file_is_sent_and_saved() {
    let (alice, bob) = friends().await;
    let dir = TempDir::with_prefix("airway-").unwrap();
    let path = make(dir.path(), "report.pdf", 300_000);
    let sent = alice.json(&["send-file", "bob", &path, "--timeout", "50s"]).await;
    assert_eq!((&sent["state"], &sent["file"]), (&"delivered".into(), &"report.pdf".into()), "{sent}");
    let to = dir.path().join("copy.pdf");
    bob.json(&["inbox", "save", "1", to.to_str().unwrap()]).await;
    assert_eq!(fs::read(&to).unwrap(), fs::read(&path).unwrap());
    bob.fails(&["inbox", "save", "1", to.to_str().unwrap()], 1, "conflict").await;
}

#[tokio::test]
async fn a_file_waits_for_an_agent_that_is_away_unless_it_changes() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let dir = TempDir::with_prefix("airway-").unwrap();
    let [good, changed] = ["good", "changed"].map(|name| make(dir.path(), name, 10_000));
    let waits = alice.json(&["send-file", "bob", &good]).await;
    assert_eq!(waits["state"], "waiting", "{waits}");
    alice.json(&["send-file", "bob", &changed, "--detach"]).await;
    fs::write(&changed, "shorter").unwrap();
    let bob = bob.restart().await;
    until("one has arrived", async || bob.inbox().await.len() == 1).await;
    assert_eq!(item(&bob, "1").await["body"]["name"], "good");
    until("the other was given up", async || alice.json(&["outbox"]).await[0]["state"] == "failed").await;
    let failed = &alice.json(&["outbox"]).await[0];
    assert!(failed["reason"].as_str().unwrap().contains("has changed"), "{failed}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_at_once() {
    let (alice, bob) = friends().await;
    alice.fails(&["send-file", "bob", "/nonexistent"], 6, "not_found").await;
    alice.fails(&["send-file", "bob", "/"], 2, "bad_request").await;
    alice.fails(&["send-file", "carol", "/etc/hostname"], 6, "not_found").await;
    bob.json(&["untrust", "alice"]).await;
    alice.fails(&["send-file", bob.address(), "/etc/hostname", "--timeout", "50s"], 5, "not_trusted").await;
    assert!(alice.json(&["outbox"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_was_taken_back_stops_coming() {
    let (alice, bob) = friends().await;
    let dir = TempDir::with_prefix("airway-").unwrap();
    let path = make(dir.path(), "large.bin", 256 << 20);
    let sent = alice.json(&["send-file", "bob", &path, "--detach"]).await;
    until("it comes", async || received(&bob) > 0).await;
    let cancelled = alice.run(&["--json", "outbox", "cancel", sent["id"].as_str().unwrap()]).await;
    if cancelled.code == 0 {
        let small = make(dir.path(), "small.bin", 10);
        // The lane is free at once, and the file that was taken back never shows up.
        alice.json(&["send-file", "bob", &small, "--timeout", "50s"]).await;
        let names: Vec<Value> = bob.inbox().await.iter().map(|item| item["body"]["name"].clone()).collect();
        assert_eq!(names, ["small.bin"]);
    }
}
