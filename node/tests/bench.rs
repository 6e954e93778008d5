//! `airway bench` between two daemons, and what a trusted peer can make of the service behind it.
#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "bad_input/hostile.rs"]
mod hostile;
#[path = "common/process.rs"]
mod process;

use airway::protocols::{
    perf::{self, Request},
    streams::Refusal,
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use hostile::Hostile;
use process::{Daemon, PATIENCE, friends};
use serde_json::Value;
use tokio::time::timeout;

const TRANSPORTS: [&str; 2] = ["/quic-v1", "/tcp/"];

/// A figure that can be compared with others.
fn figure(data: &Value, pointer: &str) -> f64 {
    let figure = data.pointer(pointer).and_then(Value::as_f64);
    let figure = figure.unwrap_or_else(|| panic!("no {pointer}: {data}"));
    assert!(figure.is_finite() && figure > 0.0, "{pointer} is {figure}: {data}");
    figure
}

#[tokio::test]
async fn every_figure_is_measured() {
    let (alice, bob) = friends().await;
    let data = alice.json(&["bench", "bob", "--size", "256KiB", "--timeout", "50s"]).await;
    assert_eq!(data["address"], bob.address());
    assert_eq!((&data["path"], &data["transport"]), (&"direct".into(), &"quic".into()));
    let trips = ["min", "p50", "p99", "max"].map(|name| figure(&data, &format!("/latency/{name}_us")));
    assert!(trips.is_sorted(), "{trips:?}");
    for way in ["up", "down"] {
        assert_eq!(data[way]["bytes"], 256 * 1024, "{way}");
        figure(&data, &format!("/{way}/elapsed_us"));
        figure(&data, &format!("/{way}/bytes_per_s"));
    }
    for name in ["one_at_a_time_per_s", "at_once_per_s"] {
        figure(&data, &format!("/streams/{name}"));
    }
    assert_eq!(data["streams"]["at_once"], 32);
}

#[tokio::test]
async fn only_what_was_asked_for_is_measured() {
    let (alice, _bob) = friends().await;
    let data = alice.json(&["bench", "bob", "--only", "down", "--size", "1", "--timeout", "50s"]).await;
    assert_eq!(data["down"]["bytes"], 1);
    for other in ["latency", "up", "streams"] {
        assert_eq!(data[other], Value::Null, "{data}");
    }
    let ran = alice.run(&["bench", "bob", "--only", "latency", "--timeout", "50s"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "no bar where no terminal is");
    assert!(ran.text().contains("p99"), "{ran:?}");
}

#[tokio::test]
async fn a_measurement_whose_time_is_over_counts_what_there_is() {
    let (alice, _bob) = friends().await;
    let args = ["bench", "bob", "--only", "up,down", "--size", "1GiB", "--time", "100ms", "--timeout", "50s"];
    // The place of the run is given back each time: the next one is not refused.
    for _ in 0..2 {
        let data = alice.json(&args).await;
        for way in ["up", "down"] {
            let bytes = figure(&data, &format!("/{way}/bytes"));
            assert!(bytes < f64::from(1 << 30), "{way}: a gibibyte in a tenth of a second");
        }
    }
}

#[tokio::test]
async fn who_does_not_trust_us_or_is_away_is_not_measured() {
    let (alice, mut bob) = friends().await;
    alice.fails(&["bench", "nobody"], 6, "not_found").await;
    alice.fails(&["bench", "bob", "--size", "2GiB"], 2, "bad_request").await;
    alice.fails(&["bench", "bob", "--time", "26s"], 2, "bad_request").await;
    bob.json(&["untrust", "alice"]).await;
    alice.fails(&["bench", "bob", "--timeout", "50s"], 5, "not_trusted").await;
    bob.kill().await;
    let gone = alice.run(&["--json", "bench", "bob", "--timeout", "3s"]).await;
    assert_eq!(gone.code, 4, "{gone:?}");
}

/// Asks for a run and leaves it in the middle.
async fn begun(hostile: &Hostile) -> airway::protocols::streams::Stream {
    let mut stream = hostile.open(perf::PROTOCOL).await;
    perf::ask(&mut stream, &Request { send: 1 << 20, receive: 0 }).await.expect("asked");
    stream.flush().await.expect("flushed");
    stream.accepted().await.expect("taken");
    stream
}

#[tokio::test]
async fn a_peer_has_one_run_at_a_time() {
    let bob = Daemon::new("bob").await;
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        let mut first = begun(&hostile).await;
        let mut second = hostile.open(perf::PROTOCOL).await;
        let refused = timeout(PATIENCE, second.accepted()).await.expect("an answer").unwrap_err();
        assert_eq!(Refusal::of(&refused), Some(Refusal::Busy), "{transport}: {refused}");

        let request = Request { send: 1 << 20, receive: 0 };
        perf::fill(&mut first, request.send, |_| {}).await.expect("sent");
        assert_eq!(perf::answer(&mut first, &request).await.expect("answered"), request.send);
        begun(&hostile).await;
        bob.json(&["untrust", "mallory"]).await;
    }
}

#[tokio::test]
async fn runs_beyond_the_limit_are_not_answered() {
    let bob = Daemon::new("bob").await;
    let framed = |request: &Request| {
        wire::frame(&wire::encode(request).expect("cbor"), wire::CONTROL_FRAME).expect("small")
    };
    let unanswerable = [
        framed(&Request { send: perf::MAX_BYTES + 1, receive: 0 }),
        framed(&Request { send: 0, receive: u64::MAX }),
        framed(&Request { send: 0, receive: 1 })[..5].to_vec(),
        vec![0xFF; 64],
        vec![0],
    ];
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        for bytes in &unanswerable {
            let answer = hostile.say(perf::PROTOCOL, bytes).await.unwrap_or_default();
            assert!(answer.is_empty(), "{transport}: {bytes:?} was answered {answer:?}");
        }
        let small = Request { send: 3, receive: 4 };
        let mut stream = hostile.open(perf::PROTOCOL).await;
        perf::ask(&mut stream, &small).await.expect("asked");
        perf::fill(&mut stream, small.send, |_| {}).await.expect("sent");
        assert_eq!(perf::answer(&mut stream, &small).await.expect("answered"), small.send, "{transport}");
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end").expect("read");
        assert_eq!(rest.len(), 4, "{transport}");
        bob.json(&["untrust", "mallory"]).await;
    }
}
