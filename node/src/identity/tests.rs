use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use super::*;

struct Scratch {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn scratch() -> Scratch {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.key");
    Scratch { _dir: dir, path }
}

/// Puts `bytes` where the key belongs, with the permissions of a key.
fn plant(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_new_identity_is_private_and_the_same_when_read_again() {
    let scratch = scratch();
    let made = Identity::load_or_create(&scratch.path).unwrap();
    assert_eq!(fs::metadata(&scratch.path).unwrap().mode() & 0o777, 0o600);
    let read = Identity::load_or_create(&scratch.path).unwrap();
    assert_eq!(read.peer_id(), made.peer_id());
    assert_eq!(read.public_key(), made.public_key());
    assert_eq!(fs::read_dir(scratch.path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn the_file_is_what_libp2p_calls_an_encoded_private_key() {
    let scratch = scratch();
    let identity = Identity::load_or_create(&scratch.path).unwrap();
    let bytes = fs::read(&scratch.path).unwrap();
    assert_eq!(bytes[..4], [0x08, 0x01, 0x12, 0x40]);
    assert_eq!(bytes.len(), 68);
    assert_eq!(bytes[36..], identity.public_key());
}

#[test]
fn an_existing_key_is_never_overwritten() {
    let scratch = scratch();
    let first = Identity::load_or_create(&scratch.path).unwrap();
    let second = Identity { key: ed25519::Keypair::generate() };
    assert_eq!(second.store(&scratch.path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    // What a process does that has found no key a moment before another one stored its own.
    assert_eq!(Identity::create(&scratch.path).unwrap().peer_id(), first.peer_id());
}

#[test]
fn a_key_open_to_others_is_refused_with_the_command_that_closes_it() {
    let scratch = scratch();
    Identity::load_or_create(&scratch.path).unwrap();
    fs::set_permissions(&scratch.path, Permissions::from_mode(0o640)).unwrap();
    let error = Identity::load_or_create(&scratch.path).unwrap_err();
    assert!(matches!(error, Error::Permissions { mode: 0o640, .. }), "{error}");
    assert_eq!(error.hint().unwrap(), format!("run chmod 600 {}", scratch.path.display()));
}

#[test]
fn a_damaged_key_is_refused_and_kept() {
    let scratch = scratch();
    Identity::load_or_create(&scratch.path).unwrap();
    let whole = fs::read(&scratch.path).unwrap();
    let mut flipped = whole.clone();
    flipped[67] ^= 1;
    for bytes in [&b""[..], b"garbage", &whole[..67], &flipped] {
        plant(&scratch.path, bytes);
        let error = Identity::load_or_create(&scratch.path).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{bytes:?}: {error}");
        assert_eq!(fs::read(&scratch.path).unwrap(), bytes);
    }
}

#[test]
fn another_key_type_is_named() {
    let scratch = scratch();
    plant(&scratch.path, &[0x08, 0x02, 0x12, 0x20]);
    let error = Identity::load_or_create(&scratch.path).unwrap_err();
    assert!(error.to_string().contains("secp256k1"), "{error}");
}

#[test]
fn a_directory_is_not_a_key() {
    let scratch = scratch();
    fs::create_dir(&scratch.path).unwrap();
    assert!(matches!(Identity::load_or_create(&scratch.path).unwrap_err(), Error::NotAFile { .. }));
}

#[test]
fn debug_shows_no_secret() {
    let scratch = scratch();
    let identity = Identity::load_or_create(&scratch.path).unwrap();
    assert_eq!(format!("{identity:?}"), format!("Identity({:?})", identity.peer_id()));
}
