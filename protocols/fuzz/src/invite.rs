//! Invites: as text, with contents whose digest fits whatever they are, and with a payload that is validly signed.

use std::str;

use airway_protocols::{
    card, envelope,
    invite::{self, Error, Invite, MAX_BOOTSTRAP_BYTES, MAX_BOOTSTRAPS, MAX_BYTES, PREFIX},
    network::Realm,
    ticket,
    trust::MAX_TIME,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use libp2p::multiaddr::Protocol;
use sha2::{Digest as _, Sha256};

use super::{
    envelope::{key, signed},
    member,
    network::check_genesis,
};

/// What the payload of an invite is signed for.
const DOMAIN: &str = "airway-invite-v1";

/// The secret of every invite here that brings none.
const SECRET: [u8; 16] = [7; 16];

/// Reads the text of an invite.
pub fn text(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let trimmed = text.trim();
    match text.parse::<Invite>() {
        Ok(invite) => check(&invite, trimmed),
        Err(Error::NotAnInvite) => assert!(!trimmed.starts_with(PREFIX)),
        Err(Error::Card) => assert!(trimmed.starts_with(card::PREFIX)),
        Err(Error::Ticket) => assert!(trimmed.starts_with(ticket::PREFIX)),
        Err(_) => assert!(trimmed.starts_with(PREFIX)),
    }
}

/// Reads an invite with these contents.
pub fn contents(contents: &[u8]) {
    let text = text_of(contents);
    match text.parse::<Invite>() {
        Ok(invite) => check(&invite, &text),
        Err(Error::TooLong) => assert!(contents.len() + 4 > MAX_BYTES),
        Err(Error::Altered) => assert!(contents.len() < SECRET.len()),
        Err(Error::NotAnInvite | Error::Card | Error::Ticket) => panic!("the prefix is an invite's"),
        Err(_) => {}
    }
}

/// Reads an invite with this payload, signed by who may be the inviter.
pub fn payload(payload: &[u8]) {
    let envelope = signed(DOMAIN, payload);
    let text = text_of(&[&envelope[..], &SECRET].concat());
    match text.parse::<Invite>() {
        Ok(invite) => {
            assert_eq!(invite.inviter().peer_id(), key().public().to_peer_id(), "an invite by somebody else");
            check(&invite, &text);
            let network = invite.genesis().id();
            let joiner = key().public().try_into_ed25519().unwrap();
            let proof = invite.prove(&joiner);
            assert!(invite::proves(&SECRET, &network, &invite.id(), &joiner, &proof));
            assert!(!invite::proves(&[8; 16], &network, &invite.id(), &joiner, &proof));
        }
        Err(Error::TooLong) => assert!(envelope.len() + 20 > MAX_BYTES),
        Err(Error::Envelope(envelope::Error::Signature | envelope::Error::Malformed(_)) | Error::Altered) => {
            panic!("the envelope is in order")
        }
        Err(Error::Time(expires)) => assert!(expires > MAX_TIME),
        Err(Error::BootstrapCount { found }) => assert!(found > MAX_BOOTSTRAPS),
        Err(_) => {}
    }
}

fn text_of(contents: &[u8]) -> String {
    let digest = Sha256::digest(contents);
    format!("{PREFIX}{}", BASE64URL.encode(&[contents, &digest[..4]].concat()))
}

/// What holds for every invite that was accepted.
fn check(invite: &Invite, text: &str) {
    assert_eq!(invite.to_string(), text, "an invite in two spellings");
    check_genesis(invite.genesis());
    member::check(invite.certificate());
    assert_eq!(*invite.realm(), Realm::of(invite.genesis()));
    assert!(invite.expires() <= MAX_TIME);
    let (card, certificate) = (invite.inviter(), invite.certificate());
    assert_eq!((card.agent_id(), card.address()), (certificate.agent(), certificate.address()));
    assert!(certificate.roles().inviter && certificate.issuer().is_none());
    assert!(invite.bootstraps().len() <= MAX_BOOTSTRAPS);
    for bootstrap in invite.bootstraps() {
        assert!(bootstrap.len() <= MAX_BOOTSTRAP_BYTES);
        assert!(matches!(bootstrap.iter().last(), Some(Protocol::P2p(_))));
    }
}
