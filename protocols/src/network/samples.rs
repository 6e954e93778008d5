//! A mesh with members, for the tests of all that concerns one.

use libp2p::{
    Multiaddr,
    identity::{Keypair, ed25519},
};

use super::{Genesis, Policy, Realm, Roles};
use crate::{
    address::Address,
    agent::AgentId,
    card::Card,
    certificate::{Certificate, Grant},
    name::Name,
};

/// When everything happens, in milliseconds since the Unix epoch.
pub(crate) const NOW: u64 = 1_700_000_000_000;

pub(crate) const HOUR: u64 = 60 * 60 * 1000;

/// The number of the mesh.
pub(crate) const NUMBER: u16 = 4_660;

pub(crate) const INVITER: Roles = Roles { relay: false, inviter: true };

/// The key from a seed of 32 equal bytes. 1 is the authority's.
pub(crate) fn key(seed: u8) -> Keypair {
    Keypair::ed25519_from_bytes([seed; 32]).unwrap()
}

pub(crate) fn public(seed: u8) -> ed25519::PublicKey {
    key(seed).public().try_into_ed25519().unwrap()
}

pub(crate) fn agent(seed: u8) -> AgentId {
    AgentId::of(&public(seed))
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The mesh whose authority has the key with this seed.
pub(crate) fn genesis_of(seed: u8) -> Genesis {
    Genesis::new(name("lab"), &public(seed), NUMBER, Policy::default(), NOW, [seed; 16]).unwrap()
}

pub(crate) fn genesis() -> Genesis {
    genesis_of(1)
}

pub(crate) fn realm() -> Realm {
    Realm::of(&genesis())
}

pub(crate) fn grant(seed: u8, roles: Roles) -> Grant {
    let (_, nonce) = Address::derive(NUMBER, &agent(seed), 0).unwrap();
    let (not_before, expires) = (NOW, NOW + 720 * HOUR);
    Grant { member: public(seed), nonce, name: None, roles, not_before, expires, serial: [seed; 16] }
}

/// A certificate by the authority.
pub(crate) fn certificate(seed: u8, roles: Roles) -> Certificate {
    Certificate::sign(&realm(), &key(1), None, grant(seed, roles)).unwrap()
}

pub(crate) fn addresses() -> [Multiaddr; 1] {
    ["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()]
}

/// A card in the network with this number.
pub(crate) fn card(seed: u8, number: u16, name: Option<&str>) -> Card {
    let (_, nonce) = Address::derive(number, &agent(seed), 0).unwrap();
    Card::sign(&key(seed), number, nonce, name.map(self::name), &addresses()).unwrap()
}
