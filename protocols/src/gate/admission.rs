//! A gate that opens while a connection lasts: for a behaviour whose peers first prove something to each other over the
//! connection that they have.
//!
//! ```text
//!                  ┌── the policy admits ──────────────► open
//! connected ───────┤
//!                  └── shut ──(admit)──► handler installed, inner hears of the connection ──► open
//!                        │                                                                     │
//!                        └──(wanted by inner)──► Wanted ──► admit or refuse      expel, replace └──► over
//! ```
//!
//! What the behaviour inside wants to dial is dialled; when the peer is there and the policy does not admit it,
//! [`Event::Wanted`] asks for it to be admitted or refused. Until then the behaviour inside takes it for a dial under way.
//!
//! A connection that is *over* is not opened again: its former handler may still have something to say, which the
//! behaviour inside would take for something else. It is to be closed.
//!
//! The behaviour inside may be exchanged at any time. It hears of connections, and of addresses only as they change.

mod handler;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    task::{Context, Poll, Waker},
};

pub use handler::{Handler, Offer, Order};
use libp2p::{
    Multiaddr, PeerId,
    core::{ConnectedPoint, Endpoint, transport::PortUse},
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, DialError, FromSwarm, NetworkBehaviour,
        NotifyHandler, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
        behaviour::{AddressChange, ConnectionClosed, ConnectionEstablished, DialFailure},
        dial_opts::DialOpts,
    },
};

use super::Policy;

/// What an [`Admission`] has to say.
#[derive(Debug)]
pub enum Event<E> {
    /// The behaviour inside says so.
    Inner(E),
    /// The behaviour inside wants to talk to this peer, which is connected and not admitted. It waits until
    /// [`Admission::admit`] or [`Admission::refuse`] is called, or the peer is gone; said once until then.
    Wanted(PeerId),
    /// The peer was admitted by [`Admission::admit`]: its handlers are in place, and answer what the peer opens from now on.
    Admitted(PeerId),
}

/// Serves `B` to those whom `P` admits, and to others as soon as they are admitted. See the module.
pub struct Admission<B: NetworkBehaviour, P> {
    inner: Option<B>,
    policy: P,
    /// All connections. A peer has one or two.
    connections: HashMap<PeerId, Vec<Connection>>,
    /// Peers that the behaviour inside waits for and the policy does not admit; `true` once that was said.
    wanted: HashMap<PeerId, bool>,
    orders: VecDeque<ToSwarm<Event<B::ToSwarm>, Order<THandler<B>>>>,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    state: State,
    /// `None` until it is established.
    endpoint: Option<ConnectedPoint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Speaks nothing.
    Shut,
    /// Has a handler; inner hears of it when it is established.
    Made,
    /// Inner knows it.
    Open,
    /// Was open.
    Over,
}

impl<B: NetworkBehaviour, P: std::fmt::Debug> std::fmt::Debug for Admission<B, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { policy, connections, wanted, .. } = self;
        f.debug_struct("Admission")
            .field("policy", policy)
            .field("connections", connections)
            .field("wanted", wanted)
            .finish_non_exhaustive()
    }
}

impl<B: NetworkBehaviour, P: Policy> Admission<B, P> {
    /// Puts a behaviour behind a policy; without one nothing is spoken.
    pub fn new(inner: Option<B>, policy: P) -> Self {
        let (connections, wanted) = (HashMap::new(), HashMap::new());
        Self { inner, policy, connections, wanted, orders: VecDeque::new(), waker: None }
    }

    /// The behaviour behind the gate.
    pub fn inner(&mut self) -> Option<&mut B> {
        self.wake();
        self.inner.as_mut()
    }

    /// Puts another behaviour, or none, in the place of the one that there is. Connections of the former are over and to be
    /// closed; the others remain, and are opened if the new policy admits their peers.
    pub fn replace(&mut self, inner: Option<B>, policy: P) {
        (self.inner, self.policy) = (inner, policy);
        self.wanted.clear();
        self.orders.clear();
        let peers: Vec<_> = self.connections.keys().copied().collect();
        for peer in peers {
            self.end(&peer);
            self.open_if_admitted(peer);
        }
        self.wake();
    }

    /// Opens all connections of a peer, whatever the policy says of it; [`Event::Admitted`] follows.
    pub fn admit(&mut self, peer: PeerId) {
        self.open(peer);
        self.orders.push_back(ToSwarm::GenerateEvent(Event::Admitted(peer)));
        self.wake();
    }

    /// Has the behaviour inside wait no longer for a peer that was [wanted](Event::Wanted).
    pub fn refuse(&mut self, peer: &PeerId) {
        if self.wanted.remove(peer).is_some() {
            self.fail(*peer);
            self.wake();
        }
    }

    /// Ends what is spoken with a peer. Its connections are to be closed next, and the policy not to admit it any more.
    pub fn expel(&mut self, peer: &PeerId) {
        self.end(peer);
        self.refuse(peer);
        self.wake();
    }

    /// Peers on whose connections the behaviour inside speaks.
    pub fn admitted(&self) -> HashSet<PeerId> {
        let is_open = |connection: &Connection| connection.state == State::Open;
        let admitted = self.connections.iter().filter(|(_, all)| all.iter().any(is_open));
        admitted.map(|(peer, _)| *peer).collect()
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn find(&mut self, peer: &PeerId, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.get_mut(peer)?.iter_mut().find(|connection| connection.id == id)
    }

    fn state(&self, peer: &PeerId, id: ConnectionId) -> Option<State> {
        self.connections.get(peer)?.iter().find(|connection| connection.id == id).map(|known| known.state)
    }

    fn count(&self, peer: &PeerId, state: State) -> usize {
        self.connections.get(peer).map_or(0, |all| all.iter().filter(|known| known.state == state).count())
    }

    fn remember(&mut self, peer: PeerId, connection: Connection) {
        self.connections.entry(peer).or_insert_with(|| Vec::with_capacity(1)).push(connection);
    }

    fn forget(&mut self, peer: &PeerId, id: ConnectionId) -> Option<State> {
        let connections = self.connections.get_mut(peer)?;
        let at = connections.iter().position(|connection| connection.id == id)?;
        let state = connections.swap_remove(at).state;
        if connections.is_empty() {
            self.connections.remove(peer);
        }
        Some(state)
    }

    /// Tells inner that nobody answers there.
    fn fail(&mut self, peer: PeerId) {
        let connection_id = DialOpts::peer_id(peer).build().connection_id();
        let failure = DialFailure { peer_id: Some(peer), error: &DialError::Aborted, connection_id };
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(FromSwarm::DialFailure(failure));
        }
    }

    /// Says that a peer is wanted which is there, once.
    fn say_wanted(&mut self, peer: PeerId) {
        if let Some(said @ false) = self.wanted.get_mut(&peer) {
            *said = true;
            self.orders.push_back(ToSwarm::GenerateEvent(Event::Wanted(peer)));
        }
    }

    fn notify(&mut self, peer_id: PeerId, id: ConnectionId, event: Order<THandler<B>>) {
        let handler = NotifyHandler::One(id);
        self.orders.push_back(ToSwarm::NotifyHandler { peer_id, handler, event });
    }

    fn open_if_admitted(&mut self, peer: PeerId) {
        if self.inner.is_some() && self.count(&peer, State::Shut) > 0 && self.policy.admits(&peer) {
            self.open(peer);
        }
    }

    /// Gives a handler to all connections of the peer that are shut.
    fn open(&mut self, peer: PeerId) {
        self.wanted.remove(&peer);
        let connections = self.connections.get(&peer).into_iter().flatten();
        let shut = connections.filter(|known| known.state == State::Shut);
        let shut: Vec<_> = shut.filter_map(|known| Some((known.id, known.endpoint.clone()?))).collect();
        for (id, endpoint) in shut {
            let Some(inner) = &mut self.inner else { return };
            match make(inner, id, peer, &endpoint) {
                Ok(handler) => {
                    self.notify(peer, id, Order::Install(Box::new(handler)));
                    self.announce(peer, id, &endpoint, &[]);
                }
                Err(_) => {
                    let connection = CloseConnection::One(id);
                    self.orders.push_back(ToSwarm::CloseConnection { peer_id: peer, connection });
                }
            }
        }
    }

    /// Tells inner of a connection that has a handler.
    fn announce(
        &mut self,
        peer_id: PeerId,
        connection_id: ConnectionId,
        endpoint: &ConnectedPoint,
        failed_addresses: &[Multiaddr],
    ) {
        let other_established = self.count(&peer_id, State::Open);
        if let Some(connection) = self.find(&peer_id, connection_id) {
            connection.state = State::Open;
        }
        let established =
            ConnectionEstablished { peer_id, connection_id, endpoint, failed_addresses, other_established };
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(FromSwarm::ConnectionEstablished(established));
        }
    }

    /// Ends what is spoken on the open connections of a peer, and tells inner that they are closed.
    fn end(&mut self, peer: &PeerId) {
        let connections = self.connections.get_mut(peer).into_iter().flatten();
        let open: Vec<_> = connections
            .filter(|known| known.state == State::Open)
            .filter_map(|known| {
                known.state = State::Over;
                Some((known.id, known.endpoint.clone()?))
            })
            .collect();
        let mut remaining_established = open.len();
        for (connection_id, endpoint) in open {
            self.notify(*peer, connection_id, Order::Shut);
            remaining_established -= 1;
            let (peer_id, endpoint, cause) = (*peer, &endpoint, None);
            let closed = ConnectionClosed { peer_id, connection_id, endpoint, cause, remaining_established };
            if let Some(inner) = &mut self.inner {
                inner.on_swarm_event(FromSwarm::ConnectionClosed(closed));
            }
        }
    }

    fn on_established(&mut self, established: ConnectionEstablished<'_>) {
        let ConnectionEstablished { peer_id: peer, connection_id: id, endpoint, failed_addresses, .. } =
            established;
        let state = match self.find(&peer, id) {
            Some(connection) => {
                connection.endpoint = Some(endpoint.clone());
                connection.state
            }
            None => return,
        };
        if state == State::Made {
            self.announce(peer, id, endpoint, failed_addresses);
            return;
        }
        self.open_if_admitted(peer);
        self.say_wanted(peer);
    }

    fn on_closed(&mut self, closed: ConnectionClosed<'_>) {
        let peer = closed.peer_id;
        let state = self.forget(&peer, closed.connection_id);
        if state == Some(State::Open) {
            let closed = ConnectionClosed { remaining_established: self.count(&peer, State::Open), ..closed };
            if let Some(inner) = &mut self.inner {
                inner.on_swarm_event(FromSwarm::ConnectionClosed(closed));
            }
        }
        // Inner waits for a peer that was there and is gone.
        if self.wanted.get(&peer) == Some(&true) && !self.connections.contains_key(&peer) {
            self.refuse(&peer);
        }
    }

    fn on_dial_failure(&mut self, failure: DialFailure<'_>) {
        if let Some(peer) = &failure.peer_id {
            self.forget(peer, failure.connection_id);
            // Another dial, or a connection that there is, may still lead to it.
            let is_over = !matches!(failure.error, DialError::DialPeerConditionFalse(_));
            if is_over && !self.connections.contains_key(peer) {
                self.wanted.remove(peer);
            }
        }
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(FromSwarm::DialFailure(failure));
        }
    }

    /// What inner wants dialled; `None` if there is nothing to dial.
    fn dial(&mut self, opts: DialOpts) -> Option<DialOpts> {
        let Some(peer) = opts.get_peer_id() else { return Some(opts) };
        if self.policy.admits(&peer) {
            self.open_if_admitted(peer);
            return Some(opts);
        }
        let connections = self.connections.get(&peer);
        if connections.is_some_and(|all| all.iter().all(|known| known.state == State::Over)) {
            self.fail(peer);
            return None;
        }
        let is_there = connections.is_some();
        self.wanted.entry(peer).or_insert(false);
        if !is_there {
            return Some(opts);
        }
        self.say_wanted(peer);
        None
    }

    /// A connection on which inner may be heard by the peer.
    fn route(&self, peer: &PeerId, to: NotifyHandler) -> Option<ConnectionId> {
        let speaks = |known: &&Connection| matches!(known.state, State::Made | State::Open);
        match to {
            NotifyHandler::One(id) => {
                self.connections.get(peer)?.iter().filter(speaks).find(|known| known.id == id)
            }
            NotifyHandler::Any => self.connections.get(peer)?.iter().find(speaks),
        }
        .map(|known| known.id)
    }
}

/// The handler that inner would have given to a connection when it was established.
fn make<B: NetworkBehaviour>(
    inner: &mut B,
    id: ConnectionId,
    peer: PeerId,
    endpoint: &ConnectedPoint,
) -> Result<THandler<B>, ConnectionDenied> {
    match endpoint {
        ConnectedPoint::Listener { local_addr, send_back_addr } => {
            inner.handle_established_inbound_connection(id, peer, local_addr, send_back_addr)
        }
        ConnectedPoint::Dialer { address, role_override, port_use } => {
            inner.handle_established_outbound_connection(id, peer, address, *role_override, *port_use)
        }
    }
}

impl<B: NetworkBehaviour, P: Policy> NetworkBehaviour for Admission<B, P> {
    type ConnectionHandler = Handler<THandler<B>>;
    type ToSwarm = Event<B::ToSwarm>;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let Some(inner) = &mut self.inner else { return Ok(()) };
        inner.handle_pending_inbound_connection(connection, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let handler = match &mut self.inner {
            Some(inner) if self.policy.admits(&peer) => {
                Some(inner.handle_established_inbound_connection(id, peer, local, remote)?)
            }
            _ => None,
        };
        Ok(self.begin(peer, id, handler))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        let Some(inner) = &mut self.inner else { return Ok(Vec::new()) };
        inner.handle_pending_outbound_connection(connection, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let handler = match &mut self.inner {
            Some(inner) if self.policy.admits(&peer) => {
                Some(inner.handle_established_outbound_connection(id, peer, address, role, port_use)?)
            }
            _ => None,
        };
        Ok(self.begin(peer, id, handler))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(established) => return self.on_established(established),
            FromSwarm::ConnectionClosed(closed) => return self.on_closed(closed),
            FromSwarm::DialFailure(failure) => return self.on_dial_failure(failure),
            FromSwarm::AddressChange(AddressChange { peer_id, connection_id, new, .. }) => {
                if let Some(connection) = self.find(&peer_id, connection_id) {
                    connection.endpoint = Some(new.clone());
                }
                if self.state(&peer_id, connection_id) != Some(State::Open) {
                    return;
                }
            }
            // Another behaviour denied a connection after we had made a handler for it.
            FromSwarm::ListenFailure(failure) => {
                if let Some(peer) = failure.peer_id {
                    self.forget(&peer, failure.connection_id);
                }
            }
            _ => {}
        }
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(event);
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        // Of a connection that is over, it is an answer to somebody who does not ask any more.
        if self.state(&peer, connection) == Some(State::Open)
            && let Some(inner) = &mut self.inner
        {
            inner.on_connection_handler_event(peer, connection, event);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            // Before anything that inner has to say to handlers which are still to be installed.
            if let Some(order) = self.orders.pop_front() {
                return Poll::Ready(order);
            }
            let polled = self.inner.as_mut().map_or(Poll::Pending, |inner| inner.poll(cx));
            let Poll::Ready(order) = polled else {
                self.waker = Some(cx.waker().clone());
                return Poll::Pending;
            };
            match order {
                ToSwarm::NotifyHandler { peer_id, handler, event } => {
                    // An order for a connection that closed meanwhile has nobody to go to.
                    if let Some(connection) = self.route(&peer_id, handler) {
                        self.notify(peer_id, connection, Order::Inner(event));
                    }
                }
                ToSwarm::Dial { opts } => {
                    if let Some(opts) = self.dial(opts) {
                        self.orders.push_back(ToSwarm::Dial { opts });
                    }
                }
                order => return Poll::Ready(order.map_out(Event::Inner).map_in(Order::Inner)),
            }
        }
    }
}

impl<B: NetworkBehaviour, P: Policy> Admission<B, P> {
    /// Takes in a connection that is about to be established.
    fn begin(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        handler: Option<THandler<B>>,
    ) -> Handler<THandler<B>> {
        let state = if handler.is_some() { State::Made } else { State::Shut };
        self.remember(peer, Connection { id, state, endpoint: None });
        handler.map_or_else(Handler::shut, Handler::open)
    }
}
