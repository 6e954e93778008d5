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
mod candidate;
mod handler;
mod probes;
mod talk;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    pin::Pin,
    time::{Duration, Instant},
};

use airway_protocols::gate::admission::Order;
use either::Either;
use libp2p::{
    Multiaddr, PeerId,
    swarm::{CloseConnection, ConnectionId, NotifyHandler, ToSwarm},
};
use rand::seq::IteratorRandom as _;
use tokio::{
    sync::watch,
    time::{Interval, interval},
};

use super::{book, candidates, tiers::Tiers};
use candidate::Candidates;
use handler::{Ask, Asking, Hearing};
use probes::{DIAL, Probes, Sources, Visitor};
use talk::Numbers;
use wire::Answer;

/// How often it is looked whether there is something to ask.
const LOOK: Duration = Duration::from_millis(500);

/// What stands on a connection: on one that we made, and on one that came in.
type Inner = Either<Asking, Hearing>;

/// What a connection is over which something may be said.
enum Served {
    /// A relay's, which may come from there when it is asked; whether it can be asked.
    Relay(Sources, bool),
    /// Of somebody who may dial in a relay's name.
    Visitor,
}

/// See the module.
pub(crate) struct Behaviour {
    tiers: Tiers,
    listening: Vec<Multiaddr>,
    candidates: Candidates,
    numbers: Numbers,
    served: HashMap<ConnectionId, (PeerId, Served)>,
    probes: Probes,
    /// When each relay was last asked to dial us.
    asked: HashMap<PeerId, Instant>,
    /// A candidate was refuted.
    refuted: bool,
    confirmed: Vec<Multiaddr>,
    reachable: watch::Sender<Option<bool>>,
    orders: VecDeque<ToSwarm<Infallible, Order<Inner>>>,
    tick: Pin<Box<Interval>>,
}

impl Behaviour {
    /// Must be called on a tokio runtime.
    pub(crate) fn new(tiers: Tiers) -> Self {
        Self {
            tiers,
            listening: Vec::new(),
            candidates: Candidates::default(),
            numbers: Numbers::default(),
            served: HashMap::new(),
            probes: Probes::default(),
            asked: HashMap::new(),
            refuted: false,
            confirmed: Vec::new(),
            reachable: watch::Sender::default(),
            orders: VecDeque::new(),
            tick: Box::pin(interval(LOOK)),
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
        if let Some((_, Served::Relay(sources, _))) = self.served.get_mut(&connection) {
            let public = addresses.iter().filter(|address| candidates::is_public(address));
            sources.add(public.filter_map(book::direct_ip));
        }
    }

    /// Has a candidate tried, unless it was already, or there is no room.
    pub(super) fn offer(&mut self, candidate: &Multiaddr) {
        self.candidates.offer(candidate);
    }

    fn offer_listening(&mut self) {
        for address in self.listening.clone() {
            if candidates::is_public(&address) {
                self.offer(&address);
            }
        }
    }

    fn on_confirmed(&mut self, address: Multiaddr) {
        tracing::info!(%address, "reachable from outside");
        self.confirmed.push(address.clone());
        self.tell();
        // Contacts are told what we listen on, and a relay server has a list of its own.
        if !self.listening.contains(&address) {
            self.orders.push_back(ToSwarm::ExternalAddrConfirmed(address));
        }
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
        self.candidates = Candidates::default();
        self.asked.clear();
        self.refuted = false;
        self.expire(|_| true);
        self.offer_listening();
    }

    /// Whether numbers may be said over a connection that comes in: by a relay always, by strangers if a relay is asked that
    /// is where they come from.
    fn admit(&mut self, peer: PeerId, connection: ConnectionId, remote: &Multiaddr) -> Option<Served> {
        if self.tiers.is_own_relay(&peer) {
            return Some(Served::Relay(Sources::default(), false));
        }
        let from = book::direct_ip(remote).filter(|_| self.tiers.is_stranger(&peer))?;
        self.probes.admit(peer, connection, from, Instant::now()).then_some(Served::Visitor)
    }

    fn on_closed(&mut self, connection: ConnectionId) {
        if self.served.remove(&connection).is_none() {
            return;
        }
        self.on_answer(connection, None);
        if !self.served.values().any(|(_, served)| matches!(served, Served::Relay(..))) {
            self.reset();
        }
    }

    /// What may be said to nobody but a relay that is asked is said no longer. Whoever came for that alone leaves.
    fn see_off(&mut self, visitors: Vec<Visitor>) {
        for Visitor { peer, connection, spoke } in visitors {
            if self.served.remove(&connection).is_none() {
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

    fn on_tick(&mut self) {
        let now = Instant::now();
        for connection in self.probes.overdue(now) {
            self.on_answer(connection, None);
        }
        while self.candidates.is_due(now)
            && let Some((relay, connection, sources)) = self.idle_relay()
        {
            let number = self.numbers.choose();
            let Some(address) = self.candidates.begin(connection, number, now) else { return };
            self.asked.insert(relay, now);
            self.probes.begin(relay, connection, sources, now);
            let handler = NotifyHandler::One(connection);
            let event = Order::Inner(Either::Left(Ask { address, number }));
            self.orders.push_back(ToSwarm::NotifyHandler { peer_id: relay, handler, event });
        }
    }

    /// One of the relays that can be asked, and have nothing else to answer.
    fn idle_relay(&self) -> Option<(PeerId, ConnectionId, Sources)> {
        let idle = self.served.iter().filter_map(|(connection, (peer, served))| match served {
            Served::Relay(sources, true) if !self.probes.is_asked(peer) => {
                Some((*peer, *connection, sources))
            }
            _ => None,
        });
        idle.choose(&mut rand::rng()).map(|(peer, connection, sources)| (peer, connection, sources.clone()))
    }

    /// The relay on this connection has answered, or will not any more.
    fn on_answer(&mut self, connection: ConnectionId, answer: Option<Answer>) {
        let visitors = self.probes.end(connection);
        self.see_off(visitors);
        let Some(number) = self.candidates.asked_over(connection) else { return };
        let was_heard = self.numbers.forget(number);
        let reached = match answer {
            // A relay that says so and has said nothing here has dialled somebody else, or nobody.
            Some(Answer::Reached) if was_heard => Some(true),
            Some(Answer::NotReached) => Some(false),
            _ => None,
        };
        match self.candidates.end(connection, reached, Instant::now()) {
            Some((address, true)) => self.on_confirmed(address),
            Some((address, false)) => {
                tracing::debug!(%address, ?answer, "not reachable from outside");
                self.on_refuted();
            }
            None => {}
        }
    }
}
