//! The address book: where known peers were last seen, for whoever dials them.
//!
//! It also knows the reverse, since every connection that comes in asks for it: whether a known peer is at an IP
//! address, and whether a relay stands on the way to one.

use std::{
    collections::HashMap,
    convert::Infallible,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    task::{Context, Poll},
};

use airway_protocols::streams::is_relayed;

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm, dummy,
    },
};

/// Multiaddrs by peer; shared between the swarm, which reads it, and the contacts, which write it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<RwLock<Table>>);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<PeerId, Entry>,
    /// Of those who are expected.
    ips: Counted<IpAddr>,
    relays: Counted<PeerId>,
    /// Noted for a while, besides the entries.
    visits: Vec<(u64, PeerId, Vec<Multiaddr>)>,
    next_visit: u64,
}

/// Has a peer be found at some addresses until it is dropped, whoever else notes or forgets it meanwhile.
#[derive(Debug)]
pub(crate) struct Visit {
    book: Book,
    number: u64,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let table = &mut *self.book.write();
        let over: Vec<_> = table.visits.extract_if(.., |(number, ..)| *number == self.number).collect();
        for relay in over.iter().flat_map(|(.., addresses)| addresses).filter_map(relay) {
            table.relays.remove(&relay);
        }
    }
}

#[derive(Debug, Default)]
struct Entry {
    addresses: Vec<Multiaddr>,
    expected: bool,
}

impl Table {
    fn set(&mut self, peer: PeerId, entry: Entry) {
        self.remove(&peer);
        entry.ips().for_each(|ip| self.ips.add(ip));
        entry.relays().for_each(|relay| self.relays.add(relay));
        self.entries.insert(peer, entry);
    }

    fn remove(&mut self, peer: &PeerId) {
        let entry = self.entries.remove(peer).unwrap_or_default();
        entry.ips().for_each(|ip| self.ips.remove(&ip));
        entry.relays().for_each(|relay| self.relays.remove(&relay));
    }
}

impl Entry {
    fn ips(&self) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().filter(|_| self.expected).filter_map(direct_ip)
    }

    fn relays(&self) -> impl Iterator<Item = PeerId> {
        self.addresses.iter().filter_map(relay)
    }
}

/// The IP address of an address, as a connection from there shows it.
pub(super) fn ip(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(IpAddr::from(ip).to_canonical()),
        _ => None,
    }
}

/// The same, unless it is that of a relay.
pub(super) fn direct_ip(address: &Multiaddr) -> Option<IpAddr> {
    if is_relayed(address) { None } else { ip(address) }
}

/// The relay that an address leads through.
pub(super) fn relay(address: &Multiaddr) -> Option<PeerId> {
    let mut parts = address.iter().take_while(|part| *part != Protocol::P2pCircuit);
    let relay = parts.find_map(|part| if let Protocol::P2p(peer) = part { Some(peer) } else { None })?;
    is_relayed(address).then_some(relay)
}

/// How often each of some things is named.
#[derive(Debug)]
pub(super) struct Counted<T>(HashMap<T, usize>);

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Counted<T> {
    pub(super) fn add(&mut self, thing: T) {
        *self.0.entry(thing).or_default() += 1;
    }

    pub(super) fn remove(&mut self, thing: &T) {
        let Some(count) = self.0.get_mut(thing) else { return };
        *count -= 1;
        if *count == 0 {
            self.0.remove(thing);
        }
    }

    pub(super) fn contains(&self, thing: &T) -> bool {
        self.0.contains_key(thing)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.keys()
    }
}

impl Book {
    /// Notes where a peer is, and that it may come from there.
    pub(crate) fn set(&self, peer: PeerId, addresses: Vec<Multiaddr>) {
        self.enter(peer, Entry { addresses, expected: true });
    }

    /// Notes where a peer says that it is, to have it dialled; what comes from there is as strange as before.
    pub(crate) fn set_unexpected(&self, peer: PeerId, addresses: Vec<Multiaddr>) {
        self.enter(peer, Entry { addresses, expected: false });
    }

    fn enter(&self, peer: PeerId, entry: Entry) {
        self.write().set(peer, entry);
    }

    /// Has a peer be dialled there as well, for as long as somebody has to speak with it; it is no better known by that.
    pub(crate) fn visit(&self, peer: PeerId, addresses: Vec<Multiaddr>) -> Visit {
        let table = &mut *self.write();
        let number = table.next_visit;
        table.next_visit += 1;
        addresses.iter().filter_map(relay).for_each(|relay| table.relays.add(relay));
        table.visits.push((number, peer, addresses));
        Visit { book: self.clone(), number }
    }

    pub(crate) fn remove(&self, peer: &PeerId) {
        self.write().remove(peer);
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, peer: &PeerId) -> Vec<Multiaddr> {
        let table = self.read();
        let mut addresses = table.entries.get(peer).map(|entry| entry.addresses.clone()).unwrap_or_default();
        for (.., visited) in table.visits.iter().filter(|(_, visited, _)| visited == peer) {
            for address in visited {
                if !addresses.contains(address) {
                    addresses.push(address.clone());
                }
            }
        }
        addresses
    }

    /// Whether a known peer is at this IP address.
    pub(super) fn names_ip(&self, ip: &IpAddr) -> bool {
        self.read().ips.contains(ip)
    }

    /// Whether a known peer is reached through this relay.
    pub(super) fn names_relay(&self, relay: &PeerId) -> bool {
        self.read().relays.contains(relay)
    }

    /// The IP addresses of all known peers.
    pub(super) fn ips(&self) -> Vec<IpAddr> {
        self.read().ips.iter().copied().collect()
    }
}

/// Answers the swarm's question where to dial a peer.
#[derive(Debug)]
pub(crate) struct Behaviour(pub(crate) Book);

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        Ok(peer.map(|peer| self.0.get(&peer)).unwrap_or_default())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[String]) -> Vec<Multiaddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_book_answers_for_ips_and_relays_until_nobody_is_there_any_more() {
        let (book, relay) = (Book::default(), PeerId::random());
        let (a, b) = (PeerId::random(), PeerId::random());
        let direct = "/ip4/192.0.2.1/tcp/1".to_owned();
        let through = format!("/ip4/192.0.2.9/udp/1/quic-v1/p2p/{relay}/p2p-circuit");
        let (at_1, at_9) = ("192.0.2.1".parse().unwrap(), "192.0.2.9".parse().unwrap());
        book.set(a, addresses(&[direct.clone(), through.clone()]));
        book.set(b, addresses(&[direct, "/dns4/agent.example.org/tcp/1".into()]));
        assert!(book.names_ip(&at_1) && book.names_relay(&relay));
        assert!(!book.names_ip(&at_9), "the relay's address is not that of the peer");
        assert!(!book.names_relay(&a));

        book.set(a, addresses(&["/ip6/::ffff:192.0.2.7/tcp/1".into()]));
        assert!(book.names_ip(&at_1), "the other one is still there");
        assert!(book.names_ip(&"192.0.2.7".parse().unwrap()), "IPv4 in IPv6 is IPv4");
        assert!(!book.names_relay(&relay));
        book.set_unexpected(a, addresses(&["/ip4/192.0.2.8/tcp/1".into()]));
        assert!(!book.names_ip(&"192.0.2.8".parse().unwrap()), "a stranger does not say who is expected");
        assert_eq!(book.get(&a).len(), 1);
        book.remove(&b);
        book.remove(&a);
        book.remove(&a);
        assert!(book.ips().is_empty());
        assert!(book.get(&a).is_empty());
    }

    #[test]
    fn a_visit_neither_forgets_nor_makes_known() {
        let (book, peer) = (Book::default(), PeerId::random());
        let relay = PeerId::random();
        let through = format!("/ip4/192.0.2.9/udp/1/quic-v1/p2p/{relay}/p2p-circuit");
        let behind = book.visit(PeerId::random(), addresses(&[through]));
        assert!(book.names_relay(&relay));
        drop(behind);
        assert!(!book.names_relay(&relay));
        let [first, second, known] = [1, 2, 3].map(|last| addresses(&[format!("/ip4/192.0.2.{last}/tcp/1")]));
        let (one, other) = (book.visit(peer, first.clone()), book.visit(peer, second.clone()));
        assert_eq!(book.get(&peer), [first, second.clone()].concat());
        assert!(book.ips().is_empty());
        drop(one);
        assert_eq!(book.get(&peer), second, "another one still speaks with it");
        book.set(peer, known.clone());
        drop(other);
        assert_eq!(book.get(&peer), known, "it became a contact meanwhile");
    }
}
