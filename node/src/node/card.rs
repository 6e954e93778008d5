//! Our own card: which of our addresses stand on it.

use airway_protocols::card::{self, Card, MAX_ADDRESSES};
use libp2p::{Multiaddr, multiaddr::Protocol};

use super::Node;

impl Node {
    /// The contact card to hand out, with the addresses that the node has now.
    ///
    /// # Errors
    /// If the name or an announced address does not fit on a card.
    pub fn card(&self) -> Result<Card, card::Error> {
        let me = self.me();
        let name = me.name.as_deref().and_then(|name| name.parse().ok());
        let addresses = on_card(&self.config().announce, &self.listening());
        Card::sign(&self.0.identity.keypair(), me.address.network(), me.nonce, name, &addresses)
    }
}

/// Announced addresses first, then those listened on, QUIC before TCP. Loopback serves only where there is
/// nothing else, link-local addresses nobody.
pub(super) fn on_card(announce: &[Multiaddr], listening: &[Multiaddr]) -> Vec<Multiaddr> {
    let mut reachable: Vec<_> = listening.iter().filter(|address| scope(address) == Scope::Wide).collect();
    if reachable.is_empty() && announce.is_empty() {
        reachable = listening.iter().filter(|address| scope(address) == Scope::Loopback).collect();
    }
    reachable.sort_by_key(|address| !address.iter().any(|part| part == Protocol::QuicV1));
    let mut all: Vec<Multiaddr> = Vec::new();
    for address in announce.iter().chain(reachable) {
        if !all.contains(address) && all.len() < MAX_ADDRESSES {
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
    fn announced_addresses_come_first() {
        let announce = addresses(&["/dns4/agent.example.org/udp/4001/quic-v1"]);
        let listening = addresses(&["/ip4/192.0.2.1/tcp/1"]);
        assert_eq!(on_card(&announce, &listening), [announce.clone(), listening.clone()].concat());
    }
}
