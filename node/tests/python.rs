//! The example in Python, against real daemons.

#[path = "common/process.rs"]
mod process;

use std::process::Stdio;

use process::{friends, until};
use tokio::process::Command;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/python/answer.py");

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
async fn an_agent_in_python_answers_what_was_said_before_it_came_and_after() {
    let test = "an_agent_in_python_answers_what_was_said_before_it_came_and_after";
    let python = Command::new("python3").arg("--version").output().await;
    if !python.as_ref().is_ok_and(|output| output.status.success()) {
        let allowed = std::env::var("AIRWAY_ALLOW_SKIP").is_ok_and(|skip| skip == "1");
        assert!(allowed, "{test} cannot run here, for want of python3 (AIRWAY_ALLOW_SKIP=1 skips it)");
        eprintln!("NOT RUN: {test}: {python:?}");
        return;
    }
    let (alice, bob) = friends().await;
    let before = alice.json(&["send", "bob", "grüße"]).await;
    alice.json(&["send", "bob", "--type", "json", "[1]"]).await;
    let mut agent = Command::new("python3");
    agent.arg(EXAMPLE).env("AIRWAY_HOME", &bob.home).stdin(Stdio::null()).stdout(Stdio::null());
    let mut agent = agent.kill_on_drop(true).spawn().unwrap();
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
