//! The end of trust while events flow: from its return on, none does.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use airway::{
    DEFAULT_WAIT, DialError, Node, PublishError, SubscribeError, Subscription,
    protocols::events::{Position, Since},
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{interval, timeout},
};

use super::stage::{event, publish, subscribe, topic};
use crate::{
    common::{Agent, PATIENCE, befriend, friends, until},
    size::size,
};

/// Subscriptions, and publishers, at once.
const AT_ONCE: usize = 6;

/// Publishes at a node's own broker until it is dropped.
struct Pour(JoinHandle<()>);

impl Pour {
    fn new(node: &Node) -> Self {
        let node = node.clone();
        Self(tokio::spawn(async move {
            let mut pace = interval(Duration::from_millis(1));
            loop {
                pace.tick().await;
                publish(&node, "a", "x").await;
            }
        }))
    }
}

impl Drop for Pour {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reads to the end; says what the newest event was, and how it ended.
async fn read(mut subscription: Subscription) -> (Option<Position>, SubscribeError) {
    loop {
        if let Err(error) = timeout(PATIENCE, subscription.next()).await.unwrap().unwrap() {
            assert!(subscription.next().await.is_none());
            return (subscription.position(), error);
        }
    }
}

async fn subscribe_often(bob: &Agent) -> Vec<Subscription> {
    let mut subscriptions = Vec::new();
    for _ in 0..AT_ONCE {
        let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
        event(&mut subscription).await;
        subscriptions.push(subscription);
    }
    subscriptions
}

async fn apart(alice: &Agent, bob: &Agent) {
    until("both know", async || alice.node.contacts().is_empty() && bob.node.contacts().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_that_is_not_trusted_any_more_gets_nothing_of_what_comes_then() {
    let (alice, bob) = friends().await;
    let _pour = Pour::new(&alice.node);
    for round in 0..size(4, 200) {
        let readers: JoinSet<_> = subscribe_often(&bob).await.into_iter().map(read).collect();
        alice.node.untrust("bob", None).await.unwrap();
        let first_after = publish(&alice.node, "a", "secret").await;
        for (last, error) in timeout(PATIENCE, readers.join_all()).await.unwrap() {
            assert!(last.unwrap() < first_after, "round {round}: {last:?}, {first_after}");
            // Whether bob has heard by then that it is over, or finds out by himself.
            let is_end = matches!(
                error,
                SubscribeError::Untrusted { .. } | SubscribeError::Dial(DialError::NotTrusted { .. })
            );
            assert!(is_end, "round {round}: {error}");
        }
        apart(&alice, &bob).await;
        befriend(&alice, &bob).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_that_is_blocked_gets_nothing_of_what_comes_then() {
    let (alice, bob) = friends().await;
    let _pour = Pour::new(&alice.node);
    let readers: JoinSet<_> = subscribe_often(&bob).await.into_iter().map(read).collect();
    alice.node.block("bob").await.unwrap();
    let first_after = publish(&alice.node, "a", "secret").await;
    // He learns nothing, and goes on trying while more is said; that he trusts her no more ends it.
    while publish(&alice.node, "a", "secret").await.seq < first_after.seq + 1_000 {}
    let _ = bob.node.untrust("alice", None).await;
    for (last, _) in timeout(PATIENCE, readers.join_all()).await.unwrap() {
        assert!(last.unwrap() < first_after);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_broker_has_sent_is_not_delivered_any_more_when_it_is_not_trusted() {
    let (alice, bob) = friends().await;
    let _pour = Pour::new(&alice.node);
    for round in 0..size(4, 200) {
        let over = Arc::<AtomicBool>::default();
        let late = Arc::<AtomicU64>::default();
        let mut readers = JoinSet::new();
        for mut subscription in subscribe_often(&bob).await {
            let (over, late) = (over.clone(), late.clone());
            readers.spawn(async move {
                loop {
                    let began_late = over.load(Ordering::SeqCst);
                    match timeout(PATIENCE, subscription.next()).await.unwrap().unwrap() {
                        Ok(_) if began_late => drop(late.fetch_add(1, Ordering::SeqCst)),
                        Ok(_) => {}
                        Err(error) => return error,
                    }
                }
            });
        }
        bob.node.untrust("alice", None).await.unwrap();
        over.store(true, Ordering::SeqCst);
        for error in timeout(PATIENCE, readers.join_all()).await.unwrap() {
            assert!(matches!(error, SubscribeError::Untrusted { .. }), "round {round}: {error}");
        }
        assert_eq!(late.load(Ordering::SeqCst), 0, "round {round}");
        apart(&alice, &bob).await;
        befriend(&alice, &bob).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publisher_that_is_not_trusted_any_more_publishes_nothing_then() {
    let (alice, bob) = friends().await;
    for round in 0..size(4, 200) {
        let (published, to) = (Arc::<AtomicU64>::default(), bob.who("alice"));
        let mut publishers = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (node, to, published) = (bob.node.clone(), to.clone(), published.clone());
            publishers.spawn(async move {
                loop {
                    match node.publish_to(&to, &topic("a"), vec![7], DEFAULT_WAIT).await {
                        Ok(_) => drop(published.fetch_add(1, Ordering::SeqCst)),
                        Err(PublishError::Dial(_)) => return,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        until("they publish", async || published.load(Ordering::SeqCst) > 20).await;
        alice.node.untrust("bob", None).await.unwrap();
        let first_after = publish(&alice.node, "own", "").await;
        timeout(PATIENCE, publishers.join_all()).await.unwrap();
        let second = publish(&alice.node, "own", "").await;
        assert_eq!(second.seq, first_after.seq + 1, "round {round}");
        apart(&alice, &bob).await;
        befriend(&alice, &bob).await;
    }
}
