//! Where things are printed, and in which form.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::{fs::File, io::pipe, path::Path, process::Stdio};

use tokio::process::Command;

use crate::process::{Daemon, Ran, airway, friends, run};

/// Runs a command that needs no home.
async fn homeless(args: &[&str]) -> Ran {
    let mut command = airway(Path::new("/nonexistent"));
    command.args(args);
    run(command, b"").await
}

/// Runs a command with this as its stdout; returns its number and what it said.
async fn into(mut command: Command, stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn();
    let output = child.expect("a process").wait_with_output().await.expect("its output");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn wrong_usage_is_an_error_in_both_forms() {
    let mistakes: [&[&str]; 9] = [
        &[],
        &["stauts"],
        &["ping"],
        &["ping", "bob", "-c", "many"],
        &["send", "bob", "--type", "image"],
        &["inbox", "clear"],
        &["listen", "0"],
        &["dial", "bob"],
        &["help", "nothing"],
    ];
    for mistake in mistakes {
        homeless(&[&["--json"], mistake].concat()).await.error(2, "bad_request");
        let text = homeless(mistake).await;
        assert_eq!((text.code, text.stdout.as_slice()), (2, &b""[..]), "{mistake:?}");
        assert!(text.stderr.starts_with("error: ") && text.stderr.contains("\nhint: "), "{text:?}");
    }
}

#[tokio::test]
async fn stdout_is_data_and_stderr_is_talk() {
    let (alice, bob) = friends().await;
    let empty = bob.run(&["inbox"]).await;
    assert!(empty.stderr.starts_with("no messages"), "{empty:?}");
    assert_eq!(bob.run(&["--quiet", "inbox"]).await.stderr, "");
    let json = bob.run(&["--json", "inbox"]).await;
    assert_eq!((json.text().as_str(), json.stderr.as_str()), ("{\"status\":\"ok\",\"data\":[]}\n", ""));
    let error = alice.run(&["ping", "nobody"]).await;
    assert_eq!((error.code, error.text().as_str()), (6, ""));
    // In JSON an error is an answer like any other.
    let error = alice.run(&["--json", "ping", "nobody"]).await;
    assert_eq!((error.lines().len(), error.stderr.as_str()), (1, ""));
}

#[tokio::test]
async fn nothing_that_a_peer_sends_reaches_the_terminal_as_a_command() {
    let (alice, bob) = friends().await;
    alice.json(&["send", "bob", "\u{1b}]0;owned\u{7}\u{202e}hello"]).await;
    for args in [&["inbox"][..], &["--json", "inbox"]] {
        let listed = bob.run(args).await.text();
        assert!(listed.contains("hello") && !listed.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{listed:?}");
    }
}

#[tokio::test]
async fn a_reader_who_went_away_is_no_error_and_a_full_disk_is_one() {
    let alice = Daemon::new("alice").await;
    for args in [&["status"][..], &["help"], &["--help"], &["--json", "me"], &["completions", "bash"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        assert_eq!(into(alice.command(args), writer).await, (Some(0), String::new()), "{args:?}");
    }
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (code, said) = into(alice.command(["status"]), full).await;
    assert_eq!(code, Some(1));
    assert!(said.starts_with("error: cannot write the output") && said.contains("\nhint: "), "{said}");
}

#[tokio::test]
async fn completions_and_help_come_without_a_daemon() {
    let script = homeless(&["completions", "bash"]).await;
    assert!(script.code == 0 && script.text().contains("_airway()"), "{:?}", script.stderr);
    let help = homeless(&["help", "--json"]).await.data();
    let commands = help["commands"].as_array().unwrap();
    for name in ["up", "down", "send", "inbox", "dial"] {
        assert!(commands.iter().any(|command| command["name"] == name), "{name}");
    }
    for args in [&["help", "inbox", "show"][..], &["inbox", "show", "--help"], &["--help"], &["--version"]] {
        let help = homeless(args).await;
        assert!(help.code == 0 && !help.stdout.is_empty() && help.stderr.is_empty(), "{args:?}: {help:?}");
    }
}

#[tokio::test]
async fn the_settings_say_where_they_come_from() {
    let dir = tempfile::TempDir::with_prefix("airway-").unwrap();
    std::fs::write(dir.path().join("config.toml"), "name = \"from-file\"\n").unwrap();
    let mut command = airway(dir.path());
    command.args(["config", "--json"]).env("AIRWAY_LOG", "warn");
    let settings = run(command, b"").await.data();
    let origin = |key: &str| {
        let setting = settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap();
        (setting["value"].as_str().map(str::to_owned), setting["origin"].as_str().unwrap().to_owned())
    };
    assert_eq!(origin("name"), (Some("from-file".into()), "file".into()));
    assert_eq!(origin("log.filter"), (Some("warn".into()), "env".into()));
    assert_eq!(origin("home").1, "flag");
    assert_eq!(origin("log.format").1, "default");

    let mut command = airway(dir.path());
    command.args(["config", "path"]);
    let path = run(command, b"").await.text();
    assert_eq!(Path::new(path.trim()), dir.path().join("config.toml"));
}
