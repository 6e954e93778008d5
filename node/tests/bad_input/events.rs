//! A contact that says what it likes to the broker of an agent.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use airway::protocols::{
    events::{self, Denied, EVENT_FRAME, MAX_TOPIC, Publication, REQUEST_FRAME, Request, Since, Subscribe},
    wire,
};
use futures::AsyncWriteExt as _;
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::SmallRng};
use tokio::time::timeout;

use super::{frames::memory, hostile::Hostile};
use crate::{
    process::{Daemon, PATIENCE},
    size::{is_full, seed, size},
};

/// What memory may grow by in a full run, in KiB: a hundredth of what is sent.
const GROWTH: u64 = 64 * 1024;

const QUIC: &str = "/quic-v1";

fn framed(body: &[u8]) -> Vec<u8> {
    wire::frame(body, body.len()).unwrap()
}

/// The head of something in CBOR: its type, and how long it is.
fn head(kind: u8, length: usize) -> Vec<u8> {
    match length {
        0..24 => vec![kind << 5 | u8::try_from(length).unwrap()],
        24..256 => vec![kind << 5 | 24, u8::try_from(length).unwrap()],
        _ => [&[kind << 5 | 25][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    }
}

/// What says that it is a text, of any bytes.
fn text(bytes: &[u8]) -> Vec<u8> {
    [head(3, bytes.len()), bytes.to_vec()].concat()
}

/// A request for events with these patterns, each of any bytes.
fn patterns(patterns: &[&[u8]]) -> Vec<u8> {
    let list = patterns.iter().flat_map(|one| text(one)).collect();
    let body = [
        b"\xa1\x69subscribe\xa2\x65since\xa1\x63now\xa0\x68patterns".to_vec(),
        head(4, patterns.len()),
        list,
    ];
    framed(&body.concat())
}

/// The request that publications follow, and one on this topic, of any bytes.
fn publication(topic: &[u8], payload: usize) -> Vec<u8> {
    let body =
        [b"\xa2\x65topic".to_vec(), text(topic), b"\x67payload".to_vec(), head(2, payload), vec![7; payload]];
    [framed(b"\xa1\x67publish\xa0"), framed(&body.concat())].concat()
}

/// What no broker can follow.
fn unfollowable() -> Vec<(&'static str, Vec<u8>)> {
    let long = vec![b'a'; REQUEST_FRAME];
    vec![
        ("nothing", vec![]),
        ("a length without end", vec![0xff; 32]),
        ("a frame of a gigabyte", vec![0x80, 0x80, 0x80, 0x80, 0x04]),
        ("no CBOR", framed(&[0xff; 100])),
        ("nested beyond measure", framed(&[0x81; 4_000])),
        ("a list of 2^60 patterns", framed(b"\xa1\x69subscribe\xa1\x68patterns\x9b\x10\0\0\0\0\0\0\0")),
        ("something else", framed(b"\xa1\x67destroy\xa0")),
        ("a pattern longer than a frame", framed(&text(&long))),
        ("a pattern of 4 KiB", patterns(&[&long[..4096]])),
        ("a pattern that is no text", patterns(&[&[0xff, 0xfe]])),
        ("an empty pattern", patterns(&[b""])),
        ("an empty segment", patterns(&[b"a//b"])),
        ("a star within a segment", patterns(&[b"a/b*"])),
        ("two stars before the end", patterns(&[b"**/b"])),
        ("a pattern that hides something", patterns(&["a\u{202e}b".as_bytes()])),
        ("an event without a request", framed(b"\xa2\x65topic\x61a\x67payload\x41x")),
        ("an event on a topic that is no text", publication(&[0xff, 0xfe], 1)),
        ("an event on a topic that is too long", publication(&[b'a'; MAX_TOPIC + 1], 1)),
        ("an event on a pattern", publication(b"a/*", 1)),
        ("an event on no topic", publication(b"", 1)),
        ("an event over the limit of a frame", publication(b"a", EVENT_FRAME - 1)),
    ]
}

/// What comes of it is a stream that ends, or an answer that says no.
async fn is_refused(hostile: &Hostile, what: &str, bytes: &[u8]) {
    let answer = hostile.say(events::PROTOCOL, bytes).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || said.contains("denied"), "{what} was answered {said:?}");
}

/// Sees that the broker serves whoever asks as it should.
async fn is_served(hostile: &Hostile, bob: &Daemon) {
    let what = Subscribe { patterns: vec!["news/*".parse().unwrap()], since: Since::Now };
    let served = async {
        let mut stream = hostile.open(events::PROTOCOL).await;
        let newest = events::subscribe(&mut stream, &what).await.unwrap();
        bob.json(&["publish", "news/today", "still served"]).await;
        match events::told(&mut stream).await.unwrap() {
            Some(events::Told::Event(event)) => {
                assert_eq!(event.payload, b"still served");
                assert!(event.position > newest);
            }
            other => panic!("{other:?}"),
        }
    };
    timeout(PATIENCE, served).await.unwrap();
}

#[tokio::test]
async fn what_no_broker_can_follow_ends_its_stream_alone() {
    let bob = Daemon::new("bob").await;
    let hostile = Hostile::trusted_by(&bob, QUIC).await;
    for (what, bytes) in unfollowable() {
        is_refused(&hostile, what, &bytes).await;
    }
    is_served(&hostile, &bob).await;
}

#[tokio::test]
async fn a_request_or_an_event_that_breaks_a_rule_is_denied() {
    let bob = Daemon::new("bob").await;
    let hostile = Hostile::trusted_by(&bob, QUIC).await;
    for (what, bytes) in [
        ("no pattern", patterns(&[])),
        ("33 patterns", patterns(&[b"a".as_slice(); 33])),
        ("a payload over the limit", publication(b"a", events::MAX_PAYLOAD + 1)),
    ] {
        let answer = hostile.say(events::PROTOCOL, &bytes).await.unwrap();
        let denied = framed(&wire::encode(&events::Told::Denied(Denied::Invalid)).unwrap());
        assert_eq!(answer, denied, "{what}");
    }
    is_served(&hostile, &bob).await;
}

/// The most that a subscription may ask for, and the longest topics, of which each is all but what it asks for.
#[tokio::test]
async fn the_worst_patterns_hold_up_nobody() {
    let bob = Daemon::new("bob").await;
    let hostile = Hostile::trusted_by(&bob, QUIC).await;
    let worst = |n: usize| format!("{}/{n:02}", ["*"; 62].join("/")).parse().unwrap();
    let what = Subscribe { patterns: (0..events::MAX_SUBSCRIBED).map(worst).collect(), since: Since::Now };
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut stream = hostile.open(events::PROTOCOL).await;
        events::subscribe(&mut stream, &what).await.unwrap();
        held.push(stream);
    }
    let mut stream = hostile.open(events::PROTOCOL).await;
    events::start(&mut stream).await.unwrap();
    let topic = |last: &str| format!("{}/{last}", ["a"; 62].join("/")).parse().unwrap();
    for n in 0..size(200, 20_000) {
        let last = if n % 100 == 0 { "00" } else { "zz" };
        let publication = Publication { topic: topic(last), payload: vec![7; 8] };
        events::publish(&mut stream, &publication).await.unwrap();
        events::read_published(&mut stream).await.unwrap().unwrap();
    }
    for stream in &mut held {
        for _ in 0..size(2, 200) {
            let told = timeout(PATIENCE, events::told(stream)).await.unwrap().unwrap();
            assert!(
                matches!(&told, Some(events::Told::Event(event)) if event.topic == topic("00")),
                "{told:?}"
            );
        }
    }
    is_served(&hostile, &bob).await;
}

/// Something that is not quite a request, or a good one with something after it that is not quite an event.
fn nonsense(rng: &mut SmallRng) -> Vec<u8> {
    let mut noise = vec![0; rng.random_range(0..400)];
    rng.fill_bytes(&mut noise);
    let mut whole = publication(b"a/b/c", 20);
    match rng.random_range(0..5) {
        0 => noise,
        1 => framed(&noise),
        2 => {
            whole.truncate(rng.random_range(0..whole.len()));
            whole
        }
        3 => {
            let at = rng.random_range(0..whole.len());
            whole[at] ^= 1 << rng.random_range(0..8);
            whole
        }
        _ => [framed(&wire::encode(&Request::Publish).unwrap()), framed(&noise)].concat(),
    }
}

#[tokio::test]
async fn nonsense_for_the_broker_leaves_nothing_behind() {
    let rounds = size(300, 100_000);
    let bob = Daemon::new("bob").await;
    let hostile = Hostile::trusted_by(&bob, QUIC).await;
    let mut rng = SmallRng::seed_from_u64(seed());
    for round in 0..rounds {
        let mut stream = hostile.open(events::PROTOCOL).await;
        // It may be ended while we still speak.
        let _ = stream.write_all(&nonsense(&mut rng)).await;
        let _ = stream.close().await;
        if round % 100 == 0 {
            is_served(&hostile, &bob).await;
        }
    }
    let before = memory(&bob);
    for _ in 0..rounds {
        let _ = hostile.say(events::PROTOCOL, &nonsense(&mut rng)).await;
    }
    let grown = memory(&bob).saturating_sub(before);
    is_served(&hostile, &bob).await;
    assert!(!is_full() || grown < GROWTH, "{grown} KiB more");
}
