use std::collections::BTreeMap;

use airway_protocols::{
    events::{
        MAX_PATTERN, MAX_TOPIC, ParsePositionError, Pattern, Patterns, Position, Topic, broadcast::Window,
    },
    wire,
};
use serde::Serialize;

use super::{
    mesh::refused,
    support::{RefusedBytes, RefusedText, golden, hex, refused_texts},
};

mod broadcasts;
mod publications;
mod requests;
mod told;

use broadcasts::{Named, Signed, broadcasts, message_ids, refused_broadcasts};
use publications::{Answered, Published, answers, publications, refused_answers, refused_publications};
use requests::{Asked, invalid_requests, refused_requests, requests};
use told::{Says, refused_told, told};

const AT: u64 = 1_700_000_000_000;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    positions: Vec<Placed>,
    refused_positions: Vec<RefusedText>,
    topics: Vec<&'static str>,
    refused_topics: Vec<RefusedText>,
    matches: Vec<Matched>,
    requests: Vec<Asked>,
    refused_requests: Vec<RefusedBytes>,
    invalid_requests: Vec<RefusedBytes>,
    told: Vec<Says>,
    refused_told: Vec<RefusedBytes>,
    publications: Vec<Published>,
    refused_publications: Vec<RefusedBytes>,
    answers: Vec<Answered>,
    refused_answers: Vec<RefusedBytes>,
    broadcasts: Vec<Signed>,
    refused_broadcasts: Vec<RefusedBytes>,
    message_ids: Vec<Named>,
    windows: Vec<Taken>,
}

#[derive(Serialize)]
struct Placed {
    text: Position,
    epoch: u64,
    seq: u64,
}

#[derive(Serialize)]
struct Matched {
    patterns: Vec<&'static str>,
    matched: Vec<&'static str>,
    others: Vec<&'static str>,
}

#[derive(Serialize)]
struct Taken {
    positions: Vec<Position>,
    taken: Vec<bool>,
}

fn at(epoch: u64, seq: u64) -> Position {
    Position { epoch, seq }
}

fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

/// A frame around any message.
fn frame(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), usize::MAX).unwrap()
}

/// A map with one key.
fn one<T: Serialize>(key: &'static str, value: T) -> Vec<u8> {
    frame(&BTreeMap::from([(key, value)]))
}

fn empty() -> BTreeMap<&'static str, u64> {
    BTreeMap::new()
}

/// Why something is denied, free to break the rules.
#[derive(Serialize)]
struct Why {
    why: u64,
}

fn placed(position: Position) -> Placed {
    assert_eq!(position.to_string().parse(), Ok::<_, ParsePositionError>(position));
    Placed { text: position, epoch: position.epoch, seq: position.seq }
}

fn matched(patterns: &[&'static str], matched: &[&'static str], others: &[&'static str]) -> Matched {
    let parsed: Vec<Pattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
    let all: Patterns = parsed.iter().collect();
    let one = |topic: &Topic| parsed.iter().any(|pattern| pattern.matches(topic));
    for (topics, matches) in [(matched, true), (others, false)] {
        for text in topics {
            let topic = topic(text);
            assert_eq!((all.matches(&topic), one(&topic)), (matches, matches), "{patterns:?} and {text}");
        }
    }
    Matched { patterns: patterns.into(), matched: matched.into(), others: others.into() }
}

fn matches() -> Vec<Matched> {
    vec![
        matched(&["*"], &["a", "a/b", "a/b/c"], &[]),
        matched(&["**"], &["a", "a/b", "a/b/c"], &[]),
        matched(&["a"], &["a"], &["A", "b", "a/b", "a/a"]),
        matched(&["a/*"], &["a/b", "a/ä b"], &["a", "a/b/c", "b/a"]),
        matched(&["a/**"], &["a/b", "a/b/c"], &["a", "aa/b", "b/a"]),
        matched(&["*/b"], &["a/b", "b/b"], &["b", "a/b/c", "a/a"]),
        matched(&["*/*"], &["a/b"], &["a", "a/b/c"]),
        matched(&["*/**"], &["a/b", "a/b/c"], &["a"]),
        matched(
            &["a/*/c", "a/b/d", "*/b"],
            &["a/b/c", "a/x/c", "a/b/d", "x/b", "a/b"],
            &["a/x/d", "x/b/c", "a"],
        ),
        matched(&["ä"], &["ä"], &["a\u{308}", "Ä"]),
        matched(&["a/./.."], &["a/./.."], &["a", "."]),
        matched(&[], &[], &["a", "a/b"]),
    ]
}

fn taken(positions: &[Position]) -> Taken {
    let mut window = Window::default();
    Taken {
        positions: positions.into(),
        taken: positions.iter().map(|position| window.take(*position)).collect(),
    }
}

fn windows() -> Vec<Taken> {
    let end = u64::MAX;
    vec![
        taken(&[at(1, 1), at(1, 1), at(1, 3), at(1, 2), at(1, 3), at(1, 2)]),
        taken(&[at(1, 1024), at(1, 1), at(1, 0), at(1, 1025), at(1, 1), at(1, 2), at(1, 2)]),
        taken(&[at(1, 5), at(1, 5000), at(1, 5), at(1, 3977), at(1, 3976), at(1, 4999), at(1, 4999)]),
        taken(&[at(5, 100), at(6, 1), at(5, 101), at(6, 100), at(6, 100), at(4, 1)]),
        taken(&[at(0, 0), at(0, 0), at(0, end), at(0, end - 1023), at(0, end - 1024), at(0, end)]),
    ]
}

fn topics() -> Vec<&'static str> {
    let topics = ["a", "builds/airway/done", "a b/grüße/山", ".", "../..", "-", "#", "a/a/a/a/a/a/a/a"];
    assert!(topics.iter().all(|text| topic(text).as_str() == *text));
    topics.into()
}

fn refused_topics() -> Vec<RefusedText> {
    assert_eq!(MAX_TOPIC, MAX_PATTERN);
    let long = "a".repeat(MAX_TOPIC + 1);
    let wide = "ü".repeat(MAX_TOPIC / 2 + 1);
    let bad = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "*",
        "**",
        "a/*",
        "a*",
        "a\nb",
        "a\u{202e}b",
        "a\u{200b}",
        &long,
        &wide,
    ];
    refused_texts::<Topic>(&bad)
}

fn refused_positions() -> Vec<RefusedText> {
    let long = "18446744073709551616.1";
    refused_texts::<Position>(&[
        "", "1", ".", "1.", ".1", "1.2.3", "01.2", "1.02", "+1.2", "1.-2", " 1.2", "1,2", long,
    ])
}

#[test]
fn events_are_as_written() {
    let vectors = Vectors {
        about: "Events. Frames of port 1002 as they stand on the stream: requests are what the opener says first, told is \
                what a subscriber hears, then publications, and answers to them. A request, what is told, an answer and \
                since is a map with one key. Reasons are 1 forgotten, 2 restarted; denials 1 not allowed, 2 invalid, 3 \
                full. Invalid requests are read, and denied. A stream that begins with a refused one is given up. \
                Patterns of trust.json match topics: under matches, one of the patterns matches all of matched and none of \
                others. Broadcasts are in the mesh of the genesis with seed 1 in network.json: the CBOR map {\"version\": \
                1, \"network\", \"by\": the author's key, \"topic\", \"position\", \"at\", \"payload\", \"certificate\"} in \
                the domain airway-event-v1; id is the first 20 bytes of the SHA-256 of airway-mid-v1, a zero byte, and all \
                bytes, whether they are a broadcast or not. A window takes each position of one author once.",
        positions: [at(0, 0), at(1, 1), at(17, 1042), at(u64::MAX, u64::MAX)].map(placed).into(),
        refused_positions: refused_positions(),
        topics: topics(),
        refused_topics: refused_topics(),
        matches: matches(),
        requests: requests(),
        refused_requests: refused_requests(),
        invalid_requests: invalid_requests(),
        told: told(),
        refused_told: refused_told(),
        publications: publications(),
        refused_publications: refused_publications(),
        answers: answers(),
        refused_answers: refused_answers(),
        broadcasts: broadcasts(),
        refused_broadcasts: refused_broadcasts(),
        message_ids: message_ids(),
        windows: windows(),
    };
    golden("events.json", &vectors);
}
