//! Private meshes: one file of vectors for each kind of object, and one for what goes over streams.

use airway_protocols::{
    address::Address,
    agent::AgentId,
    card::Card,
    certificate::{Certificate, Grant},
    network::{Genesis, Policy, Realm, Roles},
};
use libp2p::identity::ed25519::PublicKey;
use serde::Serialize;

use super::{
    envelope::forged,
    support::{File, RefusedBytes, RefusedText, golden, hex, key, key_of, refused_texts, why},
};

mod certificates;
mod claims;
mod frames;
mod invites;
mod networks;
mod revocations;

const AT: u64 = 1_700_000_000_000;
const NUMBER: u16 = 4_660;
pub(super) const MEMBER: Roles = Roles { relay: false, inviter: false };
const RELAY: Roles = Roles { relay: true, inviter: false };
pub(super) const INVITER: Roles = Roles { relay: false, inviter: true };
const BOTH: Roles = Roles { relay: true, inviter: true };

/// The mesh whose authority has the key with this seed.
pub(super) fn genesis(seed: u8) -> Genesis {
    Genesis::new("lab".parse().unwrap(), &public(seed), NUMBER, Policy::default(), AT, [seed; 16]).unwrap()
}

pub(super) fn realm() -> Realm {
    Realm::of(&genesis(1))
}

pub(super) fn public(seed: u8) -> PublicKey {
    key(seed).public().try_into_ed25519().unwrap()
}

fn agent(seed: u8) -> AgentId {
    AgentId::of(&public(seed))
}

pub(super) fn grant(seed: u8, roles: Roles) -> Grant {
    let (_, nonce) = Address::derive(NUMBER, &agent(seed), 0).unwrap();
    let (not_before, expires) = (AT, AT + 2_592_000_000);
    Grant { member: public(seed), nonce, name: None, roles, not_before, expires, serial: [seed; 16] }
}

/// A certificate by the authority.
pub(super) fn certificate(seed: u8, roles: Roles) -> Certificate {
    Certificate::sign(&realm(), &key(1), None, grant(seed, roles)).unwrap()
}

/// A card with one multiaddr.
fn card(seed: u8, number: u16, name: Option<&str>) -> Card {
    let addresses = ["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()];
    Card::sign(&key(seed), number, 0, name.map(|name| name.parse().unwrap()), &addresses).unwrap()
}

/// Notes why bytes are refused.
pub(super) fn refused<T: std::fmt::Debug, E: std::error::Error + 'static>(
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, E>,
) -> RefusedBytes {
    RefusedBytes { bytes: hex(bytes), why: why(&read(bytes).unwrap_err()) }
}

/// With the last bit turned over, which is one of the signature.
pub(super) fn altered(envelope: &[u8]) -> Vec<u8> {
    let mut altered = envelope.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    altered
}
