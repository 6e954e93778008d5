use airway_protocols::address::Address;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::*;

/// Rounds of scrypt that take no time.
const QUICK: u8 = 4;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

fn identity() -> Identity {
    let dir = tempfile::tempdir().unwrap();
    Identity::load_or_create(&dir.path().join("identity.key")).unwrap()
}

fn contact(alias: &str) -> Contact {
    let identity = identity();
    let (address, _): (Address, u8) = identity.address().unwrap();
    Contact {
        agent: *identity.agent_id().as_bytes(),
        public_key: identity.public_key(),
        address: address.to_bytes(),
        name: Some("bob".into()),
        alias: Some(alias.into()),
        multiaddrs: vec!["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()],
        trusted_at_ms: 1,
        last_used_ms: Some(2),
    }
}

fn bundle() -> Bundle {
    let multiaddrs = vec!["/ip4/192.0.2.7/tcp/4001".parse().unwrap()];
    let contacts = vec![contact("robert"), contact("roberta")];
    Bundle { identity: identity(), name: Some("alice".into()), multiaddrs, contacts }
}

/// The bundle with one field changed.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Bundle, Error> {
    let mut form: Value = serde_json::from_slice(&form::write(&bundle()).unwrap()).unwrap();
    change(&mut form);
    form::read(&serde_json::to_vec(&form).unwrap())
}

fn open_quick(sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    seal::open(sealed, &passphrase("correct horse"))
}

#[test]
fn what_was_taken_comes_out_again() {
    let before = bundle();
    let after = form::read(&form::write(&before).unwrap()).unwrap();
    assert_eq!(after.identity.public_key(), before.identity.public_key());
    assert_eq!(after.identity.encoded(), before.identity.encoded());
    assert_eq!((after.name, after.multiaddrs), (before.name, before.multiaddrs));
    assert_eq!(after.contacts, before.contacts);
}

#[test]
fn a_bundle_of_a_newer_version_is_named_so_whatever_is_in_it() {
    let error = form::read(br#"{"airway_identity":2,"keys":["new"]}"#).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 2, known: 1 }), "{error}");
    assert!(matches!(form::read(b"[]").unwrap_err(), Error::NotABundle));
}

#[test]
fn what_does_not_fit_together_is_damaged() {
    let other = identity();
    let changes: [fn(&mut Value, &Identity); 6] = [
        |form, other| form["key"] = BASE64.encode(&other.encoded()).into(),
        |form, _| form["key"] = "AAAA".into(),
        |form, other| form["address"] = other.endpoint().unwrap().to_string().into(),
        |form, other| form["contacts"][0]["public_key"] = BASE64.encode(&other.public_key()).into(),
        |form, other| form["contacts"][1]["address"] = other.endpoint().unwrap().to_string().into(),
        // It would become a line of the settings.
        |form, _| form["name"] = "alice\"\nlisten = [\"/ip4/0.0.0.0/tcp/1\"]".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let error = changed(|form| change(form, &other)).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{number}: {error}");
    }
    let many = vec!["/ip4/192.0.2.1/tcp/1"; 1000];
    let bounded = changed(|form| form["contacts"][0]["multiaddrs"] = json!(many)).unwrap();
    assert_eq!(bounded.contacts[0].multiaddrs.len(), crate::contacts::MAX_MULTIADDRS);
}

#[test]
fn only_the_passphrase_opens_it() {
    let sealed = seal::seal_with(b"secret", &passphrase("correct horse"), QUICK).unwrap();
    assert_eq!(open_quick(&sealed).unwrap().as_slice(), b"secret");
    let wrong = seal::open(&sealed, &passphrase("wrong horse")).unwrap_err();
    assert!(matches!(wrong, Error::Passphrase), "{wrong}");
}

#[test]
fn every_byte_counts() {
    let sealed = seal::seal_with(b"secret", &passphrase("correct horse"), QUICK).unwrap();
    for at in 0..sealed.len() {
        let mut spoiled = sealed.clone();
        spoiled[at] ^= 1;
        // The one letter in which the last character of the armor may differ says nothing.
        if let Ok(opened) = open_quick(&spoiled) {
            assert_eq!(opened.as_slice(), b"secret", "byte {at}");
        }
        assert!(open_quick(&sealed[..at]).is_err() || at + 1 == sealed.len(), "cut at {at}");
    }
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_at_once() {
    let sealed = seal::seal_with(b"secret", &passphrase("correct horse"), 10).unwrap();
    let armor = String::from_utf8(sealed).unwrap();
    let base64: String = armor.lines().filter(|line| !line.starts_with('-')).collect();
    let mut plain = BASE64.decode(base64.as_bytes()).unwrap();
    let at = plain.windows(4).position(|bytes| bytes == b" 10\n").unwrap();
    plain[at + 1..at + 3].copy_from_slice(b"40");
    let error = open_quick(&plain).unwrap_err();
    assert!(matches!(error, Error::Work { required: 40, .. }), "{error}");
}
