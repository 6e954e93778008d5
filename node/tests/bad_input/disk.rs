//! A disk that is full.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::{fs, io::Write as _};

use airway::api::client::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::mounts::{mounting, seen_through};
use crate::process::{Daemon, airway_through, befriend, run, until};

/// Bytes of each message: a dozen fill the disk.
const PAYLOAD: usize = 256 * 1024;

/// Bytes that lie on the disk besides, to be taken away later.
const BALLAST: usize = 1536 * 1024;

/// A disk of 4 MiB.
const DISK: &str = "mount -t tmpfs -o size=4m,mode=0700 airway \"$0\"";

/// A daemon on a small disk of its own.
async fn on_a_small_disk(test: &str, name: &str) -> Option<Daemon> {
    let dir = TempDir::with_prefix("airway-").expect("a directory");
    let home = dir.path().join("home");
    fs::create_dir(&home).expect("a home");
    let mounted = mounting(test, DISK, &home).await?;
    let command = airway_through(mounted, &home);
    Some(Daemon::start(name, dir, command, |pid| seen_through(pid, &home)).await)
}

#[tokio::test]
async fn a_full_disk_refuses_what_it_cannot_keep_and_keeps_what_it_has() {
    let test = "a_full_disk_refuses_what_it_cannot_keep_and_keeps_what_it_has";
    let Some(bob) = on_a_small_disk(test, "bob").await else { return };
    let alice = Daemon::new("alice").await;
    befriend(&alice, &bob).await;
    let send = async |number: usize| {
        let payload = vec![u8::try_from(number).expect("few messages"); PAYLOAD];
        run(alice.command(["--json", "send", "bob", "--type", "binary"]), &payload).await
    };
    fs::write(bob.home.join("ballast"), vec![0; BALLAST]).unwrap();

    let mut acknowledged: Vec<Value> = Vec::new();
    let refused = loop {
        let sent = send(acknowledged.len()).await;
        if sent.code != 0 {
            break sent;
        }
        acknowledged.push(sent.data()["id"].clone());
    };
    assert!(refused.error(1, "quota")["hint"].as_str().unwrap().contains("disk"), "{refused:?}");
    assert!(!acknowledged.is_empty(), "some fitted");

    // Still up, and all that it took can be read.
    assert_eq!(bob.json(&["status"]).await["unread"], acknowledged.len());
    for (number, id) in acknowledged.iter().enumerate() {
        let shown = bob.run(&["inbox", "show", id.as_str().unwrap(), "--raw"]).await;
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        assert!(shown.stdout == vec![u8::try_from(number).unwrap(); PAYLOAD], "{number}");
    }
    assert_eq!(alice.run(&["ping", "bob", "-c", "1"]).await.code, 0);

    // Whoever watches hears of it, and of the end of it.
    let client = Client::new(bob.socket());
    let health = client.health().await.unwrap();
    assert!(!health.healthy && health.reasons[0].contains("no room"), "{health:?}");
    fs::remove_file(bob.home.join("ballast")).unwrap();
    let health = client.health().await.unwrap();
    assert!(health.healthy, "{health:?}");
    acknowledged.push(send(acknowledged.len()).await.data()["id"].clone());
    let ids: Vec<Value> = bob.inbox().await.iter().map(|message| message["id"].clone()).collect();
    assert_eq!(ids, acknowledged);
}

#[tokio::test]
async fn what_waits_on_a_full_disk_goes_out_once_and_makes_room() {
    let test = "what_waits_on_a_full_disk_goes_out_once_and_makes_room";
    let Some(alice) = on_a_small_disk(test, "alice").await else { return };
    let mut bob = Daemon::new("bob").await;
    befriend(&alice, &bob).await;
    bob.kill().await;
    let mut waiting: Vec<Value> = Vec::new();
    for number in 0..20 {
        let payload = vec![number; 20 * 1024];
        let sent =
            run(alice.command(["--json", "send", "bob", "--type", "binary", "--timeout", "10ms"]), &payload)
                .await
                .data();
        assert_eq!(sent["state"], "waiting");
        waiting.push(sent["id"].clone());
    }
    let mut ballast = fs::File::create(alice.home.join("ballast")).unwrap();
    while ballast.write_all(&[0; 4096]).is_ok() {}

    let bob = bob.restart().await;
    until("all is out of the outbox", async || alice.json(&["outbox"]).await.as_array().unwrap().is_empty())
        .await;
    let ids: Vec<Value> = bob.inbox().await.iter().map(|message| message["id"].clone()).collect();
    assert_eq!(ids, waiting);
    assert!(alice.home.join("ballast").exists());
}
