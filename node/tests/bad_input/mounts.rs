//! Mounts that only one daemon sees: a private mount namespace.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use tokio::process::Command;

/// A program that mounts something on the home by `script`, where it is `$0`, and then becomes what its further
/// arguments say. `None` where that is not possible, and this may be passed over.
///
/// # Panics
/// Where it is not possible and the run has not been told that this may be.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
pub(super) async fn mounting(test: &str, script: &str, home: &Path) -> Option<Command> {
    let script = format!("{script} && exec \"$@\"");
    let mut why = String::new();
    for flags in ["-m", "-rm"] {
        let command = |last: &[&str]| {
            let mut command = Command::new("unshare");
            command.args([flags, "sh", "-c", &script]).arg(home).args(last);
            command
        };
        match command(&["true"]).output().await {
            Ok(output) if output.status.success() => return Some(command(&[])),
            Ok(output) => why = String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => why = error.to_string(),
        }
    }
    let allowed = std::env::var("AIRWAY_ALLOW_SKIP").is_ok_and(|skip| skip == "1");
    assert!(
        allowed,
        "{test} cannot run here, for want of a private mount (AIRWAY_ALLOW_SKIP=1 skips it): {why}"
    );
    eprintln!("NOT RUN: {test}: no private mount: {why}");
    None
}

/// The home as everybody else sees it: by way of the process that has it mounted.
pub(super) fn seen_through(pid: u32, home: &Path) -> std::path::PathBuf {
    Path::new(&format!("/proc/{pid}/root")).join(home.strip_prefix("/").unwrap())
}
