//! What contacts may subscribe to and publish.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    DEFAULT_WAIT, Delivery, DialError, PublishError, Source, SubscribeError,
    protocols::{
        events::{Denied, Since},
        port::Port,
        trust::{Ports, Scopes},
    },
};

use super::stage::{next, publish, scopes, subscribe, texts, topic, try_subscribe};
use crate::common::{Agent, friends};

/// Alice lets bob do this and no more.
async fn granted(granted: Scopes) -> (Agent, Agent) {
    let (alice, bob) = friends().await;
    alice.node.set_scopes("bob", granted).await.unwrap();
    (alice, bob)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_gets_what_its_patterns_and_its_scope_match_alike() {
    let (alice, bob) = granted(scopes(&[], &["builds/**", "news"])).await;
    let mut all = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
    let mut done = subscribe(&bob.node, &bob.who("alice"), &["*/*/done"], Since::Now).await;
    for to in ["secret", "builds/a/done", "secret/a/done", "news", "builds/b"] {
        publish(&alice.node, to, to).await;
    }
    assert_eq!(texts(&mut all, 3).await, ["builds/a/done", "news", "builds/b"]);
    publish(&alice.node, "builds/c/done", "builds/c/done").await;
    assert_eq!(texts(&mut done, 2).await, ["builds/a/done", "builds/c/done"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_outside_of_the_scope_cannot_be_published() {
    let (alice, bob) = granted(scopes(&["reports/*"], &[])).await;
    let to = bob.who("alice");
    let publish = async |text: &str| bob.node.publish_to(&to, &topic(text), vec![1], DEFAULT_WAIT).await;
    publish("reports/bob").await.unwrap();
    for refused in ["reports", "reports/bob/secret", "news"] {
        let refused = publish(refused).await.unwrap_err();
        assert!(matches!(refused, PublishError::Denied { why: Denied::NotAllowed, .. }), "{refused}");
    }
    // It may publish, so that the port is there; to subscribe is refused by name.
    let refused = try_subscribe(&bob.node, &Source::Contact(to.clone()), &["*"], Since::Now).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, SubscribeError::Denied { why: Denied::NotAllowed, .. }), "{refused}");
    assert_eq!(alice.node.topics(airway::TopicsOf::Own).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_neither_finds_no_broker() {
    let (_alice, bob) = granted(Scopes { ports: Ports::All, ..scopes(&[], &[]) }).await;
    let to = bob.who("alice");
    let is_closed = |error: &DialError| matches!(error, DialError::PortClosed { port: Port::EVENTS, .. });
    let refused = try_subscribe(&bob.node, &Source::Contact(to.clone()), &["*"], Since::Now).await;
    let refused = refused.unwrap_err();
    assert!(matches!(&refused, SubscribeError::Dial(error) if is_closed(error)), "{refused}");
    let refused = bob.node.publish_to(&to, &topic("a"), vec![], DEFAULT_WAIT).await.unwrap_err();
    assert!(matches!(&refused, PublishError::Dial(error) if is_closed(error)), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_scope_holds_for_what_comes_from_its_return_on() {
    let (alice, bob) = granted(scopes(&[], &["a", "b"])).await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
    for (to, text) in [("a", "1"), ("b", "2")] {
        publish(&alice.node, to, text).await;
    }
    assert_eq!(texts(&mut subscription, 2).await, ["1", "2"]);
    alice.node.set_scopes("bob", scopes(&[], &["b"])).await.unwrap();
    // The subscription goes on by itself, and is not told of the topic that it may not see any more.
    for (to, text) in [("a", "3"), ("b", "4"), ("a", "5"), ("b", "6")] {
        publish(&alice.node, to, text).await;
    }
    assert_eq!(texts(&mut subscription, 2).await, ["4", "6"]);
    alice.node.set_scopes("bob", scopes(&["a"], &[])).await.unwrap();
    let ended = next(&mut subscription).await;
    assert!(matches!(ended, Err(SubscribeError::Denied { why: Denied::NotAllowed, .. })), "{ended:?}");
    assert!(subscription.next().await.is_none());
    alice.node.set_scopes("bob", scopes(&[], &["*"])).await.unwrap();
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Start).await;
    assert!(matches!(next(&mut subscription).await, Ok(Delivery::Event(_))));
}
