//! How two come to trust each other, and cease to.

use airway_interop_tests::{driver::Peer, matrix::Column};
use serde_json::{Value, json};

use crate::stage::{Two, ask, state, text, until};

async fn ping_both_ways(two: &Two) {
    for (peer, other) in two.both_ways() {
        ask(peer, "ping", json!({ "who": other.ready().endpoint })).await;
    }
    two.check_path().await;
}

pub(crate) async fn pair(column: Column) {
    let two = Two::new(column).await;
    let ticket = text(&ask(&two.listener, "ticket", json!({})).await, "ticket");
    let paired = ask(&two.dialler, "pair", json!({ "ticket": ticket })).await;
    assert_eq!(text(&paired, "who"), two.listener.ready().endpoint);
    two.trust_each_other().await;
    ping_both_ways(&two).await;
}

pub(crate) async fn knock(column: Column) {
    let two = Two::new(column).await;
    let (who, words) = (&two.dialler.ready().endpoint, "for the logs of our build");
    ask(&two.dialler, "knock", json!({ "card": two.listener.ready().card, "text": words })).await;
    until("the request has come", async || !requests(&two.listener).await.is_empty()).await;
    let expected = json!([{ "who": who, "name": two.dialler.name(), "text": words }]);
    assert_eq!(Value::from(requests(&two.listener).await), expected);
    assert_eq!(state(&two.listener, who).await, None, "nobody is trusted before the owner says so");
    two.dialler.ask("ping", json!({ "who": two.listener.ready().endpoint })).await.unwrap_err();

    ask(&two.listener, "approve", json!({ "who": who })).await;
    two.trust_each_other().await;
    assert!(requests(&two.listener).await.is_empty());
    ping_both_ways(&two).await;
}

async fn requests(peer: &Peer) -> Vec<Value> {
    let answer = ask(peer, "requests", json!({})).await;
    answer["requests"].as_array().unwrap_or_else(|| panic!("no requests in {answer}")).clone()
}

/// Each ends it once; in between they pair again, which no statement of the first time may spoil.
pub(crate) async fn revoke(column: Column) {
    let two = Two::friends(column).await;
    for (peer, other) in two.both_ways() {
        ping_both_ways(&two).await;
        let (here, there) = (&peer.ready().endpoint, &other.ready().endpoint);
        ask(peer, "untrust", json!({ "who": there })).await;
        assert_eq!(state(peer, there).await, None);
        until("the other has heard of it", async || state(other, here).await.is_none()).await;
        other.ask("ping", json!({ "who": here })).await.unwrap_err();
        peer.ask("ping", json!({ "who": there })).await.unwrap_err();
        two.befriend().await;
    }
    ping_both_ways(&two).await;
}
