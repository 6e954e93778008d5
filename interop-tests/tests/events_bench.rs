//! The benchmark of events works: nothing is lost in it, and nothing changes places. The figures of so short a run mean
//! nothing.

use std::process::Command;

use serde_json::Value;

#[test]
fn readers_lose_nothing_and_hear_everything_in_order_whoever_else_has_stalled() {
    let run = Command::new(env!("CARGO_BIN_EXE_events_bench")).args(["--quick", "--json"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let readers: Vec<_> = rows.iter().map(|row| row["readers"].as_u64().unwrap()).collect();
    assert_eq!(readers, [1, 3, 8]);
    let of_rows = rows.iter().flat_map(|row| [("unpaced", &row["unpaced"]), ("paced", &row["paced"])]);
    let stalls = &report["stalls"];
    assert_eq!((&stalls["readers"], &stalls["stalled"]), (&6.into(), &2.into()));
    for (what, runs) in of_rows.chain(["alone", "beside"].map(|key| (key, &stalls[key]))) {
        let runs = runs.as_array().unwrap();
        assert!(!runs.is_empty(), "{what} was not run: {report}");
        for run in runs {
            for count in ["lost", "astray", "gaps"] {
                assert_eq!(run[count], 0, "{what}: {run}");
            }
            // JSON has no number that is not finite: such a figure would be null here.
            for figure in ["published", "delivered", "p50", "p99", "call"] {
                assert!(run[figure].as_f64().unwrap() > 0.0, "{what}: {run}");
            }
        }
    }
}
