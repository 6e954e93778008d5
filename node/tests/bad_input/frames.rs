//! Malformed frames from a peer that is trusted.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::{fs, process::Stdio};

use airway::protocols::{
    data::{self, Answer, Header, Kind},
    echo,
    port::Port,
    streams::Refusal,
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _, stream};
use libp2p::StreamProtocol;
use rand::{SeedableRng as _, rngs::SmallRng};

use super::hostile::{Hostile, encoded, message, nonsense};
use crate::{
    process::{Daemon, friends, until},
    size::{is_full, seed, size},
};

/// Streams with nonsense on them at once.
const AT_ONCE: usize = 8;

/// What memory may grow by in a full run, in KiB: far below one byte for each that was sent.
const GROWTH: u64 = 128 * 1024;

const TRANSPORTS: [&str; 2] = ["/quic-v1", "/tcp/"];

/// Memory that a process has, in KiB.
pub(super) fn memory(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line on memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Sends nonsense, on data, echo and a port of a program in turn.
async fn storm(hostile: &Hostile, frames: usize, seed: u64) {
    let port = Port::new(5000).expect("a port");
    let mut rng = SmallRng::seed_from_u64(seed);
    let protocols = [data::PROTOCOL, echo::PROTOCOL, port.protocol()];
    let nonsense =
        (0..frames).map(|number| (protocols[number % protocols.len()].clone(), nonsense(&mut rng)));
    let talks = stream::iter(nonsense).map(|(protocol, bytes)| async move {
        let answer = hostile.say(protocol.clone(), &bytes).await;
        if protocol == echo::PROTOCOL {
            assert_eq!(answer.expect("an echo"), bytes);
        }
    });
    talks.buffer_unordered(AT_ONCE).collect::<()>().await;
}

#[tokio::test]
async fn nonsense_from_a_trusted_peer_harms_nobody() {
    let frames = size(300, 100_000) / TRANSPORTS.len();
    let (alice, bob) = friends().await;
    let mut program = bob.command(["listen", "5000", "--keep"]);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _program = program.spawn().unwrap();
    until("the port is open", async || bob.json(&["status"]).await["ports"][0] == 5000).await;

    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        storm(&hostile, frames / 10, seed()).await;
        let before = memory(&bob);
        let served = async {
            for _ in 0..3 {
                alice.json(&["send", "bob", "in the midst of it", "--timeout", "50s"]).await;
                assert_eq!(alice.run(&["ping", "bob", "-c", "1", "--timeout", "50s"]).await.code, 0);
            }
        };
        tokio::join!(storm(&hostile, frames, seed()), served);
        let grown = memory(&bob).saturating_sub(before);
        assert!(!is_full() || grown < GROWTH, "{transport}: {grown} KiB more");
        bob.json(&["untrust", "mallory"]).await;
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
    let from_alice = bob.json(&["inbox", "list", "--from", "alice"]).await;
    assert_eq!(from_alice.as_array().unwrap().len(), 3 * TRANSPORTS.len());
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_is_answered_and_the_stream_goes_on() {
    let bob = Daemon::new("bob").await;
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        let mut stream = hostile.open(data::PROTOCOL).await;
        let invalid = [
            (Kind::Text, &b"\xff\xfe"[..]),
            (Kind::Json, b"{\"a\": }"),
            (Kind::Json, b"1 2"),
            (Kind::Json, b""),
            (Kind::Json, b"\"\xff\""),
        ];
        for (kind, payload) in invalid {
            let answer = data::send(&mut stream, &message(kind, payload)).await.unwrap();
            assert_eq!(answer, Answer::Invalid, "{transport}: {payload:?}");
        }
        // So deep that a parser which recurses would run out of stack.
        let deep = message(Kind::Json, "[".repeat(500_000).as_bytes());
        assert_eq!(data::send(&mut stream, &deep).await.unwrap(), Answer::Invalid, "{transport}");

        let first = message(Kind::Text, b"a good one");
        assert_eq!(data::send(&mut stream, &first).await.unwrap(), Answer::Stored);
        assert_eq!(data::send(&mut stream, &first).await.unwrap(), Answer::Duplicate);
        let other = data::Message { payload: b"another".into(), ..first };
        assert_eq!(data::send(&mut stream, &other).await.unwrap(), Answer::Conflict);
        bob.json(&["untrust", "mallory"]).await;
    }
    assert_eq!(bob.inbox().await.len(), TRANSPORTS.len());
}

#[tokio::test]
async fn a_frame_that_cannot_be_followed_ends_its_stream_alone() {
    let bob = Daemon::new("bob").await;
    let text = message(Kind::Text, b"text");
    let header = |size| wire::encode(&Header { size, ..Header::of(&text) }).unwrap();
    let framed = |body: &[u8]| wire::frame(body, body.len()).unwrap();
    // The kind is the only byte 0 behind its key; 3 stands for nothing.
    let mut kind = header(4);
    let at = kind.windows(5).position(|bytes| bytes == b"\x64kind").unwrap() + 5;
    kind[at] = 3;
    let unfollowable = [
        framed(&header(data::MAX_PAYLOAD as u64 + 1)),
        framed(&header(u64::MAX)),
        framed(&kind),
        framed(b"not cbor"),
        framed(&vec![0; wire::CONTROL_FRAME + 1]),
        encoded(&text)[..encoded(&text).len() - 1].to_vec(),
    ];
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        let mut beside = hostile.open(data::PROTOCOL).await;
        for bytes in &unfollowable {
            let answer = hostile.say(data::PROTOCOL, bytes).await.unwrap_or_default();
            assert!(answer.is_empty(), "{transport}: {bytes:?} was answered {answer:?}");
            let good = data::send(&mut beside, &message(Kind::Text, b"beside it")).await;
            assert_eq!(good.unwrap(), Answer::Stored, "{transport}");
        }
        bob.json(&["untrust", "mallory"]).await;
    }
    assert_eq!(bob.inbox().await.len(), TRANSPORTS.len() * unfollowable.len());
}

#[tokio::test]
async fn a_protocol_of_another_version_is_refused_by_name() {
    let bob = Daemon::new("bob").await;
    let hostile = Hostile::trusted_by(&bob, TRANSPORTS[0]).await;
    for name in ["/airway/data/2.0.0", "/airway/echo/0.9.0", "/airway/port/7/1.0.0", "/airway/port/0/1.0.0"] {
        let mut stream = hostile.open(StreamProtocol::new(name)).await;
        let refused = stream.accepted().await.unwrap_err();
        assert_eq!(Refusal::of(&refused), Some(Refusal::Unsupported), "{name}: {refused}");
    }
}

#[tokio::test]
async fn a_peer_that_never_finishes_its_frames_holds_up_nobody() {
    /// More than a peer may have messages under way on.
    const STREAMS: usize = 40;
    let (alice, bob) = friends().await;
    let hostile = Hostile::trusted_by(&bob, TRANSPORTS[0]).await;
    let begun = encoded(&message(Kind::Binary, &[0; 1024]));
    let mut held = Vec::new();
    for _ in 0..STREAMS {
        let mut stream = hostile.open(data::PROTOCOL).await;
        // Refused or not: it stays open.
        stream.write_all(&begun[..begun.len() - 1]).await.ok();
        stream.flush().await.ok();
        held.push(stream);
    }
    let mut refused = 0;
    for stream in held.iter_mut().skip(STREAMS / 2) {
        refused += usize::from(stream.read(&mut [0]).await.is_err());
    }
    assert_eq!(refused, STREAMS / 2, "those beyond the limit are refused at once");
    alice.json(&["send", "bob", "all the same"]).await;
    assert_eq!(bob.inbox().await.len(), 1);
}
