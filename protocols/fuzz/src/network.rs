//! Networks: how one begins, and the ids that concern it.

use airway_protocols::{
    agent,
    invite::InviteId,
    network::{Genesis, MAX_BYTES, NetworkId, Policy, Realm},
    tag::{self, Tag},
    trust::MAX_TIME,
};

use super::{
    envelope::key,
    text::{check_json, parse},
};

/// The mesh of the golden vectors. Its authority has [`key`].
pub(crate) fn mesh() -> Realm {
    let authority = key().public().try_into_ed25519().unwrap();
    let (name, policy) = ("lab".parse().unwrap(), Policy::default());
    Realm::of(&Genesis::new(name, &authority, 4_660, policy, 1_700_000_000_000, [1; 16]).unwrap())
}

/// Reads a genesis.
pub fn genesis(bytes: &[u8]) {
    let Ok(genesis) = Genesis::from_bytes(bytes) else { return };
    assert_eq!(genesis.as_bytes(), bytes, "a genesis in two forms");
    check_genesis(&genesis);
}

/// What holds for every genesis that was accepted.
pub(crate) fn check_genesis(genesis: &Genesis) {
    assert!(genesis.as_bytes().len() <= MAX_BYTES && genesis.created() <= MAX_TIME);
    assert!(genesis.number() != 0 && !agent::is_weak(genesis.authority()));
    assert_eq!(Genesis::from_bytes(genesis.as_bytes()).unwrap().id(), genesis.id());
    let realm = Realm::of(genesis);
    assert_eq!((realm.id(), realm.number()), (genesis.id(), genesis.number()));
    assert_eq!(realm.authority(), Some(genesis.authority()));
    assert!(realm.tag().len() == 16 && realm.tag().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(realm.kad().as_ref().contains(&realm.tag()));
}

/// 64 hexadecimal digits, in either case.
pub fn id(bytes: &[u8]) {
    let Some((id, text)) = parse::<NetworkId>(bytes) else { return };
    assert_eq!(id.to_string(), text.to_ascii_lowercase());
    assert_eq!(NetworkId::from_bytes(*id.as_bytes()), id);
    check_json(&id);
}

/// 32 hexadecimal digits, in either case.
pub fn invite_id(bytes: &[u8]) {
    let Some((id, text)) = parse::<InviteId>(bytes) else { return };
    assert_eq!(id.to_string(), text.to_ascii_lowercase());
    assert_eq!(InviteId::from_bytes(*id.as_bytes()), id);
    check_json(&id);
}

/// `ocr`.
pub fn tag(bytes: &[u8]) {
    let Some((tag, text)) = parse::<Tag>(bytes) else { return };
    assert_eq!(tag.as_str(), text);
    assert!((1..=tag::MAX_LENGTH).contains(&text.len()));
    assert!(text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')));
    assert!(!text.starts_with('-') && !text.ends_with('-'));
    check_json(&tag);
}
