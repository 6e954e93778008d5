//! Homes that cannot be used, and files in them that were spoiled.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::mounts::mounting;
use crate::process::{Daemon, Ran, airway, airway_through, run};

/// A directory for homes.
fn scratch() -> TempDir {
    TempDir::with_prefix("airway-").unwrap()
}

/// What `up` says on a home that it cannot use.
async fn up(home: &Path) -> Ran {
    let mut command = airway(home);
    command.args(["--json", "up", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    run(command, b"").await
}

/// Asserts that `up` fails on this home, in the foreground and in the background, and says this.
async fn refuses(home: &Path, message: &str) -> Value {
    let mut command = airway(home);
    command.args(["--json", "up", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    let detached = run(command, b"").await.error(1, "home");
    let error = up(home).await.error(1, "home");
    for error in [&detached, &error] {
        let told = error["message"].as_str().unwrap();
        assert!(told.contains(message), "{message:?} is not in {told:?}");
    }
    error
}

/// A home in which a daemon has run.
async fn used(dir: &TempDir) -> PathBuf {
    let home = dir.path().join("home");
    let mut command = airway(&home);
    command.args(["up", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    assert_eq!(run(command, b"").await.code, 0);
    let mut command = airway(&home);
    command.arg("down");
    assert_eq!(run(command, b"").await.code, 0);
    home
}

#[tokio::test]
async fn a_home_that_is_no_directory_of_ours_is_refused() {
    let dir = scratch();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    refuses(&file, "is not a directory").await;
    refuses(&file.join("below"), "is not a directory").await;

    let open = dir.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    assert!(refuses(&open, "open to other users").await["hint"].as_str().unwrap().contains("chmod 700"));

    // Who is not root may not give a directory away, but has one of another owner at hand.
    let foreign = dir.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    let is_root = fs::metadata(&foreign).unwrap().uid() == 0;
    if is_root {
        chown(&foreign, Some(65_534), None).unwrap();
        refuses(&foreign, "belongs to user 65534").await;
    } else {
        refuses(Path::new("/"), "no permission").await;
    }
}

#[tokio::test]
async fn a_read_only_home_is_refused() {
    let dir = scratch();
    let home = used(&dir).await;
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
    let Some(mounted) = mounting("a_read_only_home_is_refused", script, &home).await else { return };
    let mut command = airway_through(mounted, &home);
    command.args(["--json", "up"]);
    let error = run(command, b"").await.error(1, "home");
    assert!(error["message"].as_str().unwrap().contains("read-only"), "{error}");
}

#[tokio::test]
async fn a_home_with_too_long_a_path_is_refused() {
    let dir = scratch();
    let home = dir.path().join("h".repeat(120));
    refuses(&home, "socket path").await;
    let mut command = airway(&home);
    command.args(["--json", "status"]);
    run(command, b"").await.error(1, "home");
}

#[tokio::test]
async fn a_spoiled_key_is_refused_and_left_alone() {
    let dir = scratch();
    let home = used(&dir).await;
    let key = home.join("identity.key");
    let good = fs::read(&key).unwrap();

    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert!(refuses(&home, "open to other users").await["hint"].as_str().unwrap().contains("chmod 600"));
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    let secp256k1 = [&[8, 2, 18, 32][..], &[1; 32]].concat();
    let spoiled: [(&[u8], &str); 4] = [
        (b"", "not a valid private key"),
        (b"garbage", "not a valid private key"),
        (&good[..good.len() - 1], "not a valid private key"),
        (&secp256k1, "secp256k1"),
    ];
    for (bytes, message) in spoiled {
        fs::write(&key, bytes).unwrap();
        refuses(&home, message).await;
        assert_eq!(fs::read(&key).unwrap(), bytes, "it is left as it was");
    }
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    refuses(&home, "not a regular file").await;
}

#[tokio::test]
async fn a_wrong_setting_is_named_with_its_line() {
    let dir = scratch();
    let home = used(&dir).await;
    let wrong = [
        ("nmae = \"bob\"", "nmae"),
        ("name = 7", "string"),
        ("name = \"Two Words\"", "name"),
        ("listen = [\"localhost:4001\"]", "listen"),
        ("[limits]\nconnections = 0", "connections"),
        ("[limits]\ninbox_bytes = -1", "-1"),
        ("[log]\nformat = \"xml\"", "format"),
        ("name = ", ""),
    ];
    for (text, key) in wrong {
        fs::write(home.join("config.toml"), format!("# a comment\n{text}\n")).unwrap();
        let error = up(&home).await.error(2, "bad_request");
        let (message, hint) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
        let line = 1 + text.lines().count();
        assert!(message.contains(key) && hint.contains(&format!("line {line}")), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_ours_is_refused_and_left_alone() {
    let dir = scratch();
    let home = used(&dir).await;
    let database = home.join("airway.db");
    let set = |pragma: &str, value: u32| {
        Connection::open(&database).unwrap().pragma_update(None, pragma, value).unwrap();
    };
    set("user_version", 99);
    assert!(refuses(&home, "version 99").await["hint"].as_str().unwrap().contains("upgrade"));
    set("user_version", 1);
    set("application_id", 7);
    refuses(&home, "another program").await;

    fs::remove_file(&database).unwrap();
    fs::write(&database, "this is no database, and longer than the head of one: ".repeat(10)).unwrap();
    fs::set_permissions(&database, Permissions::from_mode(0o600)).unwrap();
    refuses(&home, "damaged").await;
    assert!(fs::read(&database).unwrap().starts_with(b"this is no database"), "it is left as it was");
}

#[tokio::test]
async fn what_a_crash_leaves_behind_is_in_nobodys_way() {
    let mut alice = Daemon::new("alice").await;
    let address = alice.address().to_owned();
    alice.kill().await;
    assert!(alice.home.join("run/api.sock").exists(), "the socket is left over");
    alice.fails(&["status"], 3, "not_running").await;
    let mut alice = alice.restart().await;
    assert_eq!(alice.address(), address);

    // The process id in the lock is that of a process long gone, the socket that of another program.
    alice.kill().await;
    fs::write(alice.home.join("airway.lock"), "1").unwrap();
    let socket = alice.home.join("run/api.sock");
    fs::remove_file(&socket).unwrap();
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(alice.restart().await.address(), address);
}

#[tokio::test]
async fn a_file_in_the_place_of_the_socket_is_not_ours_to_delete() {
    let dir = scratch();
    let home = used(&dir).await;
    let socket = home.join("run/api.sock");
    fs::write(&socket, "precious").unwrap();
    refuses(&home, "is not a socket").await;
    assert_eq!(fs::read(&socket).unwrap(), b"precious");
}
