//! Tickets: made, used once, and worthless afterwards.

use std::process::Command;

use serde_json::json;

use super::trusts;
use crate::{
    cli::follow::Follower,
    process::{Daemon, run, until},
};

#[tokio::test]
async fn two_agents_pair_by_a_ticket_and_each_says_who_the_other_is() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let mut waiting = Follower::run(&alice, &["pair", "--as", "laptop"]);
    let made = waiting.next().await.unwrap();
    let ticket = made["ticket"].as_str().unwrap();
    assert!(ticket.starts_with("airway-pair:") && made["expires"].is_i64(), "{made}");
    let used = bob.run(&["pair", ticket, "--as", "server", "--timeout", "50s"]).await;
    assert_eq!(used.text(), format!("now trusting server ({})\n", alice.address()), "{used:?}");
    let result = waiting.next().await.unwrap();
    assert_eq!((&result["state"], &result["contact"]["address"]), (&"trusted".into(), &bob.address().into()));
    assert_eq!(result["contact"]["alias"], "laptop");
    assert_eq!(waiting.ended().await, Some(0));
    bob.json(&["send", "server", "hello", "--timeout", "50s"]).await;
    alice.json(&["send", "laptop", "hello yourself", "--timeout", "50s"]).await;
    // The ticket of a contact once more changes nothing, for whoever has used it.
    bob.json(&["pair", ticket]).await;

    let error = Daemon::new("carol").await.fails(&["pair", ticket, "--timeout", "2s"], 4, "timeout").await;
    assert!(error["message"].as_str().unwrap().contains(alice.address()), "{error}");
    assert_eq!(alice.json(&["trusted"]).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_ticket_is_piped_as_one_line() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let made = alice.run(&["pair", "--no-wait"]).await;
    assert!(made.stderr.contains("good until") && made.text().lines().count() == 1, "{made:?}");
    let stdin = [&made.stdout, &b"and what the other says later\n"[..]].concat();
    let used = run(bob.command(["--json", "pair", "-", "--timeout", "50s"]), &stdin).await.data();
    assert_eq!(used["address"], alice.address());
    trusts(&alice, 1).await;
}

#[tokio::test]
async fn a_ticket_that_confirms_takes_an_approval() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let mut waiting = Follower::run(&alice, &["pair", "--confirm", "--as", "robert"]);
    let made = waiting.next().await.unwrap();
    let mut using = Follower::run(&bob, &["pair", made["ticket"].as_str().unwrap(), "--timeout", "50s"]);
    let result = waiting.next().await.unwrap();
    assert_eq!((&result["state"], &result["request"]["address"]), (&"pending".into(), &bob.address().into()));
    assert_eq!(result["request"]["invited"], true);
    assert!(alice.run(&["pending"]).await.text().contains("it has a ticket of yours"));
    assert_eq!(alice.json(&["trusted"]).await, json!([]));
    assert_eq!(alice.json(&["approve", "robert"]).await["alias"], "robert");
    let used = using.next().await.unwrap();
    assert_eq!((&used["status"], &used["data"]["address"]), (&"ok".into(), &alice.address().into()));
    assert_eq!(using.ended().await, Some(0));
}

#[tokio::test]
async fn an_interrupted_wait_takes_the_ticket_back() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let mut waiting = Follower::run(&alice, &["pair"]);
    let made = waiting.next().await.unwrap();
    let killed = Command::new("kill").args(["-INT", &waiting.pid().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(waiting.next().await, None, "the event is talk, not data");
    assert_eq!(waiting.ended().await, Some(1));
    bob.fails(&["pair", made["ticket"].as_str().unwrap(), "--timeout", "2s"], 4, "timeout").await;
    assert_eq!(alice.json(&["trusted"]).await, json!([]));
    // Without its ticket, the request is one of any stranger.
    until("bob is pending", async || alice.json(&["pending"]).await.as_array().unwrap().len() == 1).await;
}

#[tokio::test]
async fn a_ticket_that_has_expired_or_is_none_is_of_no_use() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let mut waiting = Follower::run(&alice, &["pair", "--expires", "1s"]);
    let made = waiting.next().await.unwrap();
    let error = waiting.next().await.unwrap();
    assert_eq!((&error["status"], &error["code"]), (&"error".into(), &"not_trusted".into()));
    assert_eq!(waiting.ended().await, Some(5));
    let ticket = made["ticket"].as_str().unwrap();
    bob.fails(&["pair", ticket, "--timeout", "2s"], 4, "timeout").await;
    assert_eq!(alice.json(&["trusted"]).await, json!([]));

    let card = alice.card().await;
    let error = bob.fails(&["pair", &card], 2, "bad_request").await;
    assert!(error["hint"].as_str().unwrap().contains("airway trust <card>"), "{error}");
    for wrong in ["hello", "airway-pair:", "airway-pair:AAAA", &ticket[..ticket.len() - 1], ""] {
        bob.fails(&["pair", wrong], 2, "bad_request").await;
    }
    bob.fails(&["pair", &bob.ticket(&[]).await], 2, "bad_request").await;
    for flags in [&["--expires", "1h"][..], &["--confirm"], &["--no-wait"]] {
        bob.fails(&[&["pair", ticket], flags].concat(), 2, "bad_request").await;
    }
    for flags in
        [&["--timeout", "1s"][..], &["--expires", "8days"], &["--expires", "0s"], &["--as", "Not A Name"]]
    {
        bob.fails(&[&["pair"], flags].concat(), 2, "bad_request").await;
    }
}
