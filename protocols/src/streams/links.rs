//! The open connections by peer, best first, and those who wait for one.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::channel::mpsc as orders;
use libp2p::{PeerId, StreamProtocol, swarm::ConnectionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{Limits, OpenError, stream::Stream};

/// Peers that may be waiting to be dialled by the swarm; beyond it an open fails as busy.
pub(super) const DIAL_QUEUE: usize = 256;

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
}

#[derive(Debug)]
pub(super) struct Links {
    limits: Limits,
    dials: mpsc::Sender<PeerId>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    peers: HashMap<PeerId, Peer>,
    waiting: HashMap<PeerId, Vec<oneshot::Sender<Result<(), OpenError>>>>,
}

#[derive(Debug)]
struct Peer {
    links: Vec<Link>,
    inbound: Arc<Semaphore>,
    outbound: Arc<Semaphore>,
}

impl Peer {
    fn new(limits: &Limits) -> Self {
        Self {
            links: Vec::new(),
            inbound: Arc::new(Semaphore::new(limits.inbound_per_peer)),
            outbound: Arc::new(Semaphore::new(limits.outbound_per_peer)),
        }
    }

    /// Direct before relayed, then the newest: after a change of network it is the one that works.
    fn best(&self) -> Option<&Link> {
        let alive = self.links.iter().filter(|link| !link.handler.is_closed());
        alive.max_by_key(|link| (!link.relayed, link.connection))
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

    /// Enters a connection; returns the orders for its handler and the bound on the peer's inbound streams.
    pub(super) fn enter(
        &self,
        peer: PeerId,
        connection: ConnectionId,
        relayed: bool,
    ) -> (orders::UnboundedReceiver<Opening>, Arc<Semaphore>) {
        let mut table = self.table();
        let entry = table.peers.entry(peer).or_insert_with(|| Peer::new(&self.limits));
        // A connection that another behaviour denied leaves a link without a handler behind.
        entry.links.retain(|link| !link.handler.is_closed());
        let (handler, orders) = orders::unbounded();
        let outbound = entry.outbound.clone();
        entry.links.push(Link { connection, relayed, handler, outbound });
        (orders, entry.inbound.clone())
    }

    /// Takes a connection out.
    pub(super) fn leave(&self, peer: PeerId, connection: ConnectionId) {
        if let Entry::Occupied(mut entry) = self.table().peers.entry(peer) {
            entry.get_mut().links.retain(|link| link.connection != connection);
            if entry.get().links.is_empty() {
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
        if let Some(link) = table.peers.get(&peer).and_then(Peer::best) {
            return Ok(Ok(link.clone()));
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
