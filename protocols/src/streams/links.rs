//! The open connections by peer, best first, and those who wait for one.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::channel::mpsc as orders;
use libp2p::{PeerId, StreamProtocol, swarm::ConnectionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{Limits, OpenError, leash::Leash, stream::Stream};

/// Peers that may be waiting to be dialled by the swarm; beyond it an open fails as busy.
pub(super) const DIAL_QUEUE: usize = 256;

/// Peers that may stay in the table before those are looked for of whom nothing is left.
const SWEEP: usize = 64;

/// An order to a connection's handler: open a stream.
#[derive(Debug)]
pub struct Opening {
    pub(super) protocol: StreamProtocol,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) reply: oneshot::Sender<Result<Stream, OpenError>>,
}

/// One connection, as an opener sees it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) connection: ConnectionId,
    pub(super) relayed: bool,
    /// Holds no more orders than there are permits, since each has one. Not tokio's channel: it makes room for 32 orders
    /// in advance, 2 KiB for each idle connection.
    pub(super) handler: orders::UnboundedSender<Opening>,
    /// The peer's outbound streams, over all its connections.
    pub(super) outbound: Arc<Semaphore>,
    leash: Arc<Leash>,
}

/// What a connection's handler gets of the table.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) orders: orders::UnboundedReceiver<Opening>,
    /// Bounds the peer's inbound streams, over all its connections.
    pub(super) inbound: Arc<Semaphore>,
    pub(super) leash: Arc<Leash>,
}

#[derive(Debug)]
pub(super) struct Links {
    limits: Limits,
    dials: mpsc::Sender<PeerId>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Those who are connected, and those whose streams have outlived their connections: these have to be found by a
    /// cut, too, since what came in before the end can still be read.
    peers: HashMap<PeerId, Peer>,
    /// How many peers there may be until the next look for those of whom nothing is left.
    sweep_at: usize,
    waiting: HashMap<PeerId, Vec<oneshot::Sender<Result<(), OpenError>>>>,
}

#[derive(Debug)]
struct Peer {
    links: Vec<Link>,
    inbound: Arc<Semaphore>,
    outbound: Arc<Semaphore>,
    leash: Arc<Leash>,
}

impl Peer {
    fn new(limits: &Limits, leash: Arc<Leash>) -> Self {
        Self {
            links: Vec::new(),
            inbound: Arc::new(Semaphore::new(limits.inbound_per_peer)),
            outbound: Arc::new(Semaphore::new(limits.outbound_per_peer)),
            leash,
        }
    }

    fn alive(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| !link.handler.is_closed())
    }

    /// Direct before relayed, then the newest: after a change of network it is the one that works.
    fn best(&self) -> Option<&Link> {
        let uncut = self.alive().filter(|link| !link.leash.is_cut());
        uncut.max_by_key(|link| (!link.relayed, link.connection))
    }

    /// Whether neither a connection nor a stream is left.
    fn is_gone(&self) -> bool {
        self.alive().next().is_none() && self.leash.is_loose()
    }
}

impl Table {
    /// The peer's entry. One without connections begins anew, but for the streams that it left behind.
    fn entry(&mut self, peer: PeerId, limits: &Limits) -> &mut Peer {
        if self.peers.len() >= self.sweep_at {
            self.peers.retain(|_, peer| !peer.is_gone());
            self.sweep_at = 2 * self.peers.len() + SWEEP;
        }
        let entry = self.peers.entry(peer).or_insert_with(|| Peer::new(limits, Arc::default()));
        // A connection that another behaviour denied leaves a link without a handler behind.
        entry.links.retain(|link| !link.handler.is_closed());
        if entry.links.is_empty() {
            *entry = Peer::new(limits, entry.leash.clone());
        }
        if entry.leash.is_cut() {
            entry.leash = Arc::default();
        }
        entry
    }
}

impl Links {
    pub(super) fn new(limits: Limits) -> (Self, mpsc::Receiver<PeerId>) {
        let (dials, to_dial) = mpsc::channel(DIAL_QUEUE);
        (Self { limits, dials, table: Mutex::default() }, to_dial)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection.
    pub(super) fn enter(&self, peer: PeerId, connection: ConnectionId, relayed: bool) -> Entered {
        let mut table = self.table();
        let entry = table.entry(peer, &self.limits);
        let (handler, orders) = orders::unbounded();
        let (outbound, leash) = (entry.outbound.clone(), entry.leash.clone());
        entry.links.push(Link { connection, relayed, handler, outbound, leash: leash.clone() });
        Entered { orders, inbound: entry.inbound.clone(), leash }
    }

    /// Cuts all streams of the peer, and those to come on its present connections.
    pub(super) fn cut(&self, peer: &PeerId) {
        // Cut outside of the lock of the table: it waits for reads and writes that are under way. The next connection
        // finds the leash cut and gets another.
        let leash = self.table().peers.get(peer).map(|peer| peer.leash.clone());
        if let Some(leash) = leash {
            leash.cut();
        }
    }

    /// Takes a connection out.
    pub(super) fn leave(&self, peer: PeerId, connection: ConnectionId) {
        if let Entry::Occupied(mut entry) = self.table().peers.entry(peer) {
            entry.get_mut().links.retain(|link| link.connection != connection);
            if entry.get().is_gone() {
                entry.remove();
            }
        }
    }

    /// Wakes whoever waits for a connection to the peer.
    pub(super) fn settle(&self, peer: PeerId, outcome: impl Fn() -> Result<(), OpenError>) {
        let waiting = self.table().waiting.remove(&peer);
        for waiter in waiting.into_iter().flatten() {
            let _ = waiter.send(outcome());
        }
    }

    /// The best connection to the peer, dialling it if there is none.
    pub(super) async fn link(&self, peer: PeerId) -> Result<Link, OpenError> {
        loop {
            match self.link_or_wait(peer)? {
                Ok(link) => return Ok(link),
                Err(connected) => connected.await.map_err(|_| OpenError::Closed)??,
            }
        }
    }

    fn link_or_wait(
        &self,
        peer: PeerId,
    ) -> Result<Result<Link, oneshot::Receiver<Result<(), OpenError>>>, OpenError> {
        let mut table = self.table();
        if let Some(known) = table.peers.get(&peer) {
            match known.best() {
                Some(link) => return Ok(Ok(link.clone())),
                // Cut, and not closed yet: a dial would find the peer connected and come to nothing.
                None if known.alive().next().is_some() => return Err(OpenError::Lost),
                None => {}
            }
        }
        let waiting = table.waiting.entry(peer).or_default();
        waiting.retain(|waiter| !waiter.is_closed());
        if waiting.len() >= self.limits.waiting_per_peer {
            return Err(OpenError::Busy);
        }
        // The first to wait has the peer dialled, for all; what comes of it settles all.
        if waiting.is_empty()
            && let Err(refused) = self.dials.try_send(peer)
        {
            return Err(match refused {
                mpsc::error::TrySendError::Full(_) => OpenError::Busy,
                mpsc::error::TrySendError::Closed(_) => OpenError::Closed,
            });
        }
        let (waiter, connected) = oneshot::channel();
        waiting.push(waiter);
        Ok(Err(connected))
    }
}
