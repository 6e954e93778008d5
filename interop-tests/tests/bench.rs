//! The benchmark works, and Airway loses no stream in it. The figures of so short a run mean nothing.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_quick_run_measures_both_sides_and_airway_loses_nothing() {
    let run = Command::new(env!("CARGO_BIN_EXE_bench")).args(["--quick", "--json"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    let rows = report["rows"].as_array().unwrap();
    // Five measurements, and two places of Airway's task.
    assert_eq!(rows.len(), 10, "{report}");
    for row in rows {
        for side in ["airway", "plain"] {
            assert!(row[side]["median"].as_f64().unwrap() > 0.0, "{row}");
        }
        if let Some(lost) = row.get("airway_lost") {
            assert_eq!(lost["lost"], 0, "{row}");
        }
    }
}
