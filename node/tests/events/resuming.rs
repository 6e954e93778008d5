//! Where a subscription begins, and how it goes on after a loss.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Delivery, Node, Source, SubscribeError,
    protocols::{
        events::{Position, Reason, Since},
        trust::{MAX_TIME, Scopes},
    },
};
use tokio::{task::JoinHandle, time::timeout};

use super::stage::{event, next, publish, subscribe, texts, try_subscribe};
use crate::{
    common::{Agent, PATIENCE, friends},
    size::size,
};

/// Subscribes in every way to a topic of alice's in which 1, 2 and 3 lie, and publishes 4.
async fn replay(alice: &Agent, reader: &Node, source: &Source, topic: &str) {
    publish(&alice.node, topic, "1").await;
    let second = publish(&alice.node, topic, "2").await;
    publish(&alice.node, topic, "3").await;
    let mut first = try_subscribe(reader, source, &[topic], Since::Start).await.unwrap();
    let at = event(&mut first).await.at;
    let cases = [
        (Since::Now, &["4"][..]),
        (Since::Start, &["1", "2", "3", "4"]),
        (Since::After(second), &["3", "4"]),
        (Since::Time(at), &["1", "2", "3", "4"]),
        (Since::Time(at + 3_600_000), &["4"]),
    ];
    let mut subscriptions = Vec::new();
    for (since, expected) in cases {
        subscriptions.push((try_subscribe(reader, source, &[topic], since).await.unwrap(), expected));
    }
    publish(&alice.node, topic, "4").await;
    for (subscription, expected) in &mut subscriptions {
        assert_eq!(texts(subscription, expected.len()).await, **expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_since_replays_what_it_says_at_a_contacts_as_at_our_own() {
    let (alice, bob) = friends().await;
    replay(&alice, &bob.node, &Source::Contact(bob.who("alice")), "remote").await;
    replay(&alice, &alice.node, &Source::Own, "own").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_broker_is_a_gap_and_the_subscription_goes_on() {
    let (alice, bob) = friends().await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await;
    let last = publish(&alice.node, "a", "before").await;
    assert_eq!(texts(&mut subscription, 1).await, ["before"]);

    let alice = alice.restart("alice").await;
    let Delivery::Gap(gap) = next(&mut subscription).await.unwrap() else { panic!("no gap") };
    let first = Position { epoch: last.epoch + 1, seq: 1 };
    assert_eq!((gap.after, gap.next, gap.reason), (last, first, Reason::Restarted));
    assert_eq!(publish(&alice.node, "a", "after").await, first);
    assert_eq!(texts(&mut subscription, 1).await, ["after"]);
    assert_eq!(subscription.position(), Some(first));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_restarts_goes_on_where_it_was() {
    let (alice, bob) = friends().await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await;
    publish(&alice.node, "a", "1").await;
    assert_eq!(texts(&mut subscription, 1).await, ["1"]);
    let position = subscription.position().unwrap();
    drop(subscription);
    let bob = bob.restart("bob").await;
    publish(&alice.node, "a", "2").await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::After(position)).await;
    publish(&alice.node, "a", "3").await;
    assert_eq!(texts(&mut subscription, 2).await, ["2", "3"]);
}

/// Publishes numbers as fast as it goes.
fn pour(alice: &Agent, count: usize) -> JoinHandle<()> {
    let node = alice.node.clone();
    tokio::spawn(async move {
        for number in 0..count {
            publish(&node, "a", &number.to_string()).await;
            tokio::task::yield_now().await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_lost_again_and_again_loses_and_doubles_nothing() {
    let (alice, bob) = friends().await;
    let count = size(5_000, 50_000);
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await;
    let pouring = pour(&alice, count);
    let losses = size(5, 50);
    for number in 0..count {
        if number % (count / losses) == 0 {
            // Closes all connections, and leaves the subscription as it may be.
            let for_long = Scopes { until: Some(MAX_TIME), ..Scopes::everything() };
            alice.node.set_scopes("bob", for_long).await.unwrap();
            alice.node.set_scopes("bob", Scopes::everything()).await.unwrap();
        }
        assert_eq!(texts(&mut subscription, 1).await, [number.to_string()]);
    }
    pouring.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_for_from_the_start_comes_from_there_though_the_first_stream_brought_nothing() {
    let (alice, bob) = friends().await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Start).await;
    assert_eq!(subscription.position(), None);
    let alice = alice.restart("alice").await;
    publish(&alice.node, "a", "first").await;
    assert_eq!(texts(&mut subscription, 1).await, ["first"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_away_at_the_first_attempt_is_an_error_as_when_dialled() {
    let (alice, bob) = friends().await;
    alice.node.shut_down().await;
    let who = Source::Contact(bob.who("alice"));
    let failed = try_subscribe(&bob.node, &who, &["a"], Since::Now).await.unwrap_err();
    assert!(matches!(failed, SubscribeError::Dial(_)), "{failed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_with_its_own_agent() {
    let (alice, bob) = friends().await;
    let mut remote = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await;
    let mut own = try_subscribe(&bob.node, &Source::Own, &["a"], Since::Now).await.unwrap();
    bob.node.shut_down().await;
    let ended = timeout(PATIENCE, async {
        assert!(own.next().await.is_none());
        let last = remote.next().await;
        assert!(matches!(last, Some(Err(SubscribeError::Closed))), "{last:?}");
        assert!(remote.next().await.is_none());
    });
    ended.await.unwrap();
    drop(alice);
}
