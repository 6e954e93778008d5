//! What an export writes, and what it refuses.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
};

use super::support::{PASSPHRASE, export, scratch, sealing};
use crate::process::{Daemon, airway, run};

/// The first line of every bundle.
const ARMOR: &str = "-----BEGIN AGE ENCRYPTED FILE-----\n";

#[tokio::test]
async fn an_export_is_private_and_takes_nothing_away() {
    let alice = Daemon::new("alice").await;
    let dir = scratch();
    let file = dir.path().join("alice.age");
    let exported = export(&alice.home, &file).await;
    assert!(exported.stderr.contains("run one copy at a time"), "{exported:?}");
    let exported = exported.data();
    assert_eq!((&exported["address"], &exported["contacts"]), (&alice.address().into(), &0.into()));
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let sealed = fs::read_to_string(&file).unwrap();
    assert!(sealed.starts_with(ARMOR) && !sealed.contains("alice"), "{sealed}");

    // What is there stays, unless it is said that it may go.
    let again = export(&alice.home, &file).await.error(1, "conflict");
    assert!(again["hint"].as_str().unwrap().contains("--force"), "{again}");
    assert_eq!(fs::read_to_string(&file).unwrap(), sealed);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let path = file.to_str().unwrap();
    sealing(&alice.home, PASSPHRASE, &["identity", "export", path, "--force"]).await.data();
    assert_ne!(fs::read_to_string(&file).unwrap(), sealed);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");

    let mut command = alice.command(["identity", "export", "-", "--passphrase-file"]);
    command.arg(dir.path().join("secret"));
    fs::write(dir.path().join("secret"), PASSPHRASE).unwrap();
    let printed = run(command, b"").await;
    assert!(printed.code == 0 && printed.text().starts_with(ARMOR), "{printed:?}");
    assert_eq!(alice.json(&["identity"]).await["address"], alice.address());
}

#[tokio::test]
async fn without_a_good_passphrase_nothing_is_written() {
    let alice = Daemon::new("alice").await;
    let dir = scratch();
    let file = dir.path().join("alice.age");
    let path = file.to_str().unwrap();
    let short = sealing(&alice.home, "1234567", &["identity", "export", path]).await.error(2, "bad_request");
    assert!(short["message"].as_str().unwrap().contains("too short"), "{short}");
    // Nobody at a terminal: told at once, and not asked.
    let none = alice.fails(&["identity", "export", path], 2, "bad_request").await;
    assert!(none["hint"].as_str().unwrap().contains("AIRWAY_PASSPHRASE"), "{none}");
    let none = ["identity", "export", path, "--passphrase-file", "/nonexistent"];
    alice.fails(&none, 2, "bad_request").await;
    assert!(!file.exists());

    let home = dir.path().join("nobody's home");
    let mut command = airway(&home);
    command.args(["--json", "identity", "export", path]);
    run(command, b"").await.error(1, "home");
    assert!(!home.exists() && !file.exists(), "asking creates nothing");
}
