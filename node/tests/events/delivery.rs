//! What subscribers get of what is published.

use std::time::UNIX_EPOCH;

use airway::{
    DEFAULT_WAIT, Source, TopicsOf,
    protocols::events::{MAX_PAYLOAD, Since},
};

use super::stage::{event, publish, subscribe, texts, topic, try_subscribe};
use crate::{
    common::{Agent, befriend, friends, until},
    size::size,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_subscriber_gets_what_it_asked_for_in_the_order_of_publication() {
    let (alice, bob) = friends().await;
    let carol = Agent::new("carol").await;
    befriend(&alice, &carol).await;
    let mut all = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
    let mut done = subscribe(&bob.node, &bob.who("alice"), &["builds/*/done"], Since::Now).await;
    let mut builds = subscribe(&carol.node, &carol.who("alice"), &["builds/**", "news"], Since::Now).await;
    let mut own = try_subscribe(&alice.node, &Source::Own, &["news"], Since::Now).await.unwrap();

    let published = ["builds/a/done", "builds/a", "news", "builds/b/done", "other", "builds/a/b/done"];
    for to in published {
        publish(&alice.node, to, to).await;
    }
    assert_eq!(texts(&mut all, 6).await, published);
    assert_eq!(texts(&mut done, 2).await, ["builds/a/done", "builds/b/done"]);
    let wanted = ["builds/a/done", "builds/a", "news", "builds/b/done", "builds/a/b/done"];
    assert_eq!(texts(&mut builds, 5).await, wanted);
    assert_eq!(texts(&mut own, 1).await, ["news"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_says_who_published_it_where_it_stands_and_when() {
    let (alice, bob) = friends().await;
    let now = || u64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let mut at_alices = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
    let before = now();
    let own = publish(&alice.node, "a", "of alice").await;
    let bobs =
        bob.node.publish_to(&bob.who("alice"), &topic("b"), b"of bob".into(), DEFAULT_WAIT).await.unwrap();

    assert_eq!((own.seq, bobs.seq, own.epoch), (1, 2, bobs.epoch));
    for (publisher, position) in [(&alice, own), (&bob, bobs)] {
        let event = event(&mut at_alices).await;
        assert_eq!((event.publisher, event.position), (publisher.node.me().agent, position));
        assert!((before..=now()).contains(&event.at));
    }
    assert_eq!(at_alices.position(), Some(bobs));
    let listed = alice.node.topics(TopicsOf::Own);
    assert_eq!(listed.iter().map(|info| info.topic.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((listed[1].events, listed[1].newest), (1, bobs));
    assert!(bob.node.topics(TopicsOf::Own).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads_of_all_sizes_arrive_as_they_are() {
    let (alice, bob) = friends().await;
    let mut subscription = subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await;
    let sizes = [0, 1, 4095, 16 * 1024, MAX_PAYLOAD - 1, MAX_PAYLOAD];
    let payload = |size: usize| (0..size).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    for size in sizes {
        alice.node.publish(&topic("a"), payload(size)).await.unwrap();
    }
    for size in sizes {
        assert_eq!(event(&mut subscription).await.payload, payload(size));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_several_publishers_come_in_one_order_to_all() {
    const PUBLISHERS: usize = 4;

    let (alice, bob) = friends().await;
    let each = size(200, 20_000);
    let mut subscriptions = Vec::new();
    for _ in 0..3 {
        subscriptions.push(subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await);
    }
    let publishers = (0..PUBLISHERS).map(|publisher| {
        let node = alice.node.clone();
        tokio::spawn(async move {
            for number in 0..each {
                publish(&node, &format!("p/{publisher}"), &number.to_string()).await;
            }
        })
    });
    let publishers: Vec<_> = publishers.collect();
    for subscription in &mut subscriptions {
        let mut counts = [0; PUBLISHERS];
        for seq in 1..=(PUBLISHERS * each) as u64 {
            let event = event(subscription).await;
            assert_eq!(event.position.seq, seq);
            let publisher: usize = event.topic.as_str()[2..].parse().unwrap();
            assert_eq!(event.payload, counts[publisher].to_string().into_bytes());
            counts[publisher] += 1;
        }
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_is_dropped_ends_at_the_broker() {
    let (alice, bob) = friends().await;
    let count = async || {
        let metrics = alice.node.metrics().await.unwrap();
        let line = metrics.lines().find(|line| line.starts_with("airway_subscriptions{to=\"contact\"}"));
        line.map(ToOwned::to_owned).unwrap_or_default()
    };
    let subscription = subscribe(&bob.node, &bob.who("alice"), &["*"], Since::Now).await;
    assert_eq!(count().await, "airway_subscriptions{to=\"contact\"} 1");
    drop(subscription);
    until("it is gone", async || count().await == "airway_subscriptions{to=\"contact\"} 0").await;
}
