//! Health and metrics.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    http::{call, request},
    process::{Daemon, friends},
};

/// Each metric by name and labels.
async fn metrics(daemon: &Daemon) -> BTreeMap<String, f64> {
    let (status, head, body) = request(daemon, "GET", "/metrics", "", b"").await;
    assert_eq!(status, 200, "{body}");
    let text = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.contains(text), "{head}");
    assert!(body.ends_with("# EOF\n"), "{body}");
    let values = body.lines().filter(|line| !line.starts_with('#'));
    values
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.into(), value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_daemon_that_does_its_work_is_healthy() {
    let bob = Daemon::new("bob").await;
    let (status, body) = call(&bob, "GET", "/v1/health", b"").await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body), (200, json!({"status": "ok", "data": {"healthy": true, "reasons": []}})));
}

#[tokio::test]
async fn what_happens_is_counted_and_nobody_is_named() {
    let (alice, bob) = friends().await;
    alice.json(&["send", "bob", "hello"]).await;
    assert_eq!(alice.run(&["ping", "bob", "-c", "2"]).await.code, 0);
    bob.fails(&["dial", "alice", "5000"], 4, "port_closed").await;

    let (of_alice, of_bob) = (metrics(&alice).await, metrics(&bob).await);
    for (metrics, name, at_least) in [
        (&of_alice, "airway_messages_sent_total{outcome=\"delivered\"}", 1.0),
        (&of_alice, "airway_pings_total{outcome=\"answered\"}", 2.0),
        (&of_alice, "airway_contacts", 1.0),
        (&of_bob, "airway_messages_received_total{answer=\"stored\"}", 1.0),
        (&of_bob, "airway_streams_inbound_total{service=\"data\"}", 1.0),
        (&of_bob, "airway_streams_inbound_total{service=\"echo\"}", 2.0),
        (&of_bob, "airway_inbox_messages", 1.0),
        (&of_bob, "airway_inbox_unread", 1.0),
        (&of_bob, "airway_inbox_bytes", 261.0),
        (&of_bob, "airway_inbox_quota_bytes", 268_435_456.0),
        (&of_bob, "airway_commit_seconds_count", 1.0),
        (&of_bob, "libp2p_identify_received_total", 1.0),
    ] {
        assert!(metrics.get(name).is_some_and(|value| *value >= at_least), "{name} in {metrics:#?}");
    }
    let connections = |tier: &str| {
        let of_tier = of_alice.iter().filter(|(name, _)| name.contains(&format!("{{tier=\"{tier}\"")));
        of_tier.map(|(_, count)| count).sum::<f64>()
    };
    assert!(connections("trusted") >= 1.0 && connections("stranger") == 0.0, "{of_alice:#?}");
    for (metrics, daemon) in [(&of_alice, &alice), (&of_bob, &bob)] {
        let names = metrics.keys().cloned().collect::<String>();
        let me = daemon.json(&["me"]).await;
        for secret in
            ["alice", "bob", "12D3", me["address"].as_str().unwrap(), me["fingerprint"].as_str().unwrap()]
        {
            assert!(!names.contains(secret), "{secret} in {names}");
        }
    }
}
