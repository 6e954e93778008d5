//! Subscriptions and publications, in few words.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Contact, Delivery, Node, Source, SubscribeError, Subscription,
    protocols::{
        events::{Event, Pattern, Position, Since, Subscribe, Topic},
        trust::Scopes,
    },
};
use tokio::time::timeout;

use crate::common::PATIENCE;

pub(super) fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

pub(super) fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// These topics and no port.
pub(super) fn scopes(publish: &[&str], subscribe: &[&str]) -> Scopes {
    Scopes { publish: patterns(publish), subscribe: patterns(subscribe), ..Scopes::nothing() }
}

pub(super) async fn try_subscribe(
    node: &Node,
    from: &Source,
    texts: &[&str],
    since: Since,
) -> Result<Subscription, SubscribeError> {
    node.subscribe(from, Subscribe { patterns: patterns(texts), since }, PATIENCE).await
}

/// Subscribes at a contact's.
pub(super) async fn subscribe(node: &Node, to: &Contact, texts: &[&str], since: Since) -> Subscription {
    try_subscribe(node, &Source::Contact(to.clone()), texts, since).await.unwrap()
}

/// Publishes a text at the node's own broker.
pub(super) async fn publish(node: &Node, to: &str, text: &str) -> Position {
    node.publish(&topic(to), text.into()).await.unwrap()
}

/// What a subscription has next.
pub(super) async fn next(subscription: &mut Subscription) -> Result<Delivery, SubscribeError> {
    timeout(PATIENCE, subscription.next()).await.unwrap().unwrap()
}

/// The next event of a subscription; a gap is none.
pub(super) async fn event(subscription: &mut Subscription) -> Event {
    match next(subscription).await.unwrap() {
        Delivery::Event(event) => event,
        Delivery::Gap(gap) => panic!("a gap: {gap:?}"),
    }
}

/// The texts of the next events.
pub(super) async fn texts(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        texts.push(String::from_utf8(event(subscription).await.payload).unwrap());
    }
    texts
}
