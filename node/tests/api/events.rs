//! Followers of events: one that stops reading harms nobody, and is told what it has missed.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use airway::api::{
    EventItem, EventSource, EventsQuery, GapReason, PublishQuery, TopicsQuery,
    client::{Client, Follow},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    time::timeout,
};

use crate::{
    http::call,
    process::{Daemon, PATIENCE},
    size::size,
};

/// Bytes of each event: four of them are one topic's room of 16 MiB in a thousand.
const PAYLOAD: usize = 16 * 1024;

/// What the daemon may grow by while a follower does not read, in KiB: the room of one topic, lines under way, and what
/// the allocator keeps. All events together are 64 MiB at least.
const GROWTH: u64 = 48 * 1024;

/// Memory that the process of a daemon holds, in KiB.
fn memory(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn publish(client: &Client, topic: &str, payload: Vec<u8>) -> String {
    let query = PublishQuery { topic: topic.into(), ..PublishQuery::default() };
    client.publish(&query, payload).await.unwrap().position
}

/// The number of an event, as it stands behind the dot of its position.
fn seq(position: &str) -> u64 {
    position.split_once('.').unwrap().1.parse().unwrap()
}

async fn next(follow: &mut Follow<EventItem>) -> EventItem {
    timeout(PATIENCE, follow.next()).await.unwrap().unwrap().unwrap()
}

fn query(pattern: &str) -> EventsQuery {
    EventsQuery { pattern: vec![pattern.into()], ..EventsQuery::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_of_events_that_stops_reading_is_told_what_it_missed() {
    let events: u64 = size(4_000, 20_000);
    let alice = Daemon::new("alice").await;
    let client = Client::new(alice.socket());
    // Asks, and then does not read.
    let mut slow = UnixStream::connect(alice.socket()).await.unwrap();
    slow.write_all(b"GET /v1/events/follow?pattern=a&since=start HTTP/1.1\r\nHost: airway\r\n\r\n")
        .await
        .unwrap();
    let mut awake = client.follow_events(&query("a")).await.unwrap();
    let before = memory(&alice);
    let first = seq(&publish(&client, "a", vec![b'x'; PAYLOAD]).await);
    for expected in first..first + events {
        let EventItem::Event(event) = next(&mut awake).await else { panic!("who reads misses nothing") };
        assert_eq!(seq(&event.position), expected);
        publish(&client, "a", vec![b'x'; PAYLOAD]).await;
    }
    let grown = memory(&alice).saturating_sub(before);
    assert!(grown < GROWTH, "the daemon grew by {grown} KiB");

    // The last of them is the one that it waits for.
    let (mut lines, mut expected, mut gaps) = (BufReader::new(slow).lines(), first, 0);
    while expected <= first + events {
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        // Between the lines stand the sizes of the chunks that they come in.
        match serde_json::from_str::<EventItem>(&line) {
            Ok(EventItem::Event(event)) => {
                assert_eq!(seq(&event.position), expected, "after {gaps} gaps");
                expected += 1;
            }
            Ok(EventItem::Gap(missing)) => {
                assert_eq!(
                    (seq(&missing.gap.after), missing.gap.reason),
                    (expected - 1, GapReason::Forgotten)
                );
                assert!(seq(&missing.gap.next) > expected, "{missing:?}");
                expected = seq(&missing.gap.next);
                gaps += 1;
            }
            Err(_) => assert!(line.len() < 100, "no event: {}", &line[..100]),
        }
    }
    assert!(gaps >= 1, "it was told");
}

#[tokio::test]
async fn a_follower_hears_all_that_is_published_once_it_is_answered() {
    let alice = Daemon::new("alice").await;
    let client = Client::new(alice.socket());
    let query = EventsQuery { pattern: vec!["a/*".into(), "b".into()], ..EventsQuery::default() };
    let (mut one, mut other) =
        (client.follow_events(&query).await.unwrap(), client.follow_events(&query).await.unwrap());
    for topic in ["a/x", "a", "b", "a/x/y", "a/z"] {
        publish(&client, topic, topic.into()).await;
    }
    for follow in [&mut one, &mut other] {
        for topic in ["a/x", "b", "a/z"] {
            let EventItem::Event(event) = next(follow).await else { panic!("a gap") };
            assert_eq!((event.topic.as_str(), &event.body), (topic, &Value::from(topic)));
            assert_eq!((event.publisher.as_str(), event.size), (alice.address(), topic.len() as u64));
        }
    }
    let topics = client.topics(&TopicsQuery::default()).await.unwrap();
    let names: Vec<_> = topics.iter().map(|topic| topic.topic.as_str()).collect();
    assert_eq!(names, ["a", "a/x", "a/x/y", "a/z", "b"]);
    assert!(topics.iter().all(|topic| topic.events == 1 && topic.bytes > 0), "{topics:?}");
    let source = Some(EventSource::Mesh);
    assert!(client.topics(&TopicsQuery { source }).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_follower_of_events_is_ended_with_the_daemon() {
    let mut alice = Daemon::new("alice").await;
    let client = Client::new(alice.socket());
    let mut follow = client.follow_events(&query("*")).await.unwrap();
    // One that has asked and does not read holds up nobody.
    let mut idle = UnixStream::connect(alice.socket()).await.unwrap();
    idle.write_all(b"GET /v1/events/follow?pattern=*&source=node HTTP/1.1\r\nHost: airway\r\n\r\n")
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    assert!(timeout(PATIENCE, follow.next()).await.unwrap().unwrap().is_none());
    assert_eq!(alice.ended().await, Some(0));
    let mut rest = Vec::new();
    timeout(PATIENCE, idle.read_to_end(&mut rest)).await.unwrap().ok();
}

#[tokio::test]
async fn a_malformed_call_about_events_says_what_is_wrong() {
    let alice = Daemon::new("alice").await;
    let refused = async |method: &str, path: &str, status: u16, code: &str, words: &str| {
        let (got, body) = call(&alice, method, path, b"x").await;
        let error: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((got, error["code"].as_str()), (status, Some(code)), "{path}: {body}");
        assert!(error["message"].as_str().unwrap().contains(words), "{path}: {body}");
        assert!(error["hint"].is_string(), "{path}: {body}");
    };
    for (query, words) in [
        ("", "pattern"),
        ("pattern=a%2F%2Fb", "pattern"),
        ("pattern=a%2Fb*", "pattern"),
        ("pattern=", "pattern"),
        ("pattern=%ff", "UTF-8"),
        ("pattern=a&since=soon", "soon"),
        ("pattern=a&since=now&since=now", "since"),
        ("pattern=a&source=all", "all"),
        ("pattern=a&source=own&from=bob", "from"),
        ("pattern=a&colour=red", "colour"),
    ] {
        refused("GET", &format!("/v1/events/follow?{query}"), 400, "bad_request", words).await;
    }
    let many = "pattern=a&".repeat(33);
    refused("GET", &format!("/v1/events/follow?{many}"), 400, "bad_request", "32").await;
    refused("GET", "/v1/events/follow?pattern=a&from=bob", 404, "not_found", "bob").await;
    refused("GET", "/v1/events/follow?pattern=a&source=mesh", 409, "conflict", "network").await;
    refused("POST", "/v1/events", 400, "bad_request", "topic").await;
    refused("POST", "/v1/events?topic=a%2F*", 400, "bad_request", "topic").await;
    refused("POST", "/v1/events?topic=a&to=bob&mesh=true", 400, "bad_request", "mesh").await;
    refused("POST", "/v1/events?topic=a&mesh=true", 409, "conflict", "network").await;
    refused("GET", "/v1/topics?source=all", 400, "bad_request", "all").await;
    let (status, _) = call(&alice, "POST", "/v1/events?topic=a", &vec![b'x'; 60 * 1024 + 1]).await;
    assert_eq!(status, 413);
    let (status, _) = call(&alice, "POST", "/v1/events?topic=a", &vec![b'x'; 60 * 1024]).await;
    assert_eq!(status, 200);
}
