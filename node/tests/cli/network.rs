//! Who is there, and how far away.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::process::{Daemon, friends};

#[tokio::test]
async fn an_agent_says_the_same_of_itself_everywhere() {
    let alice = Daemon::new("alice").await;
    let (me, card, status) =
        (alice.json(&["me"]).await, alice.json(&["card"]).await, alice.json(&["status"]).await);
    for other in [&card, &status] {
        assert_eq!((&me["address"], &me["name"]), (&other["address"], &other["name"]));
    }
    assert_eq!(me["address"].as_str().unwrap().split('#').nth(1), me["fingerprint"].as_str());
    let addresses = |list: &Value| {
        list.as_array().unwrap().iter().map(|address| address.to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(addresses(&card["multiaddrs"]), addresses(&status["listening"]));
    assert_eq!(alice.run(&["card"]).await.text(), format!("{}\n", card["card"].as_str().unwrap()));
}

#[tokio::test]
async fn a_ping_reports_each_round_trip_and_then_all() {
    let (alice, bob) = friends().await;
    let ran = alice.run(&["--json", "ping", "bob", "-c", "3", "--interval", "1ms"]).await;
    let lines = ran.lines();
    assert_eq!((ran.code, lines.len()), (0, 4), "{ran:?}");
    for (line, seq) in lines.iter().zip(1..=3) {
        assert_eq!((&line["seq"], &line["address"]), (&seq.into(), &bob.address().into()));
        assert!(line["rtt_us"].as_u64().unwrap() > 0 && line["path"] == "direct", "{line}");
    }
    assert_eq!((&lines[3]["sent"], &lines[3]["received"]), (&3.into(), &3.into()));
    assert!(alice.run(&["ping", "bob", "-c", "1"]).await.text().ends_with('\n'));
}

#[tokio::test]
async fn connected_agents_are_peers() {
    let (alice, bob) = friends().await;
    alice.run(&["ping", "bob", "-c", "1"]).await;
    let peer = &alice.json(&["peers"]).await[0];
    assert_eq!((&peer["name"], &peer["address"]), (&"bob".into(), &bob.address().into()));
    assert!(["quic", "tcp"].contains(&peer["transport"].as_str().unwrap()), "{peer}");
    let status = alice.json(&["status"]).await;
    assert_eq!((&status["contacts"], &status["connected"]), (&1.into(), &1.into()));
    assert!(alice.run(&["peers"]).await.text().contains("bob"));
}

#[tokio::test]
async fn an_agent_that_is_down_is_unreachable() {
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let commands: [&[&str]; 3] =
        [&["ping", "bob", "-c", "1"], &["send", "bob", "hello", "--now"], &["dial", "bob", "7"]];
    for command in commands {
        let ran = alice.run(&[&["--json"], command, &["--timeout", "2s"]].concat()).await;
        let error = ran.lines().pop().unwrap();
        assert_eq!((ran.code, &error["status"]), (4, &"error".into()), "{command:?}: {ran:?}");
        assert!(error["hint"].is_string(), "{command:?}: {error}");
    }
}
