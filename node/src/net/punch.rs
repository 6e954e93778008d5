//! DCUtR: has a relayed connection to a peer that we know followed by a direct one, through the NATs on the way.
//!
//! ```text
//! circuit ──► who took it asks ──► both name where they may be ──► both dial at once ──► direct: new streams go there
//! ```
//!
//! Candidates are what [`super::candidates`] makes of what relays see, and the addresses that are listened on: two agents
//! in one house need nothing else. libp2p's behaviour dials whatever the peer names, as often as it likes, and keeps a
//! circuit open as long as its relay does; here a peer has a [`RATE`] and may name so many addresses, and a circuit without
//! use is closed like any other connection.

use std::{
    collections::{HashSet, VecDeque},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    dcutr,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NewExternalAddrCandidate, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};

use super::candidates;
use crate::bucket::{Buckets, Rate};

/// Addresses that a peer may have us dial at once: as many as libp2p's behaviour names.
const MAX_TARGETS: usize = 20;

/// Dials of one peer: a circuit is followed by up to three.
const RATE: Rate = Rate { burst: 9, refill: Duration::from_secs(20) };

/// Peers that are counted at once: more than can be connected.
const PEERS: usize = 4096;

/// What relays have seen of us that is remembered; the oldest makes room.
const OBSERVED: usize = 8;

/// Why the peer is not dialled.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the peer names addresses that cannot be dialled directly, or too many")]
    Addresses,
    #[error("the peer has us dial it too often")]
    TooOften,
}

/// See the module.
pub(crate) struct Behaviour {
    own: PeerId,
    dcutr: dcutr::Behaviour,
    listening: Vec<Multiaddr>,
    observed: VecDeque<Multiaddr>,
    connections: usize,
    dialling: HashSet<ConnectionId>,
    dials: Buckets<PeerId>,
}

impl Behaviour {
    pub(super) fn new(own: PeerId) -> Self {
        Self {
            own,
            dcutr: dcutr::Behaviour::new(own),
            listening: Vec::new(),
            observed: VecDeque::new(),
            connections: 0,
            dialling: HashSet::new(),
            dials: Buckets::new(RATE, PEERS),
        }
    }

    /// Names an address, from the next circuit on.
    pub(super) fn offer(&mut self, candidate: &Multiaddr) {
        self.observed.retain(|known| known != candidate);
        self.observed.truncate(OBSERVED - 1);
        self.observed.push_front(candidate.clone());
        self.name(candidate);
    }

    fn name(&mut self, candidate: &Multiaddr) {
        let candidate = NewExternalAddrCandidate { addr: candidate };
        self.dcutr.on_swarm_event(FromSwarm::NewExternalAddrCandidate(candidate));
    }

    /// libp2p's behaviour remembers each dial, and each address for long; nobody is connected who misses them.
    fn reset(&mut self) {
        self.dcutr = dcutr::Behaviour::new(self.own);
        let known: Vec<_> = self.listening.iter().chain(&self.observed).cloned().collect();
        known.iter().for_each(|candidate| self.name(candidate));
    }

    fn check(&mut self, peer: PeerId, addresses: &[Multiaddr]) -> Result<(), Refused> {
        if addresses.len() > MAX_TARGETS || !addresses.iter().all(candidates::is_plain) {
            return Err(Refused::Addresses);
        }
        let now = Instant::now();
        if !self.dials.has(&peer, now) {
            return Err(Refused::TooOften);
        }
        self.dials.take(peer, now);
        Ok(())
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = THandler<dcutr::Behaviour>;
    type ToSwarm = dcutr::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.dcutr.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if let Some(peer) = peer.filter(|_| self.dialling.contains(&connection)) {
            self.check(peer, addresses).map_err(ConnectionDenied::new)?;
        }
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.dialling.remove(&connection);
        self.dcutr.handle_established_outbound_connection(connection, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match &event {
            FromSwarm::ConnectionEstablished(_) => self.connections += 1,
            FromSwarm::ConnectionClosed(_) => self.connections -= 1,
            FromSwarm::DialFailure(failure) => drop(self.dialling.remove(&failure.connection_id)),
            FromSwarm::NewListenAddr(new) if candidates::is_plain(new.addr) => {
                self.listening.push(new.addr.clone());
                self.name(new.addr);
            }
            FromSwarm::ExpiredListenAddr(gone) => self.listening.retain(|known| known != gone.addr),
            // Candidates come by `offer` alone: contacts may say of us what they like.
            FromSwarm::NewExternalAddrCandidate(_) => return,
            _ => {}
        }
        let has_ended = matches!(event, FromSwarm::ConnectionClosed(_)) && self.connections == 0;
        self.dcutr.on_swarm_event(event);
        if has_ended {
            self.reset();
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.dcutr.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        let order = self.dcutr.poll(cx);
        if let Poll::Ready(ToSwarm::Dial { opts }) = &order {
            self.dialling.insert(opts.connection_id());
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_names_few_addresses_that_can_be_dialled_and_not_often() {
        let (own, peer, relay) = (PeerId::random(), PeerId::random(), PeerId::random());
        let mut behaviour = Behaviour::new(own);
        let address = |text: &str| text.parse::<Multiaddr>().unwrap();
        let good = address(&format!("/ip4/2.2.2.2/udp/1/quic-v1/p2p/{peer}"));
        for bad in [
            "/ip4/127.0.0.1/tcp/1".to_owned(),
            "/dns4/agent.example.org/tcp/1".into(),
            format!("/ip4/2.2.2.2/tcp/1/p2p/{relay}/p2p-circuit/p2p/{peer}"),
        ] {
            assert!(behaviour.check(peer, &[good.clone(), address(&bad)]).is_err(), "{bad}");
        }
        assert!(behaviour.check(peer, &vec![good.clone(); MAX_TARGETS + 1]).is_err());
        for _ in 0..RATE.burst {
            assert!(behaviour.check(peer, &vec![good.clone(); MAX_TARGETS]).is_ok());
        }
        assert!(behaviour.check(peer, std::slice::from_ref(&good)).is_err(), "too often");
        assert!(behaviour.check(PeerId::random(), &[good]).is_ok(), "others have their own");
    }
}
