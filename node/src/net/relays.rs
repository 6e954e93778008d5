//! Keeps reservations on our own relays, so that contacts reach us where nobody can dial us.
//!
//! ```text
//! waiting ──(listen on the circuit)──► asking ──► reserved
//!    ▲                                    │           │
//!    └──── 1 s, 2 s, … 60 s ◄── refused ──┴── lost ◄──┘
//! ```
//!
//! libp2p's relay client does the talking: a listener on `<relay>/p2p-circuit` is a reservation, renewed until the
//! listener closes. Relays stand in the order of [`OwnRelays`], and the first [`KEPT`] that work are used. One that is ours
//! no longer is left by closing the connection: the relay client does not survive the end of a listener while it asks.

mod own;
#[cfg(test)]
mod tests;

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

use own::Changes;
pub(crate) use own::OwnRelays;

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
    /// It is ours no longer, and only stays until its reservation has ended.
    former: bool,
}

impl Relay {
    fn new((peer, addresses): own::Relay) -> Option<Self> {
        let address = addresses.into_iter().next()?;
        let (state, backoff) = (State::Waiting(Instant::now()), Backoff::default());
        Some(Self { peer, address, state, backoff, tried: false, former: false })
    }

    fn listener(&self) -> Option<ListenerId> {
        match self.state {
            State::Waiting(_) => None,
            State::Asking(id) | State::Reserved(id) => Some(id),
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        !self.former && matches!(self.state, State::Waiting(until) if until <= now)
    }
}

/// See the module.
pub(crate) struct Behaviour {
    tiers: Tiers,
    own: OwnRelays,
    changes: Changes,
    /// Whether members are of no use to us: we are a relay ourselves, and reachable.
    settings_alone: bool,
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
    pub(crate) fn new(tiers: Tiers, own: OwnRelays, relay_server: bool) -> Self {
        Self {
            tiers,
            changes: own.changes(),
            settings_alone: relay_server,
            relays: own.configured().into_iter().filter_map(Relay::new).collect(),
            own,
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

    /// Takes over which relays are ours now. Reservations on those that stay are kept, whatever the order.
    fn adopt(&mut self) {
        let own = if self.settings_alone { self.own.configured() } else { self.own.list() };
        let mut former = std::mem::take(&mut self.relays);
        for relay in own.into_iter().filter_map(Relay::new) {
            let known = former.iter().position(|known| known.peer == relay.peer);
            let known = known.map(|at| former.remove(at));
            self.relays.push(match known {
                Some(known) => Relay { address: relay.address, former: false, ..known },
                None => relay,
            });
        }
        self.relays.extend(former.into_iter().map(|relay| Relay { former: true, ..relay }));
        self.tell();
    }

    fn on_tick(&mut self) {
        if self.changes.take() {
            self.adopt();
        }
        self.leave_former();
        let now = Instant::now();
        let kept = self.relays.iter().filter(|relay| !relay.former && relay.listener().is_some()).count();
        let due = self.relays.iter_mut().filter(|relay| relay.is_due(now));
        let due: Vec<_> = due.take(KEPT.saturating_sub(kept)).collect();
        // The next connection, which the relay client or the keeper makes, is fit.
        let is_needed =
            |peer: &PeerId| self.tiers.is_carrier(peer) || due.iter().any(|due| due.peer == *peer);
        let unfit: Vec<_> = self.unfit.extract_if(|_, peer| is_needed(peer)).collect();
        for relay in due {
            if unfit.iter().any(|(_, peer)| *peer == relay.peer) {
                continue;
            }
            let address = relay.address.clone().with(Protocol::P2p(relay.peer)).with(Protocol::P2pCircuit);
            let opts = ListenOpts::new(address);
            relay.state = State::Asking(opts.listener_id());
            self.orders.push_back(ToSwarm::ListenOn { opts });
        }
        for (connection, peer_id) in unfit {
            let connection = CloseConnection::One(connection);
            self.orders.push_back(ToSwarm::CloseConnection { peer_id, connection });
        }
    }

    /// Ends the reservations on relays that are ours no longer, and forgets those that have none.
    fn leave_former(&mut self) {
        self.relays.retain(|relay| !relay.former || relay.listener().is_some());
        for relay in self.relays.iter().filter(|relay| relay.former) {
            if let State::Reserved(_) = relay.state {
                let (peer_id, connection) = (relay.peer, CloseConnection::All);
                self.orders.push_back(ToSwarm::CloseConnection { peer_id, connection });
            }
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
        let holds = |relay: &&Relay| !relay.former && matches!(relay.state, State::Reserved(_));
        let reserved: Vec<_> = self.relays.iter().filter(holds).map(|relay| relay.peer).collect();
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
        Ok(peer.map(|peer| self.tiers.relay_addresses(&peer)).unwrap_or_default())
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
