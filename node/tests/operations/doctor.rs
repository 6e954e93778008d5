//! What is wrong, and what to do about it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    forget::forget_contacts,
    process::{Daemon, LISTEN, Ran, airway, befriend, friends, run, until},
};

/// What the doctor says of a home.
async fn doctor(home: &Path) -> Ran {
    let mut command = airway(home);
    command.arg("doctor");
    run(command, b"").await
}

/// The checks with this name that are not as they should be, as JSON; and that the number of the command fits.
async fn findings(home: &Path, check: &str) -> Vec<Value> {
    let mut command = airway(home);
    command.args(["--json", "doctor"]);
    let ran = run(command, b"").await;
    let report = ran.lines().pop().unwrap()["data"].take();
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().any(|check| check["state"] == "fail");
    assert_eq!((ran.code, &report["healthy"]), (i32::from(failed), &(!failed).into()), "{ran:?}");
    let of_name: Vec<_> = checks.iter().filter(|found| found["check"] == check).cloned().collect();
    assert!(!of_name.is_empty(), "no check {check}: {report}");
    of_name.into_iter().filter(|found| found["state"] != "ok").collect()
}

/// Asserts that one check fails so, and says what to do.
async fn finds(home: &Path, check: &str, message: &str, hint: &str) {
    let found = findings(home, check).await;
    assert_eq!(found.len(), 1, "{check}: {found:?}");
    assert_eq!(found[0]["state"], "fail", "{found:?}");
    let text = |part: &str| found[0][part].as_str().unwrap().to_owned();
    assert!(text("message").contains(message) && text("hint").contains(hint), "{found:?}");
}

/// A home in which a daemon has run.
async fn used(dir: &TempDir) -> PathBuf {
    let home = dir.path().join("home");
    for args in [&["up", "--detach", "--listen", LISTEN[0]][..], &["down"]] {
        let mut command = airway(&home);
        command.args(args);
        assert_eq!(run(command, b"").await.code, 0);
    }
    home
}

#[tokio::test]
async fn all_is_well_with_two_friends() {
    let (alice, bob) = friends().await;
    until("they talk", async || alice.run(&["ping", "bob", "-c", "1"]).await.code == 0).await;
    for agent in [&alice, &bob] {
        let ran = doctor(&agent.home).await;
        assert_eq!((ran.code, ran.text().as_str()), (0, "all is well\n"), "{ran:?}");
    }
}

#[tokio::test]
async fn a_contact_that_does_not_answer_is_worth_knowing() {
    let (alice, mut bob) = friends().await;
    let mut carol = Daemon::new("carol").await;
    befriend(&alice, &carol).await;
    carol.kill().await;
    forget_contacts(&carol.home).await;
    let carol = carol.restart().await;
    bob.kill().await;
    let found = findings(&alice.home, "contacts").await;
    let messages: Vec<_> = found.iter().map(|found| found["message"].as_str().unwrap()).collect();
    assert_eq!(messages.len(), 2, "{found:?}");
    assert!(messages.contains(&"bob cannot be reached"), "{messages:?}");
    assert!(messages.contains(&"carol does not trust this agent"), "{messages:?}");
    assert!(found.iter().all(|found| found["state"] == "warn" && found["hint"] != ""), "{found:?}");
    let offline = alice.run(&["doctor", "--offline"]).await;
    assert_eq!((offline.code, offline.text().as_str()), (0, "all is well\n"));
    assert!(findings(&carol.home, "contacts").await[0]["hint"].as_str().unwrap().contains("airway trust"));
}

#[tokio::test]
async fn without_a_daemon_the_rest_is_looked_at() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let nowhere = dir.path().join("nowhere");
    finds(&nowhere, "home", "there is no home", "up`").await;
    assert!(!nowhere.exists(), "looking creates nothing");

    let home = used(&dir).await;
    let ran = doctor(&home).await;
    assert_eq!(ran.code, 1);
    assert!(ran.text().starts_with("wrong: the daemon is not running (run `airway --home "), "{ran:?}");
    assert_eq!(ran.text().lines().count(), 1, "one line for each thing: {ran:?}");

    fs::write(home.join("config.toml"), "nmae = \"alice\"\n").unwrap();
    finds(&home, "settings", "nmae", "correct line 1").await;
    fs::remove_file(home.join("config.toml")).unwrap();

    fs::set_permissions(home.join("identity.key"), Permissions::from_mode(0o644)).unwrap();
    finds(&home, "identity", "open to other users", "chmod 600").await;
    fs::set_permissions(home.join("identity.key"), Permissions::from_mode(0o600)).unwrap();

    fs::set_permissions(&home, Permissions::from_mode(0o777)).unwrap();
    finds(&home, "home", "open to other users", "chmod 700").await;
    fs::set_permissions(&home, Permissions::from_mode(0o700)).unwrap();

    fs::remove_file(home.join("airway.reserve")).unwrap();
    finds(&home, "disk", "messages are refused", "make room").await;

    fs::write(home.join("airway.db"), "this is no database, and longer than the head of one: ".repeat(10))
        .unwrap();
    finds(&home, "database", "damaged", "backup").await;
    fs::remove_file(home.join("identity.key")).unwrap();
    finds(&home, "identity", "no identity", "airway up").await;
}

#[tokio::test]
async fn what_a_crash_left_is_told_from_a_good_end() {
    let mut alice = Daemon::new("alice").await;
    alice.kill().await;
    finds(&alice.home, "daemon", "did not end in good order", "up`").await;
    assert_eq!(findings(&alice.home, "database").await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_inbox_that_is_full_is_to_be_seen_to() {
    let (alice, mut bob) = friends().await;
    fs::write(bob.home.join("config.toml"), "[limits]\ninbox_bytes = 1000\n").unwrap();
    bob = bob.restart().await;
    assert_eq!(findings(&bob.home, "inbox").await, Vec::<Value>::new());
    for _ in 0..3 {
        // Each counts 256 bytes besides its body.
        alice.json(&["send", "bob", &"x".repeat(60), "--timeout", "50s"]).await;
    }
    finds(&bob.home, "inbox", "94 % full", "inbox clear --read").await;
}

#[tokio::test]
async fn alarms_are_told() {
    let mut alice = Daemon::new("alice").await;
    alice.kill().await;
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, Permissions::from_mode(0o700)).unwrap();
    for name in ["identity.key", "places.json"] {
        fs::copy(alice.home.join(name), home.join(name)).unwrap();
    }
    let alice = alice.restart().await;
    let command = airway(&home);
    let twin = Daemon::start("alice", dir, command, |_| home).await;
    for copy in [&alice, &twin] {
        until("both know", async || !findings(&copy.home, "warnings").await.is_empty()).await;
        finds(&copy.home, "warnings", "another copy of this agent", "").await;
    }
}
