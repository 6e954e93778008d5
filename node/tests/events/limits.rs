//! What a contact may occupy.

use airway::{
    DEFAULT_WAIT, DialError, PublishError, Source, SubscribeError,
    protocols::{
        events::{Denied, Invalid, MAX_PAYLOAD, MAX_SUBSCRIBED, Since},
        port::Port,
    },
};

use super::stage::{publish, subscribe, topic, try_subscribe};
use crate::common::{friends, until};

/// Streams that a peer may have at the broker.
const STREAMS: usize = 16;

/// Topics that a contact may have opened.
const TOPICS: usize = 128;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_has_16_streams_and_a_place_that_is_given_back_is_free() {
    let (alice, bob) = friends().await;
    let to = Source::Contact(bob.who("alice"));
    let mut held = Vec::new();
    for _ in 0..STREAMS {
        held.push(try_subscribe(&bob.node, &to, &["*"], Since::Now).await.unwrap());
    }
    let refused = try_subscribe(&bob.node, &to, &["*"], Since::Now).await.unwrap_err();
    assert!(matches!(refused, SubscribeError::Dial(DialError::Busy { .. })), "{refused}");
    let refused = bob.node.publish_to(&bob.who("alice"), &topic("a"), vec![], DEFAULT_WAIT).await;
    assert!(matches!(refused, Err(PublishError::Dial(DialError::Busy { .. }))), "{refused:?}");
    // Other services are not concerned, nor those who subscribe already.
    bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.unwrap();
    publish(&alice.node, "a", "still").await;
    for subscription in &mut held {
        assert_eq!(super::stage::texts(subscription, 1).await, ["still"]);
    }
    held.pop();
    until("there is room", async || try_subscribe(&bob.node, &to, &["*"], Since::Now).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_opens_128_topics_and_publishes_in_them_for_ever() {
    let (alice, bob) = friends().await;
    let to = bob.who("alice");
    let publish_to = async |text: &str| bob.node.publish_to(&to, &topic(text), vec![], DEFAULT_WAIT).await;
    for number in 0..TOPICS {
        publish_to(&format!("t/{number}")).await.unwrap();
    }
    let refused = publish_to("t/more").await.unwrap_err();
    assert!(matches!(refused, PublishError::Denied { why: Denied::Full, .. }), "{refused}");
    publish_to("t/0").await.unwrap();
    publish(&alice.node, "t/more", "").await;
    publish_to("t/more").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_a_rule_is_not_even_sent() {
    let (alice, bob) = friends().await;
    let large = vec![0; MAX_PAYLOAD + 1];
    let too_large = PublishError::Invalid(Invalid::Payload { size: large.len() }).to_string();
    let own = alice.node.publish(&topic("a"), large.clone()).await;
    let remote = bob.node.publish_to(&bob.who("alice"), &topic("a"), large, DEFAULT_WAIT).await;
    assert_eq!([own, remote].map(|refused| refused.unwrap_err().to_string()), [&*too_large; 2]);

    let many: Vec<_> = (0..=MAX_SUBSCRIBED).map(|number| format!("p/{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for source in [Source::Contact(bob.who("alice")), Source::Own, Source::Mesh, Source::Node] {
        for patterns in [&many[..], &[]] {
            let refused = try_subscribe(&bob.node, &source, patterns, Since::Now).await;
            let refused = refused.unwrap_err();
            assert!(matches!(refused, SubscribeError::Invalid(Invalid::Patterns { .. })), "{refused}");
        }
    }
    let mut most = subscribe(&bob.node, &bob.who("alice"), &many[1..], Since::Now).await;
    publish(&alice.node, "p/32", "x").await;
    assert_eq!(super::stage::texts(&mut most, 1).await, ["x"]);
    bob.node.dial(&bob.who("alice"), Port::EVENTS, DEFAULT_WAIT).await.unwrap();
}
