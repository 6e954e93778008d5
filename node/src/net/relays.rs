//! Keeps reservations on our own relays, so that contacts reach us where nobody can dial us.
//!
//! ```text
//! waiting ──(listen on the circuit)──► asking ──► reserved
//!    ▲                                    │           │
//!    └──── 1 s, 2 s, … 60 s ◄── refused ──┴── lost ◄──┘
//! ```
//!
//! libp2p's relay client does the talking: a listener on `<relay>/p2p-circuit` is a reservation, renewed until the
//! listener closes. Relays stand in the order of the settings, and the first [`KEPT`] that work are used.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use libp2p::{
    Multiaddr, PeerId,
    core::{
        Endpoint,
        transport::{ListenerId, PortUse},
    },
    multiaddr::Protocol,
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, ListenOpts, NetworkBehaviour, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
    },
};
use tokio::{
    sync::watch,
    time::{Instant, Interval, interval},
};

use super::{backoff::Backoff, book, tiers::Tiers};

/// Reservations that are kept: one relay may fail, and each costs it and us a connection.
const KEPT: usize = 2;

/// How often relays are looked at.
const TICK: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not asked before this.
    Waiting(Instant),
    Asking(ListenerId),
    Reserved(ListenerId),
}

#[derive(Debug)]
struct Relay {
    peer: PeerId,
    address: Multiaddr,
    state: State,
    backoff: Backoff,
    /// It has answered, or failed to, at least once.
    tried: bool,
}

impl Relay {
    fn listener(&self) -> Option<ListenerId> {
        match self.state {
            State::Waiting(_) => None,
            State::Asking(id) | State::Reserved(id) => Some(id),
        }
    }
}

/// See the module.
pub(crate) struct Behaviour {
    tiers: Tiers,
    relays: Vec<Relay>,
    /// Relays that hold a reservation.
    reserved: watch::Sender<Vec<PeerId>>,
    /// Connections made before the peer was known to carry circuits: the relay client has no handler on them.
    unfit: HashMap<ConnectionId, PeerId>,
    orders: VecDeque<ToSwarm<Infallible, Infallible>>,
    tick: Pin<Box<Interval>>,
}

impl Behaviour {
    /// Must be called on a tokio runtime.
    pub(crate) fn new(tiers: Tiers, relays: &[(PeerId, Vec<Multiaddr>)]) -> Self {
        let now = Instant::now();
        let relays = relays.iter().filter_map(|(peer, addresses)| {
            let address = addresses.first()?.clone();
            let state = State::Waiting(now);
            Some(Relay { peer: *peer, address, state, backoff: Backoff::default(), tried: false })
        });
        Self {
            tiers,
            relays: relays.collect(),
            reserved: watch::Sender::default(),
            unfit: HashMap::new(),
            orders: VecDeque::new(),
            tick: Box::pin(interval(TICK)),
        }
    }

    /// Relays that hold a reservation, as they change.
    pub(crate) fn reserved(&self) -> watch::Receiver<Vec<PeerId>> {
        self.reserved.subscribe()
    }

    /// Whether it is clear of the relays to be used whether they can be.
    pub(crate) fn is_settled(&self) -> bool {
        self.relays.iter().take(KEPT).all(|relay| relay.tried)
    }

    fn on_tick(&mut self) {
        let now = Instant::now();
        let mut wanted = KEPT.saturating_sub(self.relays.iter().filter_map(Relay::listener).count());
        for relay in &mut self.relays {
            if wanted == 0 {
                break;
            }
            if !matches!(relay.state, State::Waiting(until) if until <= now) {
                continue;
            }
            let address = relay.address.clone().with(Protocol::P2p(relay.peer)).with(Protocol::P2pCircuit);
            let opts = ListenOpts::new(address);
            relay.state = State::Asking(opts.listener_id());
            self.orders.push_back(ToSwarm::ListenOn { opts });
            wanted -= 1;
        }
        // The next connection, which the relay client or the keeper makes, is fit.
        for (connection, peer_id) in self.unfit.extract_if(|_, peer| self.tiers.carries(peer)) {
            let connection = CloseConnection::One(connection);
            self.orders.push_back(ToSwarm::CloseConnection { peer_id, connection });
        }
    }

    fn on_reserved(&mut self, peer: PeerId) {
        let Some(relay) = self.relays.iter_mut().find(|relay| relay.peer == peer) else { return };
        let Some(listener) = relay.listener() else { return };
        relay.state = State::Reserved(listener);
        relay.backoff.reset();
        relay.tried = true;
        tracing::info!(relay = %relay.peer, "reachable through a relay");
        self.tell();
    }

    fn on_lost(&mut self, listener: ListenerId) {
        let mut relays = self.relays.iter_mut();
        let Some(relay) = relays.find(|relay| relay.listener() == Some(listener)) else { return };
        relay.state = State::Waiting(Instant::now() + relay.backoff.failed());
        relay.tried = true;
        tracing::warn!(relay = %relay.peer, "no reservation on a relay");
        self.tell();
    }

    fn tell(&self) {
        let holds = self.relays.iter().filter(|relay| matches!(relay.state, State::Reserved(_)));
        let reserved: Vec<_> = holds.map(|relay| relay.peer).collect();
        self.reserved.send_if_modified(|known| {
            let changed = *known != reserved;
            *known = reserved;
            changed
        });
    }
}

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
        Ok(peer.map(|peer| self.tiers.relay_addresses(&peer).to_vec()).unwrap_or_default())
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
            FromSwarm::ConnectionEstablished(event)
                if !event.endpoint.is_relayed() && !self.tiers.carries(&event.peer_id) =>
            {
                self.unfit.insert(event.connection_id, event.peer_id);
            }
            FromSwarm::ConnectionClosed(event) => drop(self.unfit.remove(&event.connection_id)),
            // The relay client has no other word for it: the relay may have no address to tell.
            FromSwarm::ExternalAddrConfirmed(event) => {
                if let Some(relay) = book::relay(event.addr) {
                    self.on_reserved(relay);
                }
            }
            FromSwarm::ListenerClosed(event) => self.on_lost(event.listener_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while self.tick.poll_tick(cx).is_ready() {
            self.on_tick();
        }
        self.orders.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}
