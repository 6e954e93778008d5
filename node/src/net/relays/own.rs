//! Our own relays: those of the settings, and the members of our network that serve as relays.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use airway_protocols::streams::is_relayed;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::watch;

use super::super::book;

/// Own relays at most. Those of the settings come first; of the members the first that fit are taken.
pub(crate) const MAX_RELAYS: usize = 16;

/// Addresses of a relay at most: as many as a card has room for.
const MAX_ADDRESSES: usize = 16;

/// A relay, with where it is.
pub(crate) type Relay = (PeerId, Vec<Multiaddr>);

/// See the module; cheap to clone, and shared by all who ask.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnRelays {
    configured: Arc<[Relay]>,
    all: watch::Sender<List>,
}

#[derive(Debug, Clone, Default)]
struct List {
    relays: Vec<Relay>,
    ips: HashSet<IpAddr>,
}

impl List {
    fn new(relays: impl IntoIterator<Item = Relay>) -> Self {
        let mut list = Self::default();
        for (peer, mut addresses) in relays {
            // A circuit to a relay would be a relay behind a relay, which libp2p does not do.
            addresses.retain(|address| !is_relayed(address));
            addresses.truncate(MAX_ADDRESSES);
            let is_known = list.relays.iter().any(|(known, _)| *known == peer);
            if !is_known && !addresses.is_empty() && list.relays.len() < MAX_RELAYS {
                list.ips.extend(addresses.iter().filter_map(book::ip));
                list.relays.push((peer, addresses));
            }
        }
        list
    }
}

impl OwnRelays {
    /// Those of the settings.
    pub(crate) fn new(configured: Vec<Relay>) -> Self {
        let all = watch::Sender::new(List::new(configured.iter().cloned()));
        Self { configured: configured.into(), all }
    }

    /// Puts these in the place of the members there were. Those of the settings stay, and come first; then members who were
    /// relays of ours already, so that what has too many of them does not change from one to the next.
    pub(crate) fn set_members(&self, mut members: Vec<Relay>) {
        members.sort_by_key(|(peer, _)| !self.contains(peer));
        let list = List::new(self.configured.iter().cloned().chain(members));
        self.all.send_if_modified(|all| {
            let changed = all.relays != list.relays;
            *all = list;
            changed
        });
    }

    /// All of them, in the order in which they are tried.
    pub(crate) fn list(&self) -> Vec<Relay> {
        self.all.borrow().relays.clone()
    }

    /// Those of the settings alone.
    pub(super) fn configured(&self) -> Vec<Relay> {
        self.configured.to_vec()
    }

    /// Sees every change.
    pub(super) fn changes(&self) -> Changes {
        Changes(self.all.subscribe())
    }

    pub(in crate::net) fn contains(&self, peer: &PeerId) -> bool {
        self.all.borrow().relays.iter().any(|(known, _)| known == peer)
    }

    /// Where one is to be found; nowhere if the peer is none.
    pub(in crate::net) fn addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        let all = self.all.borrow();
        let of_peer = all.relays.iter().find(|(known, _)| known == peer);
        of_peer.map(|(_, addresses)| addresses.clone()).unwrap_or_default()
    }

    /// Whether one is at this IP address.
    pub(in crate::net) fn is_at(&self, ip: &IpAddr) -> bool {
        self.all.borrow().ips.contains(ip)
    }

    /// The IP addresses of all.
    pub(in crate::net) fn ips(&self) -> Vec<IpAddr> {
        self.all.borrow().ips.iter().copied().collect()
    }
}

/// Whether own relays have changed.
#[derive(Debug)]
pub(super) struct Changes(watch::Receiver<List>);

impl Changes {
    /// Whether there was a change since this was asked last.
    pub(super) fn take(&mut self) -> bool {
        let changed = self.0.has_changed().unwrap_or(false);
        self.0.mark_unchanged();
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(last: usize) -> Relay {
        (PeerId::random(), vec![format!("/ip4/192.0.2.{last}/udp/1/quic-v1").parse().unwrap()])
    }

    #[test]
    fn relays_of_the_settings_come_first_and_stay() {
        let (configured, member) = (relay(1), relay(2));
        let own = OwnRelays::new(vec![configured.clone()]);
        let mut changes = own.changes();
        own.set_members(vec![member.clone(), configured.clone()]);
        assert_eq!(own.list(), [configured.clone(), member.clone()]);
        assert!(changes.take() && !changes.take());
        assert!(own.is_at(&"192.0.2.2".parse().unwrap()) && own.contains(&member.0));
        assert_eq!(own.addresses(&member.0), member.1);

        own.set_members(Vec::new());
        assert_eq!(own.list(), [configured]);
        assert!(!own.is_at(&"192.0.2.2".parse().unwrap()) && !own.contains(&member.0));
        own.set_members(Vec::new());
        assert!(changes.take() && !changes.take(), "the same once more is no change");
    }

    #[test]
    fn members_take_no_more_than_the_room_there_is() {
        let own = OwnRelays::new(vec![relay(1)]);
        let hidden = (PeerId::random(), vec![format!("{}/p2p-circuit", relay(2).1[0]).parse().unwrap()]);
        let everywhere = (PeerId::random(), vec![relay(3).1[0].clone(); 2 * MAX_ADDRESSES]);
        let members = [hidden.clone(), everywhere.clone()].into_iter().chain((0..2 * MAX_RELAYS).map(relay));
        own.set_members(members.collect());
        assert_eq!(own.list().len(), MAX_RELAYS);
        assert!(!own.contains(&hidden.0), "a relay behind a relay");
        assert_eq!(own.addresses(&everywhere.0).len(), MAX_ADDRESSES);

        let before = own.list();
        own.set_members((0..MAX_RELAYS).map(relay).chain(before[1..].iter().cloned()).collect());
        assert_eq!(own.list(), before, "who is a relay of ours stays one");
    }
}
