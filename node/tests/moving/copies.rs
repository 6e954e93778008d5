//! One key in two places, and what only looks like it.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::{fs, net::SocketAddr};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::support::{copy, start, warnings};
use crate::process::{Daemon, friends, until};

/// The port of a daemon's TCP listener.
fn tcp_port(daemon: &Daemon) -> u16 {
    let listening = daemon.status["listening"].as_array().expect("a list");
    let port = listening.iter().find_map(|address| address.as_str()?.split_once("/tcp/"));
    port.expect("a TCP address").1.parse().expect("a port")
}

/// Leads every connection on to a port, as a NAT does that leads an address back to where it came from. Returns
/// its own port.
async fn hairpin(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut outer, _)) = listener.accept().await {
            let Ok(mut inner) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], to))).await else {
                return;
            };
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut outer, &mut inner).await.ok() });
        }
    });
    port
}

#[tokio::test]
async fn a_home_that_was_copied_alarms_both_copies() {
    let mut alice = Daemon::new("alice").await;
    alice.kill().await;
    let copied = copy(&alice.home);
    let alice = alice.restart().await;
    assert_eq!(warnings(&alice).await, "[]", "alone at first");
    let twin = start("twin", copied).await;
    assert_eq!(twin.address(), alice.address());
    for copy in [&alice, &twin] {
        until("both are alarmed", async || warnings(copy).await.contains("another copy of this agent")).await;
        assert!(copy.log().contains("another process runs with the key of this agent"), "{}", copy.log());
    }
}

#[tokio::test]
async fn a_contact_of_two_copies_is_alarmed() {
    let (mut alice, bob) = friends().await;
    alice.json(&["send", "bob", "one"]).await;
    alice.kill().await;
    let copied = copy(&alice.home);
    // It knows nothing of where the other is: only bob can tell.
    fs::remove_file(copied.path().join("home/places.json")).expect("places");
    let alice = alice.restart().await;
    alice.run(&["ping", "bob", "-c", "1"]).await;
    let twin = start("twin", copied).await;
    until("bob is alarmed", async || {
        // Whoever has lost the connection makes another.
        for copy in [&alice, &twin] {
            copy.run(&["ping", "bob", "-c", "1", "--timeout", "5s"]).await;
        }
        warnings(&bob).await.contains("two copies of alice")
    })
    .await;
    assert!(bob.log().contains("two processes run with the key of a contact"));
    // An alarm goes with the trust.
    bob.json(&["untrust", "alice"]).await;
    assert_eq!(warnings(&bob).await, "[]");
}

#[tokio::test]
async fn an_agent_that_restarts_again_and_again_is_one() {
    let (mut alice, bob) = friends().await;
    for _ in 0..4 {
        alice = alice.restart().await;
        alice.json(&["send", "bob", "back", "--timeout", "50s"]).await;
        bob.json(&["send", "alice", "good", "--timeout", "50s"]).await;
    }
    for agent in [&alice, &bob] {
        assert_eq!(warnings(agent).await, "[]");
    }
}

#[tokio::test]
async fn an_address_that_leads_back_to_the_agent_itself_is_no_copy() {
    let mut alice = Daemon::new("alice").await;
    let port = hairpin(tcp_port(&alice)).await;
    let own = alice.status["listening"].clone();
    alice.kill().await;
    let former = format!("/ip4/127.0.0.1/tcp/{port}");
    let places = json!({ "name": "alice", "current": own, "former": [former] });
    fs::write(alice.home.join("places.json"), places.to_string()).expect("places");
    let alice = alice.restart().await;
    assert_eq!(alice.status["listening"].as_array().map(Vec::len), own.as_array().map(Vec::len));
    until("it has asked there", async || {
        let log = alice.log();
        let asked =
            log.lines().find(|line| line.contains("asked for another copy") && line.contains(&former));
        assert!(asked.is_none_or(|line| line.contains("answered=true came_home=true")), "{log}");
        asked.is_some()
    })
    .await;
    assert_eq!(alice.json(&["status"]).await["warnings"], Value::Array(Vec::new()));
}
