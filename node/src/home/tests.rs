use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
};

use super::*;

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_missing_home_is_created_for_its_owner_alone() {
    let dir = scratch();
    let home = Home::open(dir.path().join("a/b")).unwrap();
    assert_eq!(mode(home.root()), 0o700);
    assert_eq!(home.warning(), None);
    Home::open(home.root()).unwrap();
}

#[test]
fn a_home_open_to_readers_is_used_and_reported_but_not_changed() {
    let dir = scratch();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let home = Home::open(dir.path()).unwrap();
    assert!(home.warning().unwrap().contains("chmod 700"));
    assert_eq!(mode(dir.path()), 0o755);
}

#[test]
fn a_home_that_others_may_write_to_is_refused() {
    let dir = scratch();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o770)).unwrap();
    let error = Home::open(dir.path()).unwrap_err();
    assert!(matches!(error, Error::OpenToOthers { mode: 0o770, .. }), "{error}");
    assert!(error.hint().unwrap().starts_with("run chmod 700 "));
}

#[test]
fn a_file_and_a_path_through_a_file_are_not_directories() {
    let dir = scratch();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = Home::open(path).unwrap_err();
        assert!(matches!(error, Error::NotADirectory { .. }), "{error}");
    }
}

#[test]
fn a_broken_link_is_not_a_directory() {
    let dir = scratch();
    let link = dir.path().join("link");
    symlink(dir.path().join("nowhere"), &link).unwrap();
    assert!(matches!(Home::open(link).unwrap_err(), Error::NotADirectory { .. }));
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn a_home_of_another_user_is_refused() {
    let dir = scratch();
    // Only root can give a directory away; as anybody else there is nothing to test.
    if std::os::unix::fs::chown(dir.path(), Some(54_321), None).is_err() {
        eprintln!("a_home_of_another_user_is_refused: needs root, not run");
        return;
    }
    let error = Home::open(dir.path()).unwrap_err();
    assert!(matches!(error, Error::NotOurs { owner: 54_321, .. }), "{error}");
}

#[test]
fn a_second_lock_names_the_holder_until_the_first_is_dropped() {
    let dir = scratch();
    let home = Home::open(dir.path()).unwrap();
    let lock = home.lock().unwrap();
    let error = home.lock().unwrap_err();
    assert!(matches!(&error, Error::InUse { pid: Some(pid), .. } if *pid == std::process::id()), "{error}");
    drop(lock);
    home.lock().unwrap();
}

#[test]
fn a_stale_socket_is_removed() {
    let dir = scratch();
    let lock = Home::open(dir.path()).unwrap().lock().unwrap();
    let socket = lock.prepare_socket().unwrap();
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    assert_eq!(lock.prepare_socket().unwrap(), socket);
    UnixListener::bind(&socket).unwrap();
}

#[test]
fn a_file_in_place_of_the_socket_is_left_alone() {
    let dir = scratch();
    let lock = Home::open(dir.path()).unwrap().lock().unwrap();
    let socket = lock.prepare_socket().unwrap();
    fs::write(&socket, "precious").unwrap();
    assert!(matches!(lock.prepare_socket().unwrap_err(), Error::SocketInTheWay { .. }));
    assert_eq!(fs::read(&socket).unwrap(), b"precious");
}

#[test]
fn a_socket_path_too_long_for_the_system_is_named() {
    let dir = scratch();
    let home = Home::open(dir.path().join("x".repeat(120))).unwrap();
    let error = home.lock().unwrap().prepare_socket().unwrap_err();
    assert!(error.to_string().contains("api.sock"), "{error}");
    assert!(error.hint().unwrap().contains("shorter"));
    assert!(!home.run_dir().exists());
}
