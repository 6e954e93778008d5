//! Homes, bundles and copies.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use airway::config::env;
use tempfile::TempDir;

use crate::process::{Daemon, Ran, airway, run};

/// What every bundle here is sealed with.
pub(super) const PASSPHRASE: &str = "correct horse battery";

/// A directory for homes.
pub(super) fn scratch() -> TempDir {
    TempDir::with_prefix("airway-").unwrap()
}

/// Runs a command that seals or opens, and asks for JSON.
pub(super) async fn sealing(home: &Path, passphrase: &str, args: &[&str]) -> Ran {
    let mut command = airway(home);
    command.arg("--json").args(args).env(env::PASSPHRASE, passphrase);
    run(command, b"").await
}

/// Exports the agent of a home to a file.
pub(super) async fn export(home: &Path, file: &Path) -> Ran {
    sealing(home, PASSPHRASE, &["identity", "export", file.to_str().unwrap()]).await
}

/// Imports an agent into a home.
pub(super) async fn import(home: &Path, file: &Path) -> Ran {
    sealing(home, PASSPHRASE, &["identity", "import", file.to_str().unwrap()]).await
}

/// Starts the agent of the home in a directory.
pub(super) async fn start(name: &str, dir: TempDir) -> Daemon {
    let home = dir.path().join("home");
    let command = airway(&home);
    Daemon::start(name, dir, command, |_| home).await
}

/// Copies the files of a home, but not what belongs to its daemon.
pub(super) fn copy(home: &Path) -> TempDir {
    let dir = scratch();
    let copy = dir.path().join("home");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(home).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
    }
    fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    dir
}

/// What a daemon warns of, in one text.
pub(super) async fn warnings(daemon: &Daemon) -> String {
    daemon.json(&["status"]).await["warnings"].to_string()
}
