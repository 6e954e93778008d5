//! What a trusted agent may do, and for how long.

use std::process::Stdio;

use serde_json::json;

use super::{ask, trusts};
use crate::process::{Daemon, confirmed, friends, until};

#[tokio::test]
async fn a_port_outside_of_the_scopes_is_closed() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let mut program = alice.command(["listen", "5000", "--keep"]);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _program = program.spawn().unwrap();
    until("the port is open", async || alice.json(&["status"]).await["ports"][0] == 5000).await;

    ask(&bob, &alice, &["--ports", "1001", "--publish", "builds/**"]).await;
    let contact = alice.json(&["approve", "bob", "--ports", "7,5000-5003"]).await;
    let granted =
        json!({"ports": [1001], "publish": ["builds/**"], "subscribe": [], "submit": false, "until": null});
    assert_eq!(contact["granted"], granted);
    assert_eq!(contact["scopes"]["ports"], json!([7, 5000, 5001, 5002, 5003]));
    trusts(&bob, 1).await;
    confirmed(&alice, bob.address()).await;
    assert_eq!(bob.json(&["trusted"]).await[0]["granted"]["ports"], contact["scopes"]["ports"]);
    let listed = alice.run(&["trusted"]).await.text();
    assert!(listed.contains("may: ports 7 5000-5003; lets us: ports 1001, publish builds/**"), "{listed}");

    assert_eq!(bob.run(&["dial", "alice", "5000", "--timeout", "50s"]).await.code, 0);
    assert_eq!(bob.run(&["ping", "alice", "-c", "1", "--timeout", "50s"]).await.code, 0);
    for refused in [&["dial", "alice", "5004"][..], &["send", "alice", "no", "--now"], &["bench", "alice"]] {
        let ran = bob.run(&[&["--json"], refused, &["--timeout", "50s"]].concat()).await;
        ran.error(4, "port_closed");
    }
    alice.json(&["send", "bob", "yes", "--timeout", "50s"]).await;

    let changed = alice.run(&["scope", "bob", "--ports", "1001"]).await.text();
    assert!(changed.ends_with("limited to: ports 1001\n"), "{changed}");
    alice.json(&["scope", "bob", "--ports", "1001"]).await;
    bob.json(&["send", "alice", "now yes", "--timeout", "50s"]).await;
    bob.fails(&["dial", "alice", "5000", "--timeout", "50s"], 4, "port_closed").await;
    // With its card as well.
    alice.json(&["trust", &bob.card().await, "--ports", "5000"]).await;
    bob.fails(&["send", "alice", "no more", "--now", "--timeout", "50s"], 4, "port_closed").await;
    alice.json(&["scope", "bob", "--everything"]).await;
    bob.json(&["send", "alice", "all again", "--timeout", "50s"]).await;
    assert_eq!(alice.inbox().await.len(), 2);
}

#[tokio::test]
async fn trust_ends_in_its_time() {
    let (alice, bob) = friends().await;
    let expires = alice.json(&["scope", "bob", "--everything", "--expires", "1h"]).await["expires"].clone();
    assert!(expires.is_i64(), "{expires}");
    assert!(alice.run(&["trusted"]).await.text().contains("may: until "));
    alice.fails(&["scope", "bob", "--expires", "500ms"], 2, "bad_request").await;
    alice.json(&["scope", "bob", "--everything", "--expires", "500ms"]).await;
    trusts(&alice, 0).await;
    trusts(&bob, 0).await;
    assert_eq!(alice.json(&["trusted", "--log", "--limit", "1"]).await[0]["what"], "revoked");
}

#[tokio::test]
async fn a_ticket_carries_its_limits() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let ticket = alice.ticket(&["--ports", "none", "--submit", "--trust-expires", "1h"]).await;
    let used = bob.run(&["pair", &ticket, "--ports", "all", "--timeout", "50s"]).await;
    assert!(used.text().ends_with("limited to: all ports\n"), "{used:?}");
    trusts(&alice, 1).await;
    let contact = alice.json(&["trusted"]).await[0].take();
    assert_eq!((&contact["scopes"]["ports"], &contact["scopes"]["submit"]), (&json!([]), &true.into()));
    assert!(contact["expires"].is_i64() && contact["expires"] == contact["scopes"]["until"], "{contact}");
    bob.fails(&["send", "alice", "no", "--now", "--timeout", "50s"], 4, "port_closed").await;
}

#[tokio::test]
async fn an_address_belongs_to_who_was_trusted_there() {
    let (alice, bob) = friends().await;
    let carol = Daemon::new("carol").await;
    assert_eq!(carol.json(&["pins"]).await, json!([]));
    let pins = alice.json(&["pins"]).await;
    assert_eq!((&pins[0]["address"], &pins[0]["claims"]), (&bob.address().into(), &json!([])));
    assert!(alice.run(&["pins"]).await.text().starts_with(bob.address()));
    // It stays so when the trust is over.
    alice.json(&["untrust", "bob"]).await;
    assert_eq!(alice.json(&["pins"]).await, pins);
    assert_eq!(alice.json(&["pins", "settle", bob.address()]).await["address"], bob.address());
    let (address, _) = bob.address().split_once('#').unwrap();
    alice.fails(&["pins", "settle", address], 2, "bad_request").await;
    alice.fails(&["pins", "settle", carol.address()], 6, "not_found").await;
    alice.fails(&["pins", "settle", "bob"], 2, "bad_request").await;
}
