use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::*;

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::open(dir.path().join("home")).unwrap();
    (dir, home)
}

fn create(home: &Home, name: &str) -> Authority {
    Authority::create(home, name.parse().unwrap(), 9, Policy::default(), 1).unwrap()
}

fn passphrase(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// The same authority, key and all.
fn assert_same(one: &Authority, other: &Authority) {
    assert_eq!(one.genesis, other.genesis);
    assert_eq!(one.key.encoded(), other.key.encoded());
}

/// The text of an authority with one field changed.
fn changed(field: &str, value: serde_json::Value) -> Result<Authority, Error> {
    let (_dir, home) = home();
    let mut form: serde_json::Value = serde_json::from_slice(&create(&home, "lab").text().unwrap()).unwrap();
    form[field] = value;
    Authority::parse(&serde_json::to_vec(&form).unwrap())
}

#[test]
fn a_new_authority_is_private_and_the_same_when_read_again() {
    let (_dir, home) = home();
    assert!(Authority::load(&home).unwrap().is_none());
    let made = create(&home, "lab");
    assert_eq!(fs::metadata(home.authority()).unwrap().mode() & 0o777, 0o600);
    assert_same(&Authority::load(&home).unwrap().unwrap(), &made);
    assert_eq!(made.keypair().public().try_into_ed25519().unwrap(), *made.genesis().authority());
    assert_eq!((made.genesis().name().as_str(), made.genesis().number()), ("lab", 9));
    made.save(&home).unwrap();
    assert_eq!(fs::read_dir(home.root()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn each_network_has_a_key_and_an_id_of_its_own() {
    let (_dir, home) = home();
    let (one, other) = (create(&home, "lab"), create(&home, "lab"));
    assert_ne!(one.genesis.id(), other.genesis.id());
    assert_ne!(one.key.public_key(), other.key.public_key());
}

#[test]
fn the_key_of_another_network_is_set_aside_and_not_lost() {
    let (_dir, home) = home();
    let first = create(&home, "lab");
    let second = create(&home, "field");
    assert_same(&Authority::load(&home).unwrap().unwrap(), &second);
    let aside = fs::read(home.former_authority(&first.genesis.id())).unwrap();
    assert_same(&Authority::parse(&aside).unwrap(), &first);
    // It comes back in the same way.
    first.save(&home).unwrap();
    assert_same(&Authority::load(&home).unwrap().unwrap(), &first);
}

#[test]
fn an_export_is_opened_by_its_passphrase_alone() {
    let (_dir, home) = home();
    let authority = create(&home, "lab");
    let sealed = authority.export(passphrase("correct horse")).unwrap();
    assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----"));
    assert_same(&Authority::import(&sealed, passphrase("correct horse")).unwrap(), &authority);
    let wrong = Authority::import(&sealed, passphrase("wrong horse")).unwrap_err();
    assert!(matches!(wrong, Error::Passphrase), "{wrong}");
    assert!(Authority::import(b"a text that nobody has sealed", passphrase("correct horse")).is_err());
}

#[test]
fn what_does_not_fit_together_is_damaged_and_what_is_newer_is_named_so() {
    let key = BASE64.encode(&Identity::generate().encoded());
    for (field, value) in
        [("key", key.as_str()), ("key", "AAAA"), ("key", "?"), ("genesis", "AAAA"), ("genesis", "?")]
    {
        let error = changed(field, value.into()).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. } | Error::Genesis(_)), "{field} {value}: {error}");
    }
    let newer = changed("airway_authority", 2.into()).unwrap_err();
    assert!(matches!(newer, Error::Newer { found: 2, known: 1 }), "{newer}");
    let identity = Authority::parse(br#"{"airway_identity":2,"key":"AAAA"}"#).unwrap_err();
    assert!(matches!(identity, Error::NotAnAuthority), "{identity}");
}

#[test]
fn a_file_that_is_none_or_is_open_to_others_is_refused_and_left_as_it_is() {
    let (_dir, home) = home();
    let path = home.authority();
    for text in [&b""[..], b"{}", &[7; 10_000]] {
        file::write_private(&path, &[text], Existing::Replace).unwrap();
        assert!(matches!(Authority::load(&home).unwrap_err(), Error::File { .. }));
        let created = Authority::create(&home, "lab".parse().unwrap(), 9, Policy::default(), 1);
        assert!(created.is_err(), "it may be somebody's key");
        assert_eq!(fs::read(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();
    create(&home, "lab");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Authority::load(&home).unwrap_err();
    assert!(matches!(error, Error::Permissions { mode: 0o640, .. }), "{error}");
}

#[test]
fn the_key_is_not_shown() {
    let (_dir, home) = home();
    let authority = create(&home, "lab");
    let shown = format!("{authority:?}");
    assert!(shown.contains("lab") && !shown.contains("key"), "{shown}");
}
