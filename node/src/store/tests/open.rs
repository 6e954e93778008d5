use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use super::*;

/// A database at a fresh path on which `sql` was run.
fn database(sql: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("airway.db");
    create_private(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    (dir, path)
}

#[tokio::test]
async fn a_new_database_has_the_schema_of_this_program() {
    let scratch = scratch();
    let db = Connection::open(&scratch.path).unwrap();
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(pragma("user_version"), migrate::VERSION);
    assert_eq!(pragma("application_id").to_be_bytes(), *b"AIRW");
    let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn every_commit_waits_for_the_disk() {
    let synchronous = |db: &Connection| {
        Ok::<_, Error>(db.pragma_query_value(None, "synchronous", |row| row.get::<_, u32>(0))?)
    };
    assert_eq!(scratch().store.write(synchronous).await.unwrap(), 2, "2 is FULL");
}

#[tokio::test]
async fn the_files_are_private() {
    let scratch = scratch();
    scratch.store.put(message(1, b"secret")).await;
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{}{suffix}", scratch.path.display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}

#[tokio::test]
async fn a_database_open_to_others_is_refused() {
    let (_dir, path) = database("");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Permissions { mode: 0o644, .. }), "{error}");
    assert!(error.hint().unwrap().starts_with("run chmod 600 "));
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening() {
    let mut scratch = scratch();
    let seq = scratch.store.put(message(1, b"hello")).await;
    scratch.store.set_listen_port(4001).await.unwrap();
    scratch.store.set_network_number(7).await.unwrap();
    scratch.reopen().await;
    assert_eq!(scratch.store.bodies().await, [b"hello"]);
    assert_eq!(*scratch.store.inbox_newest().borrow(), seq);
    assert_eq!(scratch.store.listen_port().await.unwrap(), Some(4001));
    assert_eq!(scratch.store.network_number().await.unwrap(), Some(7));
}

#[tokio::test]
async fn a_closed_store_says_so_and_leaves_no_log() {
    let scratch = scratch();
    scratch.store.put(message(1, b"hello")).await;
    scratch.store.close().await;
    scratch.store.close().await;
    assert!(matches!(scratch.store.listen_port().await, Err(Error::Closed)));
    assert!(matches!(scratch.store.set_listen_port(1).await, Err(Error::Closed)));
    let left = fs::read_dir(scratch.path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["airway.db", "airway.reserve"]);
}

#[test]
fn a_newer_database_is_refused_and_untouched() {
    let (_dir, path) = database("PRAGMA application_id = 0x41495257; PRAGMA user_version = 99");
    let before = fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_refused_and_untouched() {
    for sql in ["PRAGMA application_id = 1", "CREATE TABLE theirs (x)", "PRAGMA user_version = 1"] {
        let (_dir, path) = database(sql);
        let before = fs::read(&path).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{sql}: {error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_file_that_is_no_database_is_corrupt() {
    let (_dir, path) = database("");
    fs::write(&path, [7; 4096]).unwrap();
    assert!(matches!(Store::open(&path).unwrap_err(), Error::Corrupt));
}
