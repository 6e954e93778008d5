//! Messages as they arrive, and followers that do not behave.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::process::Stdio;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout},
    time::timeout,
};

use crate::process::{Daemon, PATIENCE, befriend, friends, run, until};

/// A command that goes on, with its output at hand.
pub(super) struct Follower {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Follower {
    /// Follows from the first message on: whether it was started before the messages came is of no matter.
    fn of(daemon: &Daemon, args: &[&str]) -> Self {
        Self::run(daemon, &[&["inbox", "follow", "--after", "0"], args].concat())
    }

    /// Runs a command that prints objects.
    pub(super) fn run(daemon: &Daemon, args: &[&str]) -> Self {
        let mut command = daemon.command([&["--json"], args].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines }
    }

    /// The next object, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time").expect("text");
        line.map(|line| serde_json::from_str(&line).expect("an object"))
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Waits until it has ended by itself; returns its number.
    pub(super) async fn ended(mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("a process").code()
    }
}

#[tokio::test]
async fn messages_are_printed_as_they_arrive() {
    let (alice, bob) = friends().await;
    let mut follower = Follower::of(&bob, &["--count", "3"]);
    for text in ["one", "two", "three"] {
        alice.json(&["send", "bob", text]).await;
        let message = follower.next().await.unwrap();
        assert_eq!((&message["body"], &message["read"]), (&text.into(), &false.into()));
    }
    assert_eq!(follower.next().await, None);
    assert_eq!(follower.ended().await, Some(0));
}

#[tokio::test]
async fn what_is_there_already_is_no_news() {
    let (alice, bob) = friends().await;
    alice.json(&["send", "bob", "old"]).await;
    let follow = bob.command(["--json", "inbox", "follow", "--count", "1"]);
    let followed = tokio::spawn(async move { run(follow, b"").await });
    // Until the follower is there, nobody can tell it from one that has not begun: send until it has one.
    until("the follower got a message", async || {
        alice.json(&["send", "bob", "new"]).await;
        followed.is_finished()
    })
    .await;
    assert_eq!(followed.await.unwrap().lines()[0]["body"], "new");
}

#[tokio::test]
async fn a_follower_that_stops_reading_harms_nobody() {
    /// Together far more than pipes and sockets hold.
    const MESSAGES: usize = 40;
    let (alice, bob) = friends().await;
    let mut asleep = Follower::of(&bob, &[]);
    let mut awake = Follower::of(&bob, &[]);
    let filler = "x".repeat(256 * 1024);
    for number in 0..MESSAGES {
        let text = format!("{number} {filler}");
        let sent = run(alice.command(["send", "bob"]), text.as_bytes()).await;
        assert_eq!(sent.code, 0, "{sent:?}");
        assert_eq!(awake.next().await.unwrap()["body"], text.as_str());
    }
    assert_eq!(bob.json(&["status"]).await["unread"], MESSAGES);
    for number in 0..MESSAGES {
        let message = asleep.next().await.unwrap();
        assert!(message["body"].as_str().unwrap().starts_with(&format!("{number} ")), "in order, none lost");
    }
}

#[tokio::test]
async fn a_follower_whose_reader_has_gone_ends_without_complaint() {
    let (alice, bob) = friends().await;
    let Follower { mut child, lines } = Follower::of(&bob, &[]);
    drop(lines);
    alice.json(&["send", "bob", "to nobody"]).await;
    let ended = timeout(PATIENCE, child.wait()).await.expect("an end in time").unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn followers_end_with_the_daemon() {
    let (alice, bob) = friends().await;
    let mut follower = Follower::of(&bob, &[]);
    alice.json(&["send", "bob", "last"]).await;
    assert_eq!(follower.next().await.unwrap()["body"], "last");
    assert_eq!(bob.run(&["down"]).await.code, 0);
    let error = follower.next().await.unwrap();
    assert_eq!((&error["status"], &error["code"]), (&"error".into(), &"not_running".into()));
    assert!(error["hint"].as_str().unwrap().ends_with("up`"), "{error}");
    assert_eq!(follower.ended().await, Some(3));
}

#[tokio::test]
async fn a_wait_in_vain_is_a_timeout() {
    let bob = Daemon::new("bob").await;
    bob.fails(&["inbox", "follow", "--timeout", "200ms"], 4, "timeout").await;
}

#[tokio::test]
async fn what_others_say_is_left_out_on_request() {
    let (alice, bob) = friends().await;
    let carol = Daemon::new("carol").await;
    befriend(&carol, &bob).await;
    let question = bob.json(&["send", "alice", "ready?"]).await["id"].as_str().unwrap().to_owned();
    let mut from_carol = Follower::of(&bob, &["--from", "carol", "--count", "2"]);
    let mut replies = Follower::of(&bob, &["--reply-to", &question, "--count", "1"]);
    for text in ["one", "two"] {
        alice.json(&["send", "bob", text]).await;
        carol.json(&["send", "bob", text]).await;
    }
    alice.json(&["reply", &question, "lost"]).await;
    for text in ["one", "two"] {
        let message = from_carol.next().await.unwrap();
        assert_eq!((&message["name"], &message["body"]), (&"carol".into(), &text.into()));
    }
    assert_eq!(replies.next().await.unwrap()["body"], "lost");
    assert_eq!((from_carol.ended().await, replies.ended().await), (Some(0), Some(0)));

    let listed = async |args: &[&str]| {
        let list = bob.json(&[&["inbox", "list"], args].concat()).await;
        list.as_array()
            .unwrap()
            .iter()
            .map(|item| item["body"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&["--from", "carol"]).await, ["one", "two"]);
    assert_eq!(listed(&["--reply-to", &question]).await, ["lost"]);
    assert_eq!(listed(&["--from", "alice", "--reply-to", &question]).await, ["lost"]);
    assert!(listed(&["--from", "carol", "--reply-to", &question]).await.is_empty());
    bob.fails(&["inbox", "follow", "--from", "dave"], 6, "not_found").await;
    bob.fails(&["inbox", "list", "--reply-to", "0199"], 2, "bad_request").await;
}
