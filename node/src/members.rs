//! The network that the agent takes part in, and who else has proved to belong to it; shared by everything that asks.
//!
//! Membership is no trust: it opens the network's own protocols, and services only where the network's policy says so.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use airway_protocols::{
    card::Card,
    certificate::Certificate,
    network::{NetworkId, Realm},
    revocations::Revocations,
};
use libp2p::PeerId;

use crate::clock;

/// Members remembered in memory; whoever was met longest ago makes room.
const MAX_MEMBERS: usize = 10_000;

/// An agent that has proved to be a member.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// What it has proved it with.
    pub(crate) certificate: Certificate,
    /// Where it was when it did.
    pub(crate) card: Card,
    /// Whether it serves the DHT.
    pub(crate) serves: bool,
    /// Whether it relays for other members.
    pub(crate) relay: bool,
    /// Unix milliseconds.
    pub(crate) met: u64,
}

impl Member {
    pub(crate) fn peer(&self) -> PeerId {
        self.certificate.peer()
    }
}

/// See the module; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members(Arc<RwLock<Table>>);

#[derive(Debug, Default)]
struct Table {
    realm: Option<Realm>,
    trusts: bool,
    revocations: Revocations,
    members: HashMap<PeerId, Member>,
}

impl Members {
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The network whose DHT we take part in; none, if we take part in none.
    pub(crate) fn realm(&self) -> Option<Realm> {
        self.read().realm.clone()
    }

    /// Who was expelled from it.
    pub(crate) fn revocations(&self) -> Revocations {
        self.read().revocations.clone()
    }

    /// Another network, or none; nobody is a member of it yet. `trusts` says whether it has its members trust each other.
    pub(crate) fn set_realm(&self, realm: Option<Realm>, trusts: bool, revocations: Revocations) {
        *self.write() = Table { realm, trusts, revocations, members: HashMap::new() };
    }

    /// A newer list; returns those who are members no more.
    pub(crate) fn set_revocations(&self, revocations: Revocations) -> Vec<Member> {
        let now = clock::unix_ms();
        let table = &mut *self.write();
        let expelled = |member: &Member| member.certificate.stands(now, &revocations).is_err();
        let gone = table.members.extract_if(|_, member| expelled(member)).map(|(_, member)| member).collect();
        table.revocations = revocations;
        gone
    }

    /// Takes in who has proved to be a member of this network; `false` if we have left it meanwhile.
    pub(crate) fn admit(&self, network: NetworkId, member: Member) -> bool {
        let table = &mut *self.write();
        if table.realm.as_ref().is_none_or(|realm| realm.id() != network) {
            return false;
        }
        let peer = member.peer();
        if table.members.len() >= MAX_MEMBERS && !table.members.contains_key(&peer) {
            let oldest = table.members.iter().min_by_key(|(_, member)| member.met).map(|(peer, _)| *peer);
            oldest.map(|peer| table.members.remove(&peer));
        }
        table.members.insert(peer, member);
        true
    }

    /// Forgets those whose certificates have expired, and returns them.
    pub(crate) fn sweep(&self) -> Vec<PeerId> {
        let now = clock::unix_ms();
        let table = &mut *self.write();
        let is_over = |member: &Member| member.certificate.stands(now, &table.revocations).is_err();
        table.members.extract_if(|_, member| is_over(member)).map(|(peer, _)| peer).collect()
    }

    /// Whether the peer is a member at this moment.
    pub(crate) fn contains(&self, peer: &PeerId) -> bool {
        self.read().stands(peer)
    }

    /// Whether the network says that the peer is to be trusted.
    pub(crate) fn vouches(&self, peer: &PeerId) -> bool {
        let table = self.read();
        table.trusts && table.stands(peer)
    }

    /// Whether the network has its members trust each other.
    pub(crate) fn trusts(&self) -> bool {
        self.read().trusts
    }

    pub(crate) fn get(&self, peer: &PeerId) -> Option<Member> {
        self.read().members.get(peer).cloned()
    }

    pub(crate) fn list(&self) -> Vec<Member> {
        self.read().members.values().cloned().collect()
    }
}

impl Table {
    fn stands(&self, peer: &PeerId) -> bool {
        let member = self.members.get(peer);
        member.is_some_and(|member| member.certificate.stands(clock::unix_ms(), &self.revocations).is_ok())
    }
}
