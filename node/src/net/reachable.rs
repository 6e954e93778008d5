//! The AutoNAT client: has our own relays dial us where we may be, and knows whether anybody can.
//!
//! ```text
//! listening, observed ──► candidate ──(a relay dials it, and says a number that we chose)──► confirmed: told to contacts, on our card
//!                             └──(it cannot)──► refuted
//! ```
//!
//! A relay is asked over the connection that we made to it, for one address at a time: go-libp2p's server makes one
//! connection for all that an agent asks of it at once. Its dial comes in like any other, and may come under another key
//! than the relay's: while a relay is asked, a stranger that comes from where the relay is can say a number as well, and
//! nothing else that it could not say before. Each candidate is tried once as long as a relay is connected; when none is
//! any more, as after a change of network, all begins anew.
//!
//! A relay that lies can have us name an address where nobody answers, or keep silent about one that works: neither lets
//! anybody else pass for us. Behind a router that lets in whoever was spoken to before, a relay's dial proves too much:
//! who is told such an address finds a relay on our card as well.

mod behaviour;
mod probes;

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use airway_protocols::gate::admission::Order;
use libp2p::{
    Multiaddr, PeerId,
    autonat::v2::client,
    swarm::{
        CloseConnection, ConnectionHandler, ConnectionId, FromSwarm, NetworkBehaviour,
        NewExternalAddrCandidate, NotifyHandler, THandler, THandlerInEvent, ToSwarm,
    },
};
use tokio::sync::watch;

use super::{
    book,
    candidates::{self, MAX_CANDIDATES},
    tiers::Tiers,
};
use probes::{DIAL, Probes, Sources, Visitor};

/// How often a candidate is tried, on average. The client repeats a request without an answer every 5 s, for ever, and may
/// have to send 100 KB each time.
const ATTEMPTS: usize = 3;

type Inner = THandler<client::Behaviour>;

/// What a connection is that the client knows of.
enum Served {
    /// A relay's, which may come from there when it is asked.
    Relay(Sources),
    /// Of somebody who may dial in a relay's name.
    Visitor,
}

/// A request that waits until its relay has answered the one before.
struct Request {
    relay: PeerId,
    connection: ConnectionId,
    event: <Inner as ConnectionHandler>::FromBehaviour,
}

/// See the module.
pub(crate) struct Behaviour {
    tiers: Tiers,
    client: client::Behaviour,
    /// All that the client was told. It forgets none, and takes whatever it is told.
    tried: Vec<Multiaddr>,
    listening: Vec<Multiaddr>,
    /// Connections that the client knows of.
    served: HashMap<ConnectionId, Served>,
    /// At most one for each candidate, since the client waits for their answers.
    waiting: VecDeque<Request>,
    probes: Probes,
    /// Requests since the client began.
    attempts: usize,
    /// When each relay was last asked to dial us.
    asked: HashMap<PeerId, Instant>,
    /// A candidate was refuted.
    refuted: bool,
    confirmed: Vec<Multiaddr>,
    reachable: watch::Sender<Option<bool>>,
    orders: VecDeque<ToSwarm<client::Event, Order<Inner>>>,
}

impl Behaviour {
    pub(crate) fn new(tiers: Tiers) -> Self {
        Self {
            tiers,
            client: client::Behaviour::default(),
            tried: Vec::new(),
            listening: Vec::new(),
            served: HashMap::new(),
            waiting: VecDeque::new(),
            probes: Probes::default(),
            attempts: 0,
            asked: HashMap::new(),
            refuted: false,
            confirmed: Vec::new(),
            reachable: watch::Sender::default(),
            orders: VecDeque::new(),
        }
    }

    /// Whether a relay could dial us at one address at least; `None` as long as none has tried.
    pub(super) fn reachable(&self) -> watch::Receiver<Option<bool>> {
        self.reachable.subscribe()
    }

    /// Whether a connection of this relay is likely to be the dial that it was asked for.
    pub(super) fn is_asked(&self, relay: &PeerId) -> bool {
        self.asked.get(relay).is_some_and(|asked| asked.elapsed() < DIAL)
    }

    /// Where the relay on this connection says it is, and may come from when it is asked: no nearer than the world.
    pub(super) fn may_come_from(&mut self, connection: ConnectionId, addresses: &[Multiaddr]) {
        if let Some(Served::Relay(sources)) = self.served.get_mut(&connection) {
            let public = addresses.iter().filter(|address| candidates::is_public(address));
            sources.add(public.filter_map(book::direct_ip));
        }
    }

    /// Has a candidate tried, unless it was already, or there is no room.
    pub(super) fn offer(&mut self, candidate: &Multiaddr) {
        if self.tried.contains(candidate) || self.tried.len() >= MAX_CANDIDATES {
            return;
        }
        self.tried.push(candidate.clone());
        let candidate = NewExternalAddrCandidate { addr: candidate };
        self.client.on_swarm_event(FromSwarm::NewExternalAddrCandidate(candidate));
    }

    fn offer_listening(&mut self) {
        for address in self.listening.clone() {
            if candidates::is_public(&address) {
                self.offer(&address);
            }
        }
    }

    fn on_confirmed(&mut self, address: &Multiaddr) {
        tracing::info!(%address, "reachable from outside");
        self.confirmed.push(address.clone());
        self.tell();
    }

    fn on_refuted(&mut self) {
        self.refuted = true;
        self.tell();
    }

    /// What was confirmed is so no longer.
    fn expire(&mut self, is_gone: impl Fn(&Multiaddr) -> bool) {
        let mut gone: Vec<_> = self.confirmed.extract_if(.., |address| is_gone(address)).collect();
        gone.retain(|address| !self.listening.contains(address));
        self.orders.extend(gone.into_iter().map(ToSwarm::ExternalAddrExpired));
        self.tell();
    }

    fn tell(&self) {
        let reachable = match (self.confirmed.is_empty(), self.refuted) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        };
        self.reachable.send_if_modified(|known| std::mem::replace(known, reachable) != reachable);
    }

    /// No relay is left to ask: what they said is of a network that we may have left.
    fn reset(&mut self) {
        self.client = client::Behaviour::default();
        self.served.clear();
        self.tried.clear();
        self.waiting.clear();
        self.asked.clear();
        (self.attempts, self.refuted) = (0, false);
        self.expire(|_| true);
        self.offer_listening();
    }

    /// Whether numbers may be said over a connection that comes in: by a relay always, by strangers if a relay is asked that
    /// is where they come from.
    fn admit(&mut self, peer: PeerId, connection: ConnectionId, remote: &Multiaddr) -> Option<Served> {
        if self.tiers.is_own_relay(&peer) {
            return Some(Served::Relay(Sources::default()));
        }
        let from = book::direct_ip(remote).filter(|_| self.tiers.is_stranger(&peer))?;
        self.probes.admit(peer, connection, from, Instant::now()).then_some(Served::Visitor)
    }

    fn on_closed(&mut self, event: FromSwarm, connection: ConnectionId) {
        if self.served.remove(&connection).is_none() {
            return;
        }
        self.client.on_swarm_event(event);
        let visitors = self.probes.end(connection);
        self.see_off(visitors);
        if !self.served.values().any(|served| matches!(served, Served::Relay(_))) {
            self.reset();
        }
    }

    /// What may be said to nobody but a relay that is asked is said no longer. Whoever came for that alone leaves.
    fn see_off(&mut self, visitors: Vec<Visitor>) {
        for Visitor { peer, connection, spoke } in visitors {
            if !self.served.contains_key(&connection) {
                continue;
            }
            let order = if spoke && self.tiers.is_stranger(&peer) {
                ToSwarm::CloseConnection { peer_id: peer, connection: CloseConnection::One(connection) }
            } else {
                let handler = NotifyHandler::One(connection);
                ToSwarm::NotifyHandler { peer_id: peer, handler, event: Order::Shut }
            };
            self.orders.push_back(order);
        }
    }

    /// Asks a relay that has nothing else to answer.
    fn ask(&mut self) {
        let is_next = |request: &Request| !self.probes.is_asked(&request.relay);
        let Some(Request { relay, connection, event }) =
            self.waiting.iter().position(is_next).and_then(|at| self.waiting.remove(at))
        else {
            return;
        };
        // It has closed meanwhile.
        let Some(Served::Relay(sources)) = self.served.get(&connection) else { return };
        if self.attempts >= ATTEMPTS * self.tried.len() {
            // No answer is none that helps anybody.
            return self.on_refuted();
        }
        let now = Instant::now();
        self.attempts += 1;
        self.asked.insert(relay, now);
        self.probes.begin(relay, connection, sources.clone(), now);
        let (handler, event) = (NotifyHandler::One(connection), Order::Inner(event));
        self.orders.push_back(ToSwarm::NotifyHandler { peer_id: relay, handler, event });
    }

    /// What the client wants done; `None` if it has been seen to.
    fn on_order(
        &mut self,
        order: ToSwarm<client::Event, THandlerInEvent<client::Behaviour>>,
    ) -> Option<ToSwarm<client::Event, Order<Inner>>> {
        match order {
            ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::One(connection), event } => {
                self.waiting.push_back(Request { relay: peer_id, connection, event });
                return None;
            }
            ToSwarm::ExternalAddrConfirmed(address) => {
                self.on_confirmed(&address);
                // Contacts are told what we listen on, and a relay server has a list of its own.
                let is_known = self.listening.contains(&address);
                return (!is_known).then_some(ToSwarm::ExternalAddrConfirmed(address));
            }
            ToSwarm::GenerateEvent(client::Event { ref tested_addr, result: Err(ref error), .. }) => {
                tracing::debug!(address = %tested_addr, %error, "not reachable from outside");
                self.on_refuted();
            }
            _ => {}
        }
        Some(order.map_in(Order::Inner))
    }
}
