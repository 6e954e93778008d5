//! The key of the authority: whom it expels, and how it moves.

use std::{fs, os::unix::fs::MetadataExt as _};

use tempfile::TempDir;

use super::{address, finds, founder, joined, member};
use crate::process::{airway, run, until};

/// What the key is sealed with here.
const PASSPHRASE: &str = "correct horse battery";

#[tokio::test]
async fn whoever_is_expelled_is_out_for_everybody() {
    let alice = founder(&[]).await;
    let (bob, carol) = tokio::join!(joined("bob", &alice), joined("carol", &alice));
    finds(&carol, "bob").await;
    let there = address(&bob).await;
    bob.fails(&["network", "expel", "carol"], 1, "conflict").await;
    alice.fails(&["network", "expel", "nobody"], 6, "not_found").await;
    alice.fails(&["network", "expel", "alice"], 2, "bad_request").await;

    let expelled = alice.run(&["network", "expel", "bob"]).await;
    assert!(expelled.code == 0 && expelled.text().contains(&there), "{expelled:?}");
    assert!(expelled.stderr.contains("airway untrust"), "{expelled:?}");
    // Whom he meets next tells him.
    until("bob knows", async || {
        bob.run(&["find", "carol", "--timeout", "2s"]).await;
        bob.json(&["network"]).await["network"]["membership"] == "expelled"
    })
    .await;
    assert!(bob.run(&["network"]).await.stderr.contains("airway network leave"));
    until("carol finds him no more", async || carol.run(&["find", "bob"]).await.code == 6).await;
    assert_eq!(member(&alice, &there).await["membership"], "expelled");
    assert_eq!(bob.json(&["network", "leave"]).await["membership"], "expelled");
    assert!(bob.json(&["network"]).await["network"].is_null());
}

#[tokio::test]
async fn the_key_of_the_authority_moves_in_a_sealed_file() {
    let alice = founder(&[]).await;
    let bob = joined("bob", &alice).await;
    let dir = TempDir::new().unwrap();
    let (file, secret) = (dir.path().join("lab.age"), dir.path().join("secret"));
    fs::write(&secret, PASSPHRASE).unwrap();
    let (path, secret) = (file.to_str().unwrap(), secret.to_str().unwrap());
    let export = ["network", "export", path, "--passphrase-file", secret];
    bob.fails(&export, 1, "conflict").await;
    assert!(!file.exists());

    assert_eq!(alice.json(&export).await["network"], "lab");
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let sealed = fs::read_to_string(&file).unwrap();
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{sealed}");
    alice.fails(&export, 1, "conflict").await;

    let wrong = dir.path().join("wrong");
    fs::write(&wrong, "another passphrase").unwrap();
    let import = |secret| ["network", "import", path, "--passphrase-file", secret];
    bob.fails(&import(wrong.to_str().unwrap()), 2, "bad_request").await;
    bob.fails(&["network", "import", secret, "--passphrase-file", secret], 2, "bad_request").await;
    assert_eq!(bob.json(&["network"]).await["network"]["authority"], false);
    assert_eq!(bob.json(&import(secret)).await["authority"], true);
    let stdout = alice.run(&["network", "export", "-", "--passphrase-file", secret]).await;
    assert!(stdout.text().starts_with("-----BEGIN AGE"), "{stdout:?}");

    // Whoever holds the key says so before it leaves.
    let error = alice.fails(&["network", "leave"], 1, "conflict").await;
    assert!(error["hint"].as_str().unwrap().contains("--abandon"), "{error}");
    assert_eq!(alice.json(&["network"]).await["network"]["name"], "lab");
    assert_eq!(alice.json(&["network", "leave", "--abandon"]).await["name"], "lab");
    bob.json(&["invite"]).await;
}

#[tokio::test]
async fn without_a_daemon_the_commands_say_how_to_start_it() {
    let home = TempDir::new().unwrap();
    let commands: [&[&str]; 7] = [
        &["network"],
        &["network", "create", "lab"],
        &["network", "leave"],
        &["invite"],
        &["join", "airway-net:AAAA"],
        &["find", "bob"],
        &["me", "set", "name", "bob"],
    ];
    for command in commands {
        let mut airway = airway(home.path());
        airway.arg("--json").args(command);
        let error = run(airway, b"").await.error(3, "not_running");
        assert!(error["hint"].as_str().unwrap().contains("up"), "{command:?}: {error}");
    }
}
