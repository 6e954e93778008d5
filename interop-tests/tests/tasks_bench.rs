//! The benchmark of tasks works: each task succeeds. The figures of so short a run mean nothing.

use std::process::Command;

use serde_json::{Value, json};

#[test]
fn every_task_of_one_and_of_several_agents_succeeds() {
    let run = Command::new(env!("CARGO_BIN_EXE_tasks_bench")).args(["--quick", "--json"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let crowds: Vec<_> = rows.iter().map(|row| json!([row["requesters"], row["workers"]])).collect();
    assert_eq!(crowds, [json!([1, 1]), json!([1, 3]), json!([3, 1])]);
    for run in rows.iter().flat_map(|row| row["runs"].as_array().unwrap()) {
        assert_eq!(run["lost"], 0, "{run}");
        // JSON has no number that is not finite: such a figure would be null here.
        for figure in ["rate", "durable", "accepted50", "accepted99", "result50", "result99"] {
            assert!(run[figure].as_f64().unwrap() > 0.0, "{run}");
        }
    }
    for rate in report["commits"].as_array().unwrap() {
        assert!(rate["single"].as_f64().unwrap() > 0.0 && rate["shared"].as_f64().unwrap() > 0.0, "{rate}");
    }
}
