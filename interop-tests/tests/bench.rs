//! The benchmark works, and nothing is lost in it. The figures of so short a run mean nothing.

use std::process::Command;

use serde_json::Value;

/// Those with streams, in the order of the tables.
const CONTESTANTS: [&str; 7] =
    ["airway-network", "airway-program", "airway-tcp", "plain", "plain-tcp", "quinn-default", "quinn-tuned"];

#[test]
fn a_quick_run_has_every_figure_of_every_contestant() {
    let run = Command::new(env!("CARGO_BIN_EXE_bench")).args(["--quick", "--json"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();

    let streams: &[&str] = &CONTESTANTS;
    let mut bytes = CONTESTANTS.to_vec();
    bytes.insert(3, "airway-file");
    let holders: &[&str] = &["airway-network", "plain"];
    let expected = [
        ("throughput", &bytes[..]),
        ("round-trip-p50", streams),
        ("round-trip-p99", streams),
        ("new-streams", streams),
        ("new-streams-at-once", streams),
        ("set-up", streams),
        ("memory", holders),
    ];
    let figures = report["figures"].as_array().unwrap();
    assert_eq!(figures.len(), expected.len(), "{report}");
    for (table, (figure, contestants)) in figures.iter().zip(expected) {
        assert_eq!(table["figure"], figure);
        let rows = table["rows"].as_array().unwrap();
        let who: Vec<_> = rows.iter().map(|row| row["contestant"].as_str().unwrap()).collect();
        assert_eq!(who, contestants, "{figure}");
        for row in rows {
            // JSON has no number that is not finite: such a figure would be null here.
            let [min, median, max] = ["min", "median", "max"].map(|key| row[key].as_f64().unwrap());
            assert!(0.0 < min && min <= median && median <= max, "{figure}: {row}");
            assert!(row["to_plain"].as_f64().unwrap() > 0.0, "{figure}: {row}");
            // libp2p-stream drops what arrives too fast; nobody else may.
            let is_stock = row["contestant"].as_str().unwrap().starts_with("plain");
            if let (Some(lost), false) = (row.get("lost"), is_stock) {
                assert_eq!(lost["lost"], 0, "{figure}: {row}");
            }
            assert_eq!(row.get("lost").is_some(), figure.starts_with("new-streams"), "{figure}: {row}");
        }
    }
}
