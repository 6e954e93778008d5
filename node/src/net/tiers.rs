//! What a peer is to us, by its authenticated key.
//!
//! | tier | who | may speak |
//! |---|---|---|
//! | trusted | in the access list | everything, within the access list's word; DCUtR |
//! | own relay | in the settings, or a member that serves as one | relay client, AutoNAT client, ping, identify without addresses |
//! | carrier | a relay that an address of a contact leads through | relay client |
//! | member | has proved to belong to our network | the network's DHT; DCUtR |
//! | client | anybody, where we are a relay server | relay, AutoNAT, ping, identify without addresses |
//! | stranger | anybody else | what the access list says: to knock |
//! | blocked | in the access list as such | nothing: its connections are refused |
//!
//! A trusted peer that is a relay as well is both, and either may be a member.

use airway_protocols::gate::Policy;
use libp2p::{Multiaddr, PeerId};

use super::{book::Book, relays::OwnRelays};
use crate::{access::Access, members::Members};

/// See the module; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tiers {
    access: Access,
    members: Members,
    book: Book,
    relays: OwnRelays,
    relay_server: bool,
}

impl Tiers {
    pub(crate) fn new(
        access: Access,
        members: Members,
        book: Book,
        relays: OwnRelays,
        relay_server: bool,
    ) -> Self {
        Self { access, members, book, relays, relay_server }
    }

    pub(crate) fn is_trusted(&self, peer: &PeerId) -> bool {
        self.access.allows(peer)
    }

    pub(crate) fn is_blocked(&self, peer: &PeerId) -> bool {
        self.access.is_blocked(peer)
    }

    /// Whether the peer belongs to our network.
    pub(crate) fn is_member(&self, peer: &PeerId) -> bool {
        self.members.contains(peer)
    }

    pub(crate) fn is_own_relay(&self, peer: &PeerId) -> bool {
        self.relays.contains(peer)
    }

    /// Where a relay of our own is to be found.
    pub(crate) fn relay_addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        self.relays.addresses(peer)
    }

    /// Whether an address of a contact leads through the peer.
    pub(crate) fn is_carrier(&self, peer: &PeerId) -> bool {
        self.book.names_relay(peer)
    }

    /// Whether circuits of ours may lead through the peer.
    pub(crate) fn carries(&self, peer: &PeerId) -> bool {
        self.is_own_relay(peer) || self.is_carrier(peer)
    }

    /// Whether the peer gets no more of identify than it takes to work with a relay, from either side.
    pub(crate) fn is_introduced(&self, peer: &PeerId) -> bool {
        !self.is_trusted(peer) && (self.relay_server || self.is_own_relay(peer))
    }

    /// Whether each of us tries now and then whether the other is alive.
    pub(crate) fn is_pinged(&self, peer: &PeerId) -> bool {
        self.is_trusted(peer) || self.is_introduced(peer)
    }

    /// Whether the peer, once a relay has joined us, may try to do without it: it hears where we may be.
    pub(crate) fn goes_direct(&self, peer: &PeerId) -> bool {
        self.is_trusted(peer) || self.is_member(peer)
    }

    /// Whether the peer has no claim to its connection.
    pub(crate) fn is_stranger(&self, peer: &PeerId) -> bool {
        !self.is_trusted(peer) && !self.is_member(peer) && !self.carries(peer)
    }

    /// One of these questions as the policy of a gate.
    pub(crate) fn rule(&self, admits: fn(&Self, &PeerId) -> bool) -> Rule {
        Rule { tiers: self.clone(), admits }
    }
}

/// Admits those for whom the answer to a question about tiers is yes.
#[derive(Debug)]
pub(crate) struct Rule {
    tiers: Tiers,
    admits: fn(&Tiers, &PeerId) -> bool,
}

impl Policy for Rule {
    fn admits(&self, peer: &PeerId) -> bool {
        (self.admits)(&self.tiers, peer)
    }
}
