//! `airway bench` between two daemons.

#[path = "common/process.rs"]
mod process;

use process::friends;
use serde_json::Value;

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
    assert_eq!(data["path"], "direct");
    assert!(["quic", "tcp"].iter().any(|transport| data["transport"] == *transport), "{data}");
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
    alice.fails(&["bench", bob.address(), "--timeout", "50s"], 5, "not_trusted").await;
    bob.kill().await;
    let gone = alice.run(&["--json", "bench", "bob", "--timeout", "3s"]).await;
    assert_eq!(gone.code, 4, "{gone:?}");
}
