//! The examples in Python, against real daemons.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "common/process.rs"]
mod process;

use std::{path::Path, process::Stdio};

use process::{Daemon, friends, until};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/python");

/// Whether there is Python here; says so if it need not be.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
async fn is_there(test: &str) -> bool {
    let python = Command::new("python3").arg("--version").output().await;
    if python.as_ref().is_ok_and(|output| output.status.success()) {
        return true;
    }
    let allowed = std::env::var("AIRWAY_ALLOW_SKIP").is_ok_and(|skip| skip == "1");
    assert!(allowed, "{test} cannot run here, for want of python3 (AIRWAY_ALLOW_SKIP=1 skips it)");
    eprintln!("NOT RUN: {test}: {python:?}");
    false
}

/// An example beside a daemon.
fn example(name: &str, daemon: &Daemon) -> Command {
    let mut command = Command::new("python3");
    // Nothing is left behind beside the examples.
    command.arg("-B").arg(Path::new(EXAMPLES).join(name)).env("AIRWAY_HOME", &daemon.home);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn an_agent_in_python_answers_what_was_said_before_it_came_and_after() {
    if !is_there("an_agent_in_python_answers_what_was_said_before_it_came_and_after").await {
        return;
    }
    let (alice, bob) = friends().await;
    let before = alice.json(&["send", "bob", "grüße"]).await;
    alice.json(&["send", "bob", "--type", "json", "[1]"]).await;
    let mut agent = example("answer.py", &bob).stdout(Stdio::null()).spawn().unwrap();
    until("the first answer", async || alice.inbox().await.len() == 1).await;
    let after = alice.json(&["send", "bob", "still there?"]).await;
    until("the second answer", async || alice.inbox().await.len() == 2).await;

    let answers = alice.inbox().await;
    for (answer, question, text) in
        [(&answers[0], before, "I heard: grüße"), (&answers[1], after, "I heard: still there?")]
    {
        assert_eq!((&answer["body"], &answer["reply_to"]), (&text.into(), &question["id"]));
    }
    until("all count as read", async || bob.json(&["status"]).await["unread"] == 0).await;
    assert!(agent.try_wait().unwrap().is_none(), "it goes on");
}

/// The example that follows events, and the lines that it prints.
fn follower(daemon: &Daemon, place: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut command = example("follow.py", daemon);
    command.args(["alice", "builds/**", "log"]).current_dir(place).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

#[tokio::test]
async fn a_follower_in_python_goes_on_where_it_left_off() {
    if !is_there("a_follower_in_python_goes_on_where_it_left_off").await {
        return;
    }
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let mut number = 0;
    for run in 0..2 {
        let mut published = Vec::new();
        let mut last = String::new();
        for topic in ["builds/a", "other", "log", "builds/b"] {
            number += 1;
            let event = alice.json(&["publish", topic, &number.to_string()]).await;
            if topic != "other" {
                last = event["position"].as_str().unwrap().to_owned();
                published.push(format!("{last} {topic} {number}"));
            }
        }
        let (mut child, mut lines) = follower(&bob, place.path());
        for expected in published {
            let line = timeout(process::PATIENCE, lines.next_line()).await.unwrap().unwrap();
            assert_eq!(line, Some(expected), "run {run}");
        }
        // What it has printed last it notes next.
        until("it has noted its place and told how many", async || {
            let topics = bob.json(&["topics"]).await;
            topics.as_array().unwrap().iter().map(|topic| topic["events"].as_u64().unwrap()).sum::<u64>()
                == 3 * (run + 1)
        })
        .await;
        until("its place is noted", async || {
            std::fs::read_to_string(place.path().join("position")).is_ok_and(|noted| noted == last)
        })
        .await;
        child.kill().await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_in_python_does_what_it_is_given() {
    if !is_there("a_worker_in_python_does_what_it_is_given").await {
        return;
    }
    let (alice, bob) = friends().await;
    let mut worker = example("worker.py", &bob).stdout(Stdio::null()).spawn().unwrap();
    let submit = ["task", "submit", "bob", "count", "--input", "-", "--wait", "--timeout", "50s"];
    let counted = process::run(alice.command(submit), b"one two three").await;
    assert_eq!((counted.code, counted.stdout.as_slice()), (0, &b"3"[..]), "{counted:?}");
    let described = alice.run(&["task", "submit", "bob", "two words", "--wait", "--timeout", "50s"]).await;
    assert_eq!(described.text(), "2");
    assert!(worker.try_wait().unwrap().is_none(), "it goes on");
}
