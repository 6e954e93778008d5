//! Events: of a contact's broker, from where a subscriber left off, to a contact's broker, and in a network.

use std::iter;

use airway_interop_tests::{driver::Peer, matrix::Column};
use serde_json::{Value, json};

use super::mesh::Mesh;
use crate::{
    hearing::{Ear, exchange, from, introduce, numbers, parts, publish},
    stage::{Two, ask, persist, text},
};

/// No gaps.
const NONE: [Value; 0] = [];

/// Where a peer publishes unless it says otherwise.
fn own() -> Value {
    json!({})
}

/// Each subscribes to the other: what its patterns match arrives in order, and nothing else.
pub(crate) async fn events(column: Column) {
    let two = Two::friends(column).await;
    for (peer, other) in two.both_ways() {
        let who = &other.ready().endpoint;
        publish(other, "builds/main", "before", own()).await;
        let some = Ear::open(peer, from(who, &["builds/*", "logs/**"], "now")).await;
        let all = Ear::open(peer, from(who, &["*"], "now")).await;
        let long = "x".repeat(60 * 1024);
        let published = [
            ("builds/main", "1", true),
            ("builds/main/step", "2", false),
            ("builds", "3", false),
            ("logs", "4", false),
            ("logs/a", "héllo\n\u{1f980}", true),
            ("logs/a/b", "", true),
            ("builds/long", &long, true),
        ];
        let mut expected = Vec::new();
        for (topic, words, matches) in published {
            let position = publish(other, topic, words, own()).await;
            expected.push((matches, [topic.to_owned(), words.to_owned(), who.clone(), position]));
        }
        let keys = ["topic", "text", "publisher", "position"];
        let heard = all.hears(expected.len()).await;
        assert_eq!(parts(&heard, keys), expected.iter().map(|(_, one)| one.clone()).collect::<Vec<_>>());
        let seqs: Vec<_> = heard.iter().map(|event| numbers(&event["position"])).collect();
        assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
        assert!(heard.iter().all(|event| event["at"].as_u64() > Some(0)), "{heard:?}");
        let matching = expected.into_iter().filter_map(|(matches, one)| matches.then_some(one));
        let matching: Vec<_> = matching.collect();
        assert_eq!(parts(&some.hears(matching.len()).await, keys), matching);
        for ear in [some, all] {
            assert_eq!(ear.gaps().await, NONE);
        }
    }
    two.check_path().await;
}

/// Publishes so many events, and returns their texts and positions.
async fn several(peer: &Peer, name: &str, count: usize) -> Vec<[String; 2]> {
    let mut published = Vec::new();
    for number in 0..count {
        let words = format!("{name} {number}");
        let position = publish(peer, "news/today", &words, own()).await;
        published.push([words, position]);
    }
    published
}

/// Subscribes to all news, waits for these events, and sees that there are no others.
async fn replayed(peer: &Peer, who: &str, since: &str, expected: &[[String; 2]]) -> Vec<Value> {
    let ear = Ear::open(peer, from(who, &["news/*"], since)).await;
    let heard = ear.hears(expected.len()).await;
    assert_eq!(parts(&heard, ["text", "position"]), expected, "since {since}");
    ear.gaps().await
}

/// The dialler is killed: as a subscriber it goes on where it was. As a broker it has forgotten its events, and says so.
pub(crate) async fn replay(column: Column) {
    let mut two = Two::friends(column).await;
    let (broker, who) = (&two.listener, two.listener.ready().endpoint.clone());
    let mut all = several(broker, "before", 4).await;
    assert_eq!(replayed(&two.dialler, &who, "start", &all).await, NONE);
    two.check_path().await;
    two.dialler.restart().await.unwrap();
    all.extend(several(broker, "meanwhile", 3).await);
    for (at, [_, position]) in iter::zip(1.., &all) {
        assert_eq!(replayed(&two.dialler, &who, position, &all[at..]).await, NONE);
    }

    let who = two.dialler.ready().endpoint.clone();
    let before = several(&two.dialler, "first life", 2).await;
    assert_eq!(replayed(&two.listener, &who, "start", &before).await, NONE);
    two.dialler.restart().await.unwrap();
    // Whoever has died may not have been missed yet.
    ask(&two.dialler, "ping", json!({ "who": two.listener.ready().endpoint })).await;
    let after = several(&two.dialler, "second life", 2).await;
    let [_, last] = &before[1];
    let gaps = replayed(&two.listener, &who, last, &after).await;
    let [gap] = gaps.as_slice() else { panic!("not one gap: {gaps:?}") };
    assert_eq!((&gap["reason"], &gap["after"]), (&json!("restarted"), &json!(last)), "{gap}");
    let (next, [_, first]) = (numbers(&gap["next"]), &after[0]);
    assert!(numbers(&gap["after"]).0 < next.0 && next <= numbers(&json!(first)), "{gap}");
}

/// Each publishes to the broker of the other, and hears there what it may.
pub(crate) async fn publish_to(column: Column) {
    let two = Two::friends(column).await;
    for (peer, other) in two.both_ways() {
        let (here, there) = (&peer.ready().endpoint, &other.ready().endpoint);
        let at_home = Ear::open(other, json!({ "patterns": ["reports/*"] })).await;
        let far_off = Ear::open(peer, from(there, &["reports/*"], "now")).await;
        let theirs = publish(peer, "reports/today", "theirs", json!({ "to": there })).await;
        let ours = publish(other, "reports/today", "ours", own()).await;
        let expected = [["theirs", here, &theirs], ["ours", there, &ours]];
        for ear in [at_home, far_off] {
            assert_eq!(parts(&ear.hears(2).await, ["text", "publisher", "position"]), expected);
        }
    }
    two.check_path().await;
    limits(&two).await;
}

/// What the listener lets the dialler publish and hear is all that it can.
async fn limits(two: &Two) {
    let (here, there) = (&two.dialler.ready().endpoint, &two.listener.ready().endpoint);
    let scope = async |subscribe: &[&str]| {
        let limits = json!({ "who": here, "publish": ["in/**"], "subscribe": subscribe });
        ask(&two.listener, "scope", limits).await;
        // A change closes the connections: the first one that is published may get lost with them.
        let may = json!({ "topic": "in/a/b", "text": "may", "to": there });
        persist(&two.dialler, "publish", may).await;
    };
    scope(&["out/*"]).await;
    let refused = json!({ "topic": "out/a", "text": "may not", "to": there });
    two.dialler.ask("publish", refused).await.unwrap_err().refusal().unwrap();
    let ear = Ear::open(&two.dialler, from(there, &["*"], "now")).await;
    publish(&two.listener, "out/a/b", "not this", own()).await;
    publish(&two.listener, "out/a", "this", own()).await;
    assert_eq!(parts(&ear.hears(1).await, ["text"]), [["this"]]);

    scope(&[]).await;
    let refused = from(there, &["out/*"], "now");
    two.dialler.ask("subscribe", refused).await.unwrap_err().refusal().unwrap();
    publish(&two.dialler, "in/c", "still may", json!({ "to": there })).await;
}

/// Three members hear each other, each event once, and later what they have heard.
pub(crate) async fn broadcast(column: Column) {
    let mesh = Mesh::new(column, false).await;
    let founder = text(&ask(&mesh.founder, "card", json!({})).await, "endpoint");
    let members =
        [(&mesh.founder, &founder), (&mesh.two.dialler, &mesh.dialler), (&mesh.two.listener, &mesh.listener)];
    let mut ears = Vec::new();
    for (peer, _) in members {
        ears.push(Ear::open(peer, json!({ "mesh": true, "patterns": ["lab/*"] })).await);
    }
    introduce(&ears, "lab/hello").await;
    let ears: Vec<_> = iter::zip(ears, members.map(|(_, who)| who.clone())).collect();
    exchange(&ears, "lab/news", 3).await;
    for (ear, _) in &ears {
        let again = json!({ "mesh": true, "patterns": ["lab/*"], "since": "start" });
        let again = Ear::open(ear.peer, again).await;
        let heard = ear.events().await;
        let replayed = &again.hears(heard.len()).await[..heard.len()];
        assert_eq!(parts(replayed, ["position", "text"]), parts(&heard, ["position", "text"]));
    }
}
