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
//! # Who speaks first
//!
//! Two members cannot open their gates at the same moment, and a behaviour that keeps one stream, as gossipsub does, gives a
//! peer up that does not know its protocol yet. So where members prove themselves to each other in an exchange over one of
//! their connections, that connection is [opened](Admission::admit_on) on both sides, and no other one:
//!
//! ```text
//! asker                                          answerer
//!   "this is who I am" ───────────────────────────►  opens its gate: takes streams, opens none yet    Turn::Second
//!   opens its gate, and streams at once  ◄──────────  "and this is who I am"
//!   Turn::First     ══ the first stream ══════════►  now its own
//! ```
//!
//! The answerer is ready before it answers, so the asker's streams find a handler. That of the answerer holds back those that it
//! wants to open until one of the asker has come: then the asker is ready as well. An asker that does not want to speak opens
//! none, and the answerer never does either. No clock is in it.
//!
//! A connection that is *over* is not opened again: its former handler may still have something to say, which the
//! behaviour inside would take for something else. It is to be closed.
//!
//! The behaviour inside may be exchanged at any time. It hears of connections, and of addresses only as they change.

mod behaviour;
mod connections;
mod handler;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    task::Waker,
};

use connections::{Connections, State};
pub use handler::{Handler, Offer, Order, Turn};
use libp2p::{
    Multiaddr, PeerId,
    core::ConnectedPoint,
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, DialError, FromSwarm, NetworkBehaviour,
        NotifyHandler, THandler, ToSwarm,
        behaviour::{ConnectionClosed, ConnectionEstablished, DialFailure},
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

type ForSwarm<B> = ToSwarm<Event<<B as NetworkBehaviour>::ToSwarm>, Order<THandler<B>>>;

/// Serves `B` to those whom `P` admits, and to others as soon as they are admitted. See the module.
pub struct Admission<B: NetworkBehaviour, P> {
    inner: Option<B>,
    policy: P,
    connections: Connections,
    /// Peers that the behaviour inside waits for and the policy does not admit; `true` once that was said.
    wanted: HashMap<PeerId, bool>,
    orders: VecDeque<ForSwarm<B>>,
    waker: Option<Waker>,
}

impl<B: NetworkBehaviour, P: fmt::Debug> fmt::Debug for Admission<B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let (connections, wanted) = (Connections::default(), HashMap::new());
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
        self.inner = None;
        self.wanted.clear();
        self.orders.clear();
        let peers = self.connections.peers();
        peers.iter().for_each(|peer| self.end(peer));
        (self.inner, self.policy) = (inner, policy);
        peers.into_iter().for_each(|peer| self.open_if_admitted(peer));
        self.wake();
    }

    /// Opens all connections of a peer, whatever the policy says of it; [`Event::Admitted`] follows.
    pub fn admit(&mut self, peer: PeerId) {
        self.open(peer);
        self.orders.push_back(ToSwarm::GenerateEvent(Event::Admitted(peer)));
        self.wake();
    }

    /// Opens one connection of a peer, over which both have proved themselves, and says whose turn it is to open streams; see
    /// [the module](self). [`Event::Admitted`] follows, also if the connection is gone.
    ///
    /// Where it is open already, a first turn lets streams go that are held back.
    pub fn admit_on(&mut self, peer: PeerId, connection: ConnectionId, turn: Turn) {
        match self.connections.state(&peer, connection) {
            Some(State::Shut) => self.open_one(peer, connection, turn),
            Some(State::Open | State::Made) if turn == Turn::First => {
                self.notify(peer, connection, Order::Go);
            }
            _ => {}
        }
        self.orders.push_back(ToSwarm::GenerateEvent(Event::Admitted(peer)));
        self.wake();
    }

    /// Ends what is spoken on one connection, which stays: inner takes it for closed.
    pub fn end_on(&mut self, peer: &PeerId, connection: ConnectionId) {
        let Some(endpoint) = self.connections.turn_one(peer, connection, State::Open, State::Over) else {
            return;
        };
        let remaining = self.connections.count(peer, State::Open);
        self.tell_closed(*peer, connection, &endpoint, remaining);
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
        self.connections.peers_with(State::Open)
    }

    /// The connections of a peer on which it speaks.
    pub fn open_on(&self, peer: &PeerId) -> Vec<ConnectionId> {
        let open = self.connections.of(peer).iter().filter(|known| known.state == State::Open);
        open.map(|known| known.id).collect()
    }

    /// Whether it speaks on a connection of this peer.
    pub fn is_admitted(&self, peer: &PeerId) -> bool {
        self.connections.count(peer, State::Open) > 0
    }

    /// Whether there is a behaviour behind the gate.
    pub const fn has_inner(&self) -> bool {
        self.inner.is_some()
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
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
        if self.inner.is_some() && self.connections.count(&peer, State::Shut) > 0 && self.policy.admits(&peer)
        {
            self.open(peer);
        }
    }

    /// Gives a handler to all connections of the peer that are shut.
    fn open(&mut self, peer: PeerId) {
        self.wanted.remove(&peer);
        if self.inner.is_none() {
            return;
        }
        for (id, endpoint) in self.connections.turn(&peer, State::Shut, State::Made) {
            self.install(peer, id, &endpoint, Turn::First);
        }
    }

    /// The same to one of them.
    fn open_one(&mut self, peer: PeerId, id: ConnectionId, turn: Turn) {
        self.wanted.remove(&peer);
        if self.inner.is_some()
            && let Some(endpoint) = self.connections.turn_one(&peer, id, State::Shut, State::Made)
        {
            self.install(peer, id, &endpoint, turn);
        }
    }

    fn install(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint, turn: Turn) {
        let Some(inner) = &mut self.inner else { return };
        match make(inner, id, peer, endpoint) {
            Ok(handler) => {
                self.notify(peer, id, Order::Install(Box::new(handler), turn));
                self.announce(peer, id, endpoint, &[]);
            }
            Err(_) => {
                let connection = CloseConnection::One(id);
                self.orders.push_back(ToSwarm::CloseConnection { peer_id: peer, connection });
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
        let other_established = self.connections.count(&peer_id, State::Open);
        if let Some(connection) = self.connections.find(&peer_id, connection_id) {
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
        let open = self.connections.turn(peer, State::Open, State::Over);
        let mut remaining_established = open.len();
        for (connection, endpoint) in open {
            remaining_established -= 1;
            self.tell_closed(*peer, connection, &endpoint, remaining_established);
        }
    }

    /// Shuts the handler of a connection, and tells inner that it is closed.
    fn tell_closed(
        &mut self,
        peer_id: PeerId,
        connection_id: ConnectionId,
        endpoint: &ConnectedPoint,
        remaining_established: usize,
    ) {
        self.notify(peer_id, connection_id, Order::Shut);
        let closed =
            ConnectionClosed { peer_id, connection_id, endpoint, cause: None, remaining_established };
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(FromSwarm::ConnectionClosed(closed));
        }
    }

    fn on_established(&mut self, established: ConnectionEstablished<'_>) {
        let ConnectionEstablished { peer_id: peer, connection_id: id, endpoint, failed_addresses, .. } =
            established;
        let state = match self.connections.find(&peer, id) {
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
        let state = self.connections.remove(&peer, closed.connection_id);
        if state == Some(State::Open) {
            let closed = ConnectionClosed {
                remaining_established: self.connections.count(&peer, State::Open),
                ..closed
            };
            if let Some(inner) = &mut self.inner {
                inner.on_swarm_event(FromSwarm::ConnectionClosed(closed));
            }
        }
        // Inner waits for a peer that was there and is gone.
        if self.wanted.get(&peer) == Some(&true) && !self.connections.contains(&peer) {
            self.refuse(&peer);
        }
    }

    fn on_dial_failure(&mut self, failure: DialFailure<'_>) {
        if let Some(peer) = &failure.peer_id {
            self.connections.remove(peer, failure.connection_id);
            // Another dial, or a connection that there is, may still lead to it.
            let is_over = !matches!(failure.error, DialError::DialPeerConditionFalse(_));
            if is_over && !self.connections.contains(peer) {
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
        if !self.connections.contains(&peer) {
            self.wanted.entry(peer).or_insert(false);
            return Some(opts);
        }
        if self.connections.of(&peer).iter().all(|known| known.state == State::Over) {
            self.fail(peer);
            return None;
        }
        self.wanted.entry(peer).or_insert(false);
        self.say_wanted(peer);
        None
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
