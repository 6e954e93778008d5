//! What the agent signs: its card, and what it says about trust.

use airway_protocols::{
    agent::AgentId,
    card::{self, Card, MAX_ADDRESSES},
    streams::is_relayed,
    trust::{self, Draft, Statement},
};
use libp2p::{Multiaddr, identity::Keypair, multiaddr::Protocol};
use tokio::sync::watch;

use crate::{identity::Identity, me::Me};

/// The key, and what goes with it onto a card; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    identity: Identity,
    me: watch::Sender<Me>,
    announce: Vec<Multiaddr>,
    listening: watch::Receiver<Vec<Multiaddr>>,
}

impl Own {
    pub(crate) fn new(
        identity: Identity,
        me: Me,
        announce: Vec<Multiaddr>,
        listening: watch::Receiver<Vec<Multiaddr>>,
    ) -> Self {
        Self { identity, me: watch::Sender::new(me), announce, listening }
    }

    /// Who we are at this moment: the network may change, and what comes with it.
    pub(crate) fn me(&self) -> Me {
        self.me.borrow().clone()
    }

    /// Who we are, as it changes.
    pub(crate) fn changes(&self) -> watch::Receiver<Me> {
        self.me.subscribe()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Me)) {
        self.me.send_if_modified(|me| {
            let before = me.clone();
            change(me);
            *me != before
        });
    }

    pub(crate) fn keypair(&self) -> Keypair {
        self.identity.keypair()
    }

    /// The contact card to hand out, with the addresses of now.
    pub(crate) fn card(&self) -> Result<Card, card::Error> {
        self.sign_card(true, &on_card(&self.announce, &self.listening.borrow()))
    }

    /// A card for the network's directory: without a name for whoever wants to be found by address alone, and without
    /// anything for whoever does not want to be found any more.
    pub(crate) fn listed_card(&self, named: bool, reachable: bool) -> Result<Card, card::Error> {
        let addresses =
            if reachable { on_card(&self.announce, &self.listening.borrow()) } else { Vec::new() };
        self.sign_card(named, &addresses)
    }

    fn sign_card(&self, named: bool, addresses: &[Multiaddr]) -> Result<Card, card::Error> {
        let me = self.me();
        let name = me.name.as_deref().filter(|_| named).and_then(|name| name.parse().ok());
        Card::sign(&self.keypair(), me.address.network(), me.nonce, name, addresses)
    }

    /// What others can reach us at, as it changes.
    pub(crate) fn listening(&self) -> watch::Receiver<Vec<Multiaddr>> {
        self.listening.clone()
    }

    /// Signs what is to be said to an agent.
    pub(crate) fn state(&self, to: &AgentId, draft: Draft) -> Result<Statement, trust::Error> {
        Statement::sign(&self.identity.keypair(), to, draft)
    }
}

/// Addresses through relays: two for each of the two relays that we keep a reservation on.
const MAX_CIRCUITS: usize = 4;

/// The direct addresses, with room left for those through relays, which come last: they are the way for whoever has no
/// better one.
fn on_card(announce: &[Multiaddr], listening: &[Multiaddr]) -> Vec<Multiaddr> {
    let circuits = reachable(listening.iter().filter(|address| is_relayed(address)), &[], MAX_CIRCUITS);
    let mut all = direct(announce, listening, MAX_ADDRESSES - circuits.len());
    // A card names its agent already, and libp2p the peer that is dialled.
    all.extend(circuits.into_iter().map(|mut circuit| {
        if let Some(Protocol::P2p(_)) = circuit.iter().last() {
            circuit.pop();
        }
        circuit
    }));
    all
}

/// Announced addresses first, then those listened on, without relays; at most `room`.
pub(crate) fn direct(announce: &[Multiaddr], listening: &[Multiaddr], room: usize) -> Vec<Multiaddr> {
    reachable(listening.iter().filter(|address| !is_relayed(address)), announce, room)
}

/// Announced addresses, then the others, QUIC before TCP. Loopback serves only where there is nothing else, link-local
/// addresses nobody.
fn reachable<'a>(
    addresses: impl Iterator<Item = &'a Multiaddr>,
    announce: &'a [Multiaddr],
    room: usize,
) -> Vec<Multiaddr> {
    let listening: Vec<_> = addresses.collect();
    let within = |wanted| listening.iter().copied().filter(move |address| scope(address) == wanted);
    let mut reachable: Vec<_> = within(Scope::Wide).collect();
    if reachable.is_empty() && announce.is_empty() {
        reachable = within(Scope::Loopback).collect();
    }
    reachable.sort_by_key(|address| !address.iter().any(|part| part == Protocol::QuicV1));
    let mut all: Vec<Multiaddr> = Vec::new();
    for address in announce.iter().chain(reachable) {
        if !all.contains(address) && all.len() < room {
            all.push(address.clone());
        }
    }
    all
}

#[derive(Debug, PartialEq, Eq)]
enum Scope {
    Wide,
    Link,
    Loopback,
}

fn scope(address: &Multiaddr) -> Scope {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) if ip.is_loopback() => Scope::Loopback,
        Some(Protocol::Ip6(ip)) if ip.is_loopback() => Scope::Loopback,
        Some(Protocol::Ip4(ip)) if ip.is_link_local() => Scope::Link,
        Some(Protocol::Ip6(ip)) if ip.is_unicast_link_local() => Scope::Link,
        _ => Scope::Wide,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<Multiaddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn loopback_is_left_out_where_there_is_better() {
        let listening = addresses(&[
            "/ip4/127.0.0.1/udp/1/quic-v1",
            "/ip6/fe80::1/udp/1/quic-v1",
            "/ip4/192.0.2.1/tcp/1",
            "/ip4/192.0.2.1/udp/1/quic-v1",
        ]);
        let expected = addresses(&["/ip4/192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.1/tcp/1"]);
        assert_eq!(on_card(&[], &listening), expected);
    }

    #[test]
    fn loopback_serves_where_there_is_nothing_else() {
        let listening = addresses(&["/ip4/127.0.0.1/udp/1/quic-v1"]);
        assert_eq!(on_card(&[], &listening), listening);
    }

    #[test]
    fn addresses_through_relays_come_last_and_leave_no_direct_one_without_room() {
        let (relay, own) = (libp2p::PeerId::random(), libp2p::PeerId::random());
        let circuit =
            |at: u8| format!("/ip4/198.51.100.{at}/udp/1/quic-v1/p2p/{relay}/p2p-circuit/p2p/{own}");
        let mut listening = addresses(&["/ip4/192.0.2.1/tcp/1", "/ip4/127.0.0.1/tcp/1"]);
        let circuits: Vec<Multiaddr> = (0..9).map(|at| circuit(at).parse().unwrap()).collect();
        listening.splice(0..0, circuits);
        let card = on_card(&[], &listening);
        assert_eq!(card.len(), 1 + MAX_CIRCUITS);
        assert_eq!(card[0], listening[9]);
        assert!(card[1].to_string().ends_with("/p2p-circuit"), "{card:?}");
        let many: Vec<Multiaddr> =
            (1..=9).map(|port| format!("/ip4/192.0.2.1/tcp/{port}").parse().unwrap()).collect();
        assert_eq!(on_card(&many, &listening).len(), MAX_ADDRESSES);
    }

    #[test]
    fn announced_addresses_come_first() {
        let announce = addresses(&["/dns4/agent.example.org/udp/4001/quic-v1"]);
        let listening = addresses(&["/ip4/192.0.2.1/tcp/1"]);
        assert_eq!(on_card(&announce, &listening), [announce.clone(), listening.clone()].concat());
    }
}
