//! A receiver that is away, and what its sender can do meanwhile.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use serde_json::Value;

use crate::process::{Daemon, friends, run, until};

/// What waits at an agent.
async fn waiting(at: &Daemon) -> Vec<Value> {
    at.json(&["outbox"]).await.as_array().unwrap().clone()
}

/// Sends without waiting for long, since nobody is there; returns the id.
async fn leave(from: &Daemon, text: &str) -> String {
    let sent = from.json(&["send", "bob", text, "--timeout", "10ms"]).await;
    assert_eq!(sent["state"], "waiting", "{sent}");
    sent["id"].as_str().unwrap().to_owned()
}

async fn bodies(at: &Daemon) -> Vec<Value> {
    at.inbox().await.iter().map(|message| message["body"].clone()).collect()
}

#[tokio::test]
async fn a_message_waits_for_an_agent_that_is_away_and_arrives_by_itself() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let sent = alice.json(&["send", "bob", "first"]).await;
    assert_eq!(
        (&sent["state"], &sent["reason"]["code"]),
        (&"waiting".into(), &"unreachable".into()),
        "{sent}"
    );
    let second = leave(&alice, "second").await;
    let items = waiting(&alice).await;
    assert_eq!(items.len(), 2);
    assert_eq!((&items[1]["id"], &items[1]["state"]), (&second.as_str().into(), &"waiting".into()));
    // Whatever is put anew is tried at once, and what was in the way may not be any more.
    until("it is known again what is in the way", async || {
        waiting(&alice).await[0]["reason"].as_str().is_some_and(|reason| reason.contains("cannot be reached"))
    })
    .await;

    let bob = bob.restart().await;
    follow_or_gone(&alice, &second).await;
    until("both have arrived", async || waiting(&alice).await.is_empty()).await;
    assert_eq!(bodies(&bob).await, ["first", "second"]);
}

/// Follows something to its end, unless it has come to it already.
async fn follow_or_gone(at: &Daemon, id: &str) {
    let ran = at.run(&["--json", "outbox", "follow", id, "--timeout", "50s"]).await;
    if ran.code == 0 {
        assert_eq!((&ran.data()["state"], &ran.data()["id"]), (&"delivered".into(), &id.into()));
    } else {
        ran.error(6, "not_found");
    }
}

#[tokio::test]
async fn what_waits_survives_its_sender() {
    let (mut alice, mut bob) = friends().await;
    bob.kill().await;
    for text in ["one", "two", "three"] {
        leave(&alice, text).await;
    }
    alice.kill().await;
    let alice = alice.restart().await;
    assert_eq!(waiting(&alice).await.len(), 3);
    let bob = bob.restart().await;
    until("all have arrived", async || waiting(&alice).await.is_empty()).await;
    assert_eq!(bodies(&bob).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn what_waits_can_be_taken_back() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let [first, second, third] =
        [leave(&alice, "1").await, leave(&alice, "2").await, leave(&alice, "3").await];
    assert_eq!(alice.json(&["outbox", "cancel", &second]).await["id"], second.as_str());
    alice.fails(&["outbox", "cancel", &second], 6, "not_found").await;
    alice.fails(&["outbox", "clear"], 2, "bad_request").await;
    let ids: Vec<Value> = waiting(&alice).await.iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [first.as_str(), third.as_str()]);
    assert_eq!(alice.json(&["outbox", "clear", "--to", "bob"]).await["cleared"], 2);
    let bob = bob.restart().await;
    alice.json(&["send", "bob", "4", "--timeout", "50s"]).await;
    assert_eq!(bodies(&bob).await, ["4"]);
}

#[tokio::test]
async fn what_waits_expires_and_says_so() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let sent = alice.json(&["send", "bob", "soon", "--timeout", "10ms", "--expires", "1s"]).await;
    until("it has expired", async || waiting(&alice).await[0]["state"] == "failed").await;
    let item = &waiting(&alice).await[0];
    assert_eq!(item["id"], sent["id"]);
    assert!(item["reason"].as_str().unwrap().contains("expired"), "{item}");
    let bob = bob.restart().await;
    alice.json(&["send", "bob", "late", "--timeout", "50s"]).await;
    assert_eq!(bodies(&bob).await, ["late"], "what has expired is not sent");
    assert_eq!(alice.json(&["outbox", "clear", "--failed"]).await["cleared"], 1);
}

#[tokio::test]
async fn what_must_not_wait_is_taken_back() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    alice.fails(&["send", "bob", "now", "--now", "--timeout", "100ms"], 4, "timeout").await;
    assert!(waiting(&alice).await.is_empty());
    alice.fails(&["send", "bob", "now", "--now", "--expires", "1h"], 2, "bad_request").await;
}

#[tokio::test]
async fn an_agent_that_refuses_leaves_nothing_in_the_outbox() {
    let (alice, bob) = friends().await;
    bob.json(&["untrust", "alice"]).await;
    alice.fails(&["send", bob.address(), "psst", "--timeout", "50s"], 5, "not_trusted").await;
    assert!(waiting(&alice).await.is_empty());
}

#[tokio::test]
async fn to_cease_to_trust_takes_back_what_waits() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    leave(&alice, "never").await;
    alice.json(&["untrust", "bob"]).await;
    assert!(waiting(&alice).await.is_empty());
}

#[tokio::test]
async fn a_full_outbox_takes_no_more() {
    let (mut alice, mut bob) = friends().await;
    bob.kill().await;
    alice.kill().await;
    fs::write(alice.home.join("config.toml"), "limits.outbox_bytes = 600\n").unwrap();
    let alice = alice.restart().await;
    for text in ["1", "2"] {
        leave(&alice, text).await;
    }
    alice.fails(&["send", "bob", "3", "--timeout", "10ms"], 1, "quota").await;
    assert_eq!(waiting(&alice).await.len(), 2);
}

#[tokio::test]
async fn a_sender_can_wait_for_the_reply() {
    let (alice, bob) = friends().await;
    let command = alice.command(["--json", "send", "bob", "which branch?", "--wait", "--timeout", "50s"]);
    let asking = tokio::spawn(async move { run(command, b"").await });
    until("the question has come", async || !bob.inbox().await.is_empty()).await;
    let question = bob.inbox().await[0]["id"].as_str().unwrap().to_owned();
    bob.json(&["send", "alice", "something else"]).await;
    bob.json(&["reply", &question, "main"]).await;
    let answer = asking.await.unwrap().data();
    assert_eq!((&answer["id"], &answer["reply"]["body"]), (&question.as_str().into(), &"main".into()));
    let unread = alice.json(&["inbox", "list", "--unread"]).await;
    assert_eq!(unread[0]["body"], "something else", "the reply counts as read: {unread}");
}
