//! What the agent signs: its card, and what it says about trust.

use airway_protocols::{
    agent::AgentId,
    card::{self, Card, MAX_ADDRESSES},
    trust::{self, Draft, Statement},
};
use libp2p::{Multiaddr, multiaddr::Protocol};
use tokio::sync::watch;

use crate::{identity::Identity, me::Me};

/// The key, and what goes with it onto a card; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    identity: Identity,
    me: Me,
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
        Self { identity, me, announce, listening }
    }

    pub(crate) fn me(&self) -> &Me {
        &self.me
    }

    /// The contact card to hand out, with the addresses of now.
    pub(crate) fn card(&self) -> Result<Card, card::Error> {
        let name = self.me.name.as_deref().and_then(|name| name.parse().ok());
        let addresses = on_card(&self.announce, &self.listening.borrow());
        Card::sign(&self.identity.keypair(), self.me.address.network(), self.me.nonce, name, &addresses)
    }

    /// Signs what is to be said to an agent.
    pub(crate) fn state(&self, to: &AgentId, draft: Draft) -> Result<Statement, trust::Error> {
        Statement::sign(&self.identity.keypair(), to, draft)
    }
}

/// Announced addresses first, then those listened on, QUIC before TCP. Loopback serves only where there is
/// nothing else, link-local addresses nobody.
pub(crate) fn on_card(announce: &[Multiaddr], listening: &[Multiaddr]) -> Vec<Multiaddr> {
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
