//! Invites: how often, for how long, for whom, and taken back.

use serde_json::json;

use super::{address, founder, invite, joined};
use crate::process::{Daemon, until};

#[tokio::test]
async fn an_invite_is_good_as_often_as_it_says() {
    let alice = founder(&[]).await;
    let twice = invite(&alice, &["--uses", "2"]).await;
    let (bob, carol, dave) = tokio::join!(Daemon::new("bob"), Daemon::new("carol"), Daemon::new("dave"));
    for daemon in [&bob, &carol] {
        daemon.json(&["join", &twice, "--timeout", "50s"]).await;
    }
    let error = dave.fails(&["join", &twice, "--timeout", "50s"], 5, "not_trusted").await;
    assert!(error["hint"].as_str().unwrap().contains("airway invite"), "{error}");
    assert!(dave.json(&["network"]).await["network"].is_null());
    let listed = &alice.json(&["invite", "list"]).await[0];
    assert_eq!((&listed["state"], &listed["uses_left"]), (&"used".into(), &0.into()));

    let any = invite(&alice, &["--reusable", "--expires", "7days"]).await;
    assert!(dave.json(&["join", &any, "--timeout", "50s"]).await["member_name"] == "dave");
    let table = alice.run(&["invite", "list"]).await.text();
    assert!(table.contains("used up") && table.contains("any") && table.contains("good"), "{table}");
    assert!(!table.contains("airway-net:"), "secrets are not listed");
}

#[tokio::test]
async fn an_invite_that_was_withdrawn_lets_nobody_in() {
    let (alice, bob) = tokio::join!(founder(&[]), Daemon::new("bob"));
    let made = alice.json(&["invite"]).await;
    let (text, id) = (made["invite"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert!(alice.run(&["invite", "withdraw", id]).await.text().starts_with("withdrawn"));
    bob.fails(&["join", text, "--timeout", "50s"], 5, "not_trusted").await;
    assert!(bob.json(&["network"]).await["network"].is_null());
    assert_eq!(alice.json(&["invite", "list"]).await[0]["state"], "withdrawn");
    for wrong in ["", "7", "xyz", &"g".repeat(32)] {
        alice.fails(&["invite", "withdraw", wrong], 2, "bad_request").await;
    }
    alice.fails(&["invite", "withdraw", &"0".repeat(32)], 6, "not_found").await;
}

#[tokio::test]
async fn an_inviter_lets_others_in_and_hands_on_no_more_than_it_has() {
    let alice = founder(&[]).await;
    let (bob, carol) = tokio::join!(Daemon::new("bob"), Daemon::new("carol"));
    let made = alice.json(&["invite", "--role", "inviter"]).await;
    assert_eq!(made["roles"], json!(["inviter"]));
    let lab = bob.json(&["join", made["invite"].as_str().unwrap(), "--timeout", "50s"]).await;
    assert_eq!((&lab["roles"], &lab["authority"]), (&json!(["inviter"]), &false.into()));
    for role in ["inviter", "relay"] {
        bob.fails(&["invite", "--role", role], 1, "conflict").await;
    }
    let lab = carol.json(&["join", &invite(&bob, &[]).await, "--timeout", "50s"]).await;
    assert_eq!((&lab["roles"], &lab["member_name"]), (&json!([]), &"carol".into()));
    carol.fails(&["invite"], 1, "conflict").await;
}

#[tokio::test]
async fn two_members_do_not_have_one_name() {
    let alice = founder(&[]).await;
    let (bob, again) = tokio::join!(joined("bob", &alice), Daemon::new("bob"));
    let text = invite(&alice, &[]).await;
    let error = again.fails(&["join", &text, "--timeout", "50s"], 1, "conflict").await;
    assert!(error["hint"].as_str().unwrap().contains("--name"), "{error}");
    // What was refused has not been used up.
    let lab = again.json(&["join", &text, "--name", "bob-2", "--timeout", "50s"]).await;
    assert_eq!(lab["member_name"], "bob-2");
    assert_ne!(address(&bob).await, address(&again).await);
    bob.fails(&["me", "set", "name", "bob-2"], 1, "conflict").await;
    assert_eq!(bob.json(&["me", "set", "name", "robert"]).await["name"], "robert");
    let names = async || {
        let members = alice.json(&["network", "members"]).await;
        members.as_array().unwrap().iter().any(|member| member["name"] == "robert")
    };
    until("alice calls him robert", names).await;
}
