//! What members of a network show each other.

use std::fmt::Write as _;

use airway_protocols::{
    admit::{self, Hello},
    certificate::Certificate,
    claim::{Claim, KeyKind, set},
    invite::{Invite, PREFIX},
    join::{self, Request},
    name::Name,
    network::{Genesis, Realm},
    revocations::Revocations,
};
use data_encoding::HEXLOWER;
use futures::executor::block_on;

use super::{
    table,
    targets::{envelope::signed, network::mesh, talk::Talk},
    trust::secret_text,
};

pub(super) fn genesis(bytes: &[u8]) -> Option<Vec<u8>> {
    let read = Genesis::from_bytes(bytes).ok()?;
    Some(format!("{} {} {} {}", read.id(), read.name(), read.number(), read.created()).into_bytes())
}

pub(super) fn certificate(bytes: &[u8]) -> Option<Vec<u8>> {
    let read = Certificate::from_bytes(bytes, &mesh()).ok()?;
    let name = read.name().map(Name::as_str).unwrap_or_default();
    let (agent, address, roles) = (read.agent(), read.address(), read.roles().bits());
    let (from, to, serial) = (read.not_before(), read.expires(), HEXLOWER.encode(read.serial()));
    Some(format!("{agent} {address} {name} {roles} {from} {to} {serial}").into_bytes())
}

pub(super) fn revocations(bytes: &[u8]) -> Option<Vec<u8>> {
    let read = Revocations::from_bytes(bytes, &mesh()).ok()?;
    let mut understood = format!("{} {}", read.version(), read.issued());
    for agent in read.agents() {
        write!(understood, " {agent}").ok()?;
    }
    Some(understood.into_bytes())
}

/// A network with an authority, and one without.
fn realms() -> [Realm; 2] {
    [mesh(), Realm::backbone()]
}

/// A claim in each of the realms. Taken if one of them takes it.
pub(super) fn claim(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut understood = String::new();
    for (index, realm) in realms().iter().enumerate() {
        let Ok(claim) = Claim::from_bytes(bytes, realm) else { continue };
        let (agent, address, withdrawn) = (claim.agent(), claim.address(), claim.is_withdrawn());
        let (issued, expires) = (claim.issued(), claim.expires());
        write!(understood, "{index} {agent} {address} {issued} {expires} {withdrawn}").ok()?;
        for key in claim.keys() {
            write!(understood, " {}", HEXLOWER.encode(key.bytes(&realm.id()).as_ref())).ok()?;
        }
    }
    (!understood.is_empty()).then(|| understood.into_bytes())
}

/// What is left of a set in each realm under each kind of key.
pub(super) fn claim_set(bytes: &[u8]) -> Option<Vec<u8>> {
    let envelopes = set::split(bytes).ok()?;
    let mut understood = Vec::new();
    for realm in realms() {
        for kind in [KeyKind::Address, KeyKind::Name, KeyKind::Tag] {
            let mut known = Vec::new();
            for claim in envelopes.iter().filter_map(|envelope| Claim::from_bytes(envelope, &realm).ok()) {
                set::merge(&mut known, claim, kind);
            }
            understood.extend(set::join(&known));
            understood.push(b'/');
        }
    }
    Some(understood)
}

/// Reads an invite with these contents, whose digest fits whatever they are.
pub(super) fn invite_contents(contents: &[u8]) -> Option<Vec<u8>> {
    table::text::<Invite>(secret_text(PREFIX, contents).as_bytes())
}

/// Reads an invite with this payload. The secret is sevens.
pub(super) fn invite_payload(payload: &[u8]) -> Option<Vec<u8>> {
    invite_contents(&[&signed("airway-invite-v1", payload)[..], &[7; 16]].concat())
}

pub(super) fn join_request(bytes: &[u8]) -> Option<Vec<u8>> {
    let request = block_on(join::hear(&mut Talk::new(bytes))).ok()?;
    let mut opener = Talk::new(&[]);
    block_on(join::ask(&mut opener, &request)).ok();
    Some(opener.said)
}

pub(super) fn join_reply(bytes: &[u8]) -> Option<Vec<u8>> {
    let request = Request::Leave { certificate: vec![1, 2, 3] };
    let reply = block_on(join::ask(&mut Talk::new(bytes), &request)).ok()?;
    let mut inviter = Talk::new(&[]);
    block_on(join::answer(&mut inviter, &reply)).ok()?;
    Some(inviter.said)
}

pub(super) fn admit_hello(bytes: &[u8]) -> Option<Vec<u8>> {
    let hello = block_on(admit::hear(&mut Talk::new(bytes))).ok()?;
    let mut opener = Talk::new(&[]);
    block_on(admit::ask(&mut opener, &hello)).ok();
    Some(opener.said)
}

pub(super) fn admit_answer(bytes: &[u8]) -> Option<Vec<u8>> {
    let hello = Hello { certificate: vec![1], card: vec![2], serves: true, relay: false, version: 3 };
    let answer = block_on(admit::ask(&mut Talk::new(bytes), &hello)).ok()?;
    let mut responder = Talk::new(&[]);
    block_on(admit::answer(&mut responder, &answer)).ok()?;
    Some(responder.said)
}
