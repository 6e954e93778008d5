//! The life of a daemon: up, down, and the errors in between.

use std::{net::TcpListener, path::Path};

use tempfile::TempDir;
use tokio::process::Command;

use crate::process::{Daemon, LISTEN, Ran, airway, run};

/// Runs a command on a home, asking for JSON.
async fn json(home: &Path, args: &[&str]) -> Ran {
    let mut command = airway(home);
    command.arg("--json").args(args);
    run(command, b"").await
}

/// Starts a daemon in the background that listens on loopback.
async fn detach(home: &Path) -> Ran {
    json(home, &["up", "--detach", "--listen", LISTEN[0], "--listen", LISTEN[1]]).await
}

#[tokio::test]
async fn without_a_daemon_every_command_says_how_to_start_it() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("nobody's home");
    let commands: [&[&str]; 15] = [
        &["down"],
        &["status"],
        &["me"],
        &["card"],
        &["trust", "airway:AAAA"],
        &["untrust", "bob"],
        &["trusted"],
        &["alias", "bob", "robert"],
        &["peers"],
        &["ping", "bob"],
        &["send", "bob", "hello"],
        &["reply", "0199", "hello"],
        &["inbox"],
        &["listen", "5000"],
        &["dial", "bob", "5000"],
    ];
    for command in commands {
        let error = json(&home, command).await.error(3, "not_running");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.starts_with("run `airway --home ") && hint.ends_with(" up`"), "{command:?}: {hint}");
    }
    assert!(!home.exists(), "asking creates nothing");
}

#[tokio::test]
async fn down_frees_the_home_for_the_next_up_at_once() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("home");
    let mut address = None;
    for _ in 0..3 {
        let status = detach(&home).await.data();
        assert_eq!(*address.get_or_insert(status["address"].clone()), status["address"]);
        assert_eq!(status["listening"].as_array().unwrap().len(), LISTEN.len(), "nothing is missing");
        assert_eq!(json(&home, &["down"]).await.data()["pid"], status["pid"]);
    }
    json(&home, &["down"]).await.error(3, "not_running");
}

#[tokio::test]
async fn a_second_daemon_on_a_home_names_the_first() {
    let mut alice = Daemon::new("alice").await;
    let pid = alice.pid().to_string();
    for args in [&["up"][..], &["up", "--detach"]] {
        let error = alice.fails(args, 1, "already_running").await;
        assert!(error["message"].as_str().unwrap().contains(&pid), "{args:?}: {error}");
    }
    assert_eq!(alice.json(&["status"]).await["pid"], alice.pid(), "the first runs on");
    assert_eq!(alice.run(&["down"]).await.code, 0);
    assert_eq!(alice.ended().await, Some(0));
}

#[tokio::test]
async fn signals_end_it_in_good_order() {
    for signal in ["TERM", "INT"] {
        let mut alice = Daemon::new("alice").await;
        let pid = alice.pid().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.unwrap().success());
        assert_eq!(alice.ended().await, Some(0), "{signal}");
        assert!(!alice.home.join("run/api.sock").exists(), "{signal}: the socket is gone");
        alice.fails(&["status"], 3, "not_running").await;
    }
}

#[tokio::test]
async fn a_terminal_that_closes_does_not_end_it() {
    let alice = Daemon::new("alice").await;
    let pid = alice.pid().to_string();
    assert!(Command::new("kill").args(["-s", "HUP", &pid]).status().await.unwrap().success());
    assert_eq!(alice.json(&["status"]).await["pid"], alice.pid());
}

#[tokio::test]
async fn an_address_in_use_is_a_conflict() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", taken.local_addr().unwrap().port());
    json(&dir.path().join("a"), &["up", "--listen", &address]).await.error(1, "conflict");
    let detached = json(&dir.path().join("b"), &["up", "--detach", "--listen", &address]).await;
    assert!(detached.error(1, "home")["hint"].as_str().unwrap().contains("--listen"));
}

#[tokio::test]
async fn flags_that_make_no_sense_start_nothing() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let flags: [&[&str]; 5] = [
        &["--timeout", "5s"],
        &["--name", "Two Words"],
        &["--listen", "localhost:4001"],
        &["--log", "airway=="],
        &["--announce", "/ip4/0.0.0.0/tcp/1"],
    ];
    for flags in flags {
        json(dir.path(), &[&["up"], flags].concat()).await.error(2, "bad_request");
    }
    assert!(!dir.path().join("identity.key").exists());
}

/// A relay that is not there.
const NOBODY: &str = "/ip4/127.0.0.1/udp/1/quic-v1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

#[tokio::test]
async fn a_stealthy_relay_server_is_none_and_status_tells_each_of_them() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("home");
    let up = async |flags: &[&str]| {
        json(&home, &[&["up", "--detach", "--listen", LISTEN[0]], flags].concat()).await
    };
    let error = json(&home, &["up", "--relay-server", "--stealth"]).await.error(2, "bad_request");
    assert!(error["message"].as_str().unwrap().contains("relay_server"), "{error}");

    let status = up(&["--relay-server"]).await.data();
    assert_eq!((&status["relay_server"], &status["stealth"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(json(&home, &["down"]).await.code, 0);
    let error = up(&["--expect", "here"]).await.error(1, "home");
    assert!(error["message"].as_str().unwrap().contains("a network such as"), "{error}");

    let status = up(&["--stealth", "--expect", "192.0.2.0/24", "--relay", NOBODY]).await.data();
    assert_eq!(status["stealth"], serde_json::json!({"networks": 1, "addresses": 1}));
    assert_eq!(status["relays"][0]["reserved"], false, "nobody is there");
    let text = run(
        {
            let mut command = airway(&home);
            command.arg("status");
            command
        },
        b"",
    )
    .await
    .text();
    assert!(text.contains("1, 0 with a reservation") && text.contains("1 known IP addresses"), "{text}");
    assert_eq!(json(&home, &["down"]).await.code, 0);
}
