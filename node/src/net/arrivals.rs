//! Decides about connections that come in before anything is said to whoever makes them.
//!
//! ```text
//! circuit: through a relay that is not ours ─► denied;  from a trusted peer ─► in;  others ─► a bucket of their own
//! direct:  from an expected IP ─► in;  stealth ─► denied;  others ─► buckets by source and in all
//! ```
//!
//! A handshake costs us a signature and shows our key. So a flood of them is cut off here, where it is nothing but an
//! address, and those whom we know are not counted. With stealth nobody else is let in at all: TCP is reset and QUIC
//! refused, and whoever tries learns neither certificate nor peer id. libp2p-quic has taken in the first packet by then:
//! the work for that is not saved, only the answer.
//!
//! An address can be forged over QUIC until the handshake is over. Whoever does so gets no more than the handshake that
//! everybody gets where there is no stealth, and only if it sees our packets to that address.

mod buckets;
mod expected;

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    convert::Infallible,
    net::IpAddr,
    task::{Context, Poll},
    time::Instant,
};

use buckets::{Buckets, Rates, Source};
pub(crate) use expected::Expected;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm, dummy,
    },
};

use super::{book, tiers::Tiers};

/// Why a connection is denied. Nobody but the log hears of it.
#[derive(Debug, thiserror::Error)]
enum Denied {
    #[error("nobody is expected at this address")]
    Unexpected,
    #[error("too many connections come in")]
    TooMany,
    #[error("the circuit comes through a relay that is not ours")]
    ForeignRelay,
}

/// See the module.
pub(crate) struct Behaviour {
    tiers: Tiers,
    expected: Expected,
    stealth: bool,
    buckets: Buckets,
    /// Handshakes of those whom we do not expect, of which there may be this many.
    unexpected: HashSet<ConnectionId>,
    most_unexpected: usize,
    /// Where those are connected from who are expected there until they leave.
    known: HashMap<ConnectionId, IpAddr>,
}

impl Behaviour {
    /// Of `pending` handshakes at once, a quarter is left to those whom we expect.
    pub(super) fn new(
        tiers: Tiers,
        expected: Expected,
        stealth: bool,
        relay_server: bool,
        pending: u32,
    ) -> Self {
        let rates = if relay_server { Rates::RELAY } else { Rates::AGENT };
        Self {
            tiers,
            expected,
            stealth,
            buckets: Buckets::new(rates),
            unexpected: HashSet::new(),
            most_unexpected: pending as usize * 3 / 4,
            known: HashMap::new(),
        }
    }

    /// Whether we know the peer well enough not to count it.
    fn is_known(&self, peer: &PeerId) -> bool {
        self.tiers.is_trusted(peer) || self.tiers.is_member(peer)
    }

    /// Expects whoever is at the other end of a connection to come from there again, until it closes.
    pub(super) fn expect(&mut self, connection: ConnectionId, remote: &Multiaddr) {
        if let (Some(ip), Entry::Vacant(place)) = (book::direct_ip(remote), self.known.entry(connection)) {
            place.insert(ip);
            self.expected.arrived(ip);
        }
    }

    /// Whether the connection may go on; `Ok(false)` if it was not expected.
    fn admit(&mut self, local: &Multiaddr, remote: &Multiaddr) -> Result<bool, Denied> {
        let source = if local.iter().any(|part| part == Protocol::P2pCircuit) {
            // A connection to a relay that it made itself has no name in it; libp2p takes circuits on reservations alone.
            if book::relay(local).is_some_and(|relay| !self.tiers.is_own_relay(&relay)) {
                return Err(Denied::ForeignRelay);
            }
            // As the relay says: the handshake will show. Until then it is good for a place in the queue.
            let from = remote.iter().find_map(|part| match part {
                Protocol::P2p(peer) => Some(peer),
                _ => None,
            });
            if from.is_some_and(|peer| self.is_known(&peer)) {
                return Ok(true);
            }
            Source::Circuit
        } else {
            let Some(ip) = book::ip(remote) else { return Err(Denied::Unexpected) };
            if self.expected.contains(&ip) {
                return Ok(true);
            }
            if self.stealth {
                return Err(Denied::Unexpected);
            }
            Source::Ip(ip)
        };
        if self.unexpected.len() >= self.most_unexpected || !self.buckets.take(source, Instant::now()) {
            return Err(Denied::TooMany);
        }
        Ok(false)
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        if !self.admit(local, remote).map_err(ConnectionDenied::new)? {
            self.unexpected.insert(connection);
        }
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.unexpected.remove(&connection);
        Ok(dummy::ConnectionHandler)
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

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ListenFailure(failure) => drop(self.unexpected.remove(&failure.connection_id)),
            FromSwarm::ConnectionEstablished(event)
                if self.is_known(&event.peer_id) || self.tiers.is_own_relay(&event.peer_id) =>
            {
                self.expect(event.connection_id, event.endpoint.get_remote_address());
            }
            FromSwarm::ConnectionClosed(event) => {
                if let Some(ip) = self.known.remove(&event.connection_id) {
                    self.expected.left(&ip);
                }
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
