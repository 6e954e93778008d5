//! Subscriptions of peers, and what they have heard.

use std::time::Duration;

use airway_interop_tests::driver::Peer;
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::stage::{ask, persist, text, until};

/// Between two signals to members who may not be ready to hear them: few enough for every limit of a publisher.
const PACE: Duration = Duration::from_secs(1);

/// A live subscription.
#[derive(Debug)]
pub(crate) struct Ear<'a> {
    pub(crate) peer: &'a Peer,
    subscription: u64,
}

/// Where events come from, and which.
pub(crate) fn from(who: &str, patterns: &[&str], since: &str) -> Value {
    json!({ "from": who, "patterns": patterns, "since": since })
}

impl<'a> Ear<'a> {
    /// Subscribes to what the arguments say.
    pub(crate) async fn open(peer: &'a Peer, args: Value) -> Self {
        let answer = ask(peer, "subscribe", args).await;
        let subscription =
            answer["subscription"].as_u64().unwrap_or_else(|| panic!("no subscription in {answer}"));
        Self { peer, subscription }
    }

    /// All that it has heard. It must be alive.
    async fn heard(&self) -> Value {
        let heard = ask(self.peer, "events", json!({ "subscription": self.subscription })).await;
        assert_eq!(heard["ended"], Value::Null, "{}: {heard}", self.peer.name());
        heard
    }

    /// The events so far.
    pub(crate) async fn events(&self) -> Vec<Value> {
        list(&self.heard().await, "events")
    }

    /// The gaps so far.
    pub(crate) async fn gaps(&self) -> Vec<Value> {
        list(&self.heard().await, "gaps")
    }

    /// Waits for so many events, and returns all that are there then.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Value> {
        until(&format!("{} has heard {count} events", self.peer.name()), async || {
            self.events().await.len() >= count
        })
        .await;
        self.events().await
    }
}

fn list(answer: &Value, key: &str) -> Vec<Value> {
    answer[key].as_array().unwrap_or_else(|| panic!("no {key} in {answer}")).clone()
}

/// Publishes to whom the arguments say; returns the position.
pub(crate) async fn publish(peer: &Peer, topic: &str, words: &str, to: Value) -> String {
    let mut args = json!({ "topic": topic, "text": words });
    args.as_object_mut().unwrap().extend(to.as_object().cloned().unwrap_or_default());
    text(&ask(peer, "publish", args).await, "position")
}

/// These parts of each event.
pub(crate) fn parts<const N: usize>(events: &[Value], keys: [&str; N]) -> Vec<[String; N]> {
    events.iter().map(|event| keys.map(|key| text(event, key))).collect()
}

/// A position as numbers.
pub(crate) fn numbers(position: &Value) -> (u64, u64) {
    let both = position.as_str().and_then(|text| text.split_once('.'));
    let both = both.and_then(|(epoch, seq)| Some((epoch.parse().ok()?, seq.parse().ok()?)));
    both.unwrap_or_else(|| panic!("no position: {position}"))
}

/// Has every member publish to the network until all hear it: from then on what is published reaches all of them.
pub(crate) async fn introduce(ears: &[Ear<'_>], topic: &str) {
    join_all(ears.iter().map(async |ear| {
        let hello = format!("hello of {}", ear.peer.name());
        until("everybody hears it", async || {
            persist(ear.peer, "publish", json!({ "topic": topic, "text": hello, "mesh": true })).await;
            let all_hear = async || {
                let heard = join_all(ears.iter().map(Ear::events)).await;
                heard.iter().all(|events| events.iter().any(|event| event["text"] == hello.as_str()))
            };
            timeout(PACE, until("everybody hears it", all_hear)).await.is_ok()
        })
        .await;
    }))
    .await;
}

/// Has every member publish so many events to the network, and sees that all hear each of them once.
pub(crate) async fn exchange(ears: &[(Ear<'_>, String)], topic: &str, count: usize) {
    let mut expected = Vec::new();
    for (ear, who) in ears {
        for number in 0..count {
            let words = format!("{number} of {}", ear.peer.name());
            publish(ear.peer, topic, &words, json!({ "mesh": true })).await;
            expected.push([topic.to_owned(), who.clone(), words]);
        }
    }
    expected.sort();
    for (ear, _) in ears {
        let heard = async || {
            let mut heard = parts(&ear.events().await, ["topic", "publisher", "text"]);
            heard.retain(|[heard, ..]| heard == topic);
            heard.sort();
            heard
        };
        until(&format!("{} hears all", ear.peer.name()), async || heard().await.len() >= expected.len())
            .await;
        assert_eq!(heard().await, expected, "{}", ear.peer.name());
        assert_eq!(ear.gaps().await, [Value::Null; 0]);
    }
}
