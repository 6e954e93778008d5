//! From strangers to contacts and back, by command line.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod asking;
mod limits;
mod pairing;

use serde_json::Value;

use crate::process::{Daemon, until};

/// Has `from` ask `to` for trust, with these flags, and waits until the request is there; returns it.
async fn ask(from: &Daemon, to: &Daemon, flags: &[&str]) -> Value {
    let asked = from.json(&[&["trust", &to.card().await], flags].concat()).await;
    assert_eq!((&asked["state"], &asked["request"]["address"]), (&"requested".into(), &to.address().into()));
    let mut request = Value::Null;
    until("the request is there", async || {
        let pending = to.json(&["pending"]).await;
        let found = pending.as_array().unwrap().iter().find(|request| request["address"] == from.address());
        request = found.cloned().unwrap_or_default();
        request.is_object()
    })
    .await;
    request
}

/// Waits until an agent has this many contacts.
async fn trusts(daemon: &Daemon, count: usize) {
    until("it trusts so many", async || daemon.json(&["trusted"]).await.as_array().unwrap().len() == count)
        .await;
}

/// What happened, as pairs of event and whose doing it was.
async fn log(daemon: &Daemon) -> Vec<(String, bool)> {
    let events = daemon.json(&["trusted", "--log"]).await;
    let event = |event: &Value| (event["what"].as_str().unwrap().to_owned(), event["by_us"] == true);
    events.as_array().unwrap().iter().map(event).collect()
}
