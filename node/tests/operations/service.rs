//! The unit for systemd.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::fs;

use tempfile::TempDir;
use tokio::process::Command;

use crate::process::{airway, run};

#[tokio::test]
async fn systemd_takes_the_unit_whatever_is_in_the_path() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let home = dir.path().join("my 100% \"own\" $HOME");
    let mut command = airway(&home);
    command.arg("service");
    let printed = run(command, b"").await;
    assert_eq!(printed.code, 0, "{printed:?}");
    assert!(printed.stderr.contains("systemctl --user") && printed.stderr.contains("enable-linger"));
    let unit = printed.text();
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    assert!(start.contains(env!("CARGO_BIN_EXE_airway")), "{start}");
    assert!(start.ends_with(r#"/my 100%% \"own\" $$HOME" up"#), "{start}");
    assert!(!home.exists(), "printing creates nothing");

    let path = dir.path().join("airway.service");
    fs::write(&path, &unit).unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["--user", "verify"]).arg(&path).env("XDG_RUNTIME_DIR", dir.path());
    match verify.output().await {
        Ok(verified) => {
            let said = String::from_utf8_lossy(&verified.stderr);
            let of_ours: Vec<_> = said.lines().filter(|line| line.contains("airway.service")).collect();
            assert!(of_ours.is_empty(), "{said}");
        }
        Err(_) => {
            eprintln!("systemd_takes_the_unit_whatever_is_in_the_path: no systemd-analyze, not verified")
        }
    }
}
