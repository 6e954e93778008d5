//! Which protocols are listened on, to whom each is offered, and the bounded queue in front of each listener.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use libp2p::{PeerId, StreamProtocol};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{
    offer::{Lists, Offer, Offered},
    policy::Policy,
    status::Status,
    stream::Stream,
};

/// A protocol has one listener at a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} has a listener already")]
pub struct AlreadyRegistered(pub StreamProtocol);

/// How many inbound streams were not taken since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// With [`Status::Busy`]: a full queue, or too many streams of one peer.
    pub busy: u64,
    /// With [`Status::Closed`]: the listener went away.
    pub closed: u64,
}

/// The listeners of one behaviour.
#[derive(Debug)]
pub(super) struct Registry {
    policy: Box<dyn Policy>,
    listeners: RwLock<Listeners>,
    /// Counts the changes of what is listened on.
    version: AtomicU64,
    /// What is offered to those who may not open everything.
    lists: Mutex<Lists>,
    busy: AtomicU64,
    closed: AtomicU64,
}

#[derive(Debug, Default)]
struct Listeners {
    queues: HashMap<StreamProtocol, mpsc::Sender<Stream>>,
    /// The keys of `queues`, ready to be offered.
    protocols: Arc<[StreamProtocol]>,
}

impl Registry {
    pub(super) fn new(policy: impl Policy) -> Self {
        Self {
            policy: Box::new(policy),
            listeners: RwLock::default(),
            version: AtomicU64::new(0),
            lists: Mutex::default(),
            busy: AtomicU64::new(0),
            closed: AtomicU64::new(0),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Listeners> {
        self.listeners.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Listeners> {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a change of the queues: what is offered follows from them.
    fn changed(&self, mut listeners: RwLockWriteGuard<'_, Listeners>) {
        listeners.protocols = listeners.queues.keys().cloned().collect();
        drop(listeners);
        self.version.fetch_add(1, Ordering::Release);
    }

    pub(super) fn register(
        self: &Arc<Self>,
        protocol: StreamProtocol,
        queue: usize,
    ) -> Result<Incoming, AlreadyRegistered> {
        let mut listeners = self.write();
        if listeners.queues.contains_key(&protocol) {
            return Err(AlreadyRegistered(protocol));
        }
        let (sender, streams) = mpsc::channel(queue);
        listeners.queues.insert(protocol.clone(), sender);
        self.changed(listeners);
        Ok(Incoming { protocol, streams, registry: self.clone() })
    }

    fn unregister(&self, protocol: &StreamProtocol) {
        let mut listeners = self.write();
        listeners.queues.remove(protocol);
        self.changed(listeners);
    }

    /// Puts a stream into its listener's queue, or tells the opener why not.
    pub(super) fn deliver(&self, stream: Stream) {
        let listeners = self.read();
        let Some(queue) = listeners.queues.get(stream.protocol()) else {
            return self.refuse(stream, Status::Closed);
        };
        match queue.try_send(stream) {
            Ok(()) => {}
            Err(TrySendError::Full(stream)) => {
                tracing::debug!(peer = %stream.peer(), protocol = %stream.protocol(), "accept queue is full");
                self.refuse(stream, Status::Busy);
            }
            Err(TrySendError::Closed(stream)) => self.refuse(stream, Status::Closed),
        }
    }

    fn refuse(&self, stream: Stream, status: Status) {
        self.count(status);
        stream.refuse(status);
    }

    /// Counts an inbound stream that was answered so.
    pub(super) fn count(&self, status: Status) {
        match status {
            Status::Busy => self.busy.fetch_add(1, Ordering::Relaxed),
            Status::Closed => self.closed.fetch_add(1, Ordering::Relaxed),
            Status::Ok | Status::Refused => 0,
        };
    }

    pub(super) fn refused(&self) -> Refused {
        Refused { busy: self.busy.load(Ordering::Relaxed), closed: self.closed.load(Ordering::Relaxed) }
    }

    /// Whether the peer may open a stream of the protocol now.
    pub(super) fn admits(&self, peer: &PeerId, protocol: &StreamProtocol) -> bool {
        self.policy.offers(peer, protocol)
    }

    /// All protocols that the peer may open now. Costs two atomic loads while nothing changes.
    pub(super) fn offer(&self, peer: &PeerId, last: &mut Offered) -> Offer {
        // Read before the list is made: a change meanwhile makes another version.
        let versions = (self.version.load(Ordering::Acquire), self.policy.version());
        last.offer(versions, || self.admitted(peer))
    }

    fn admitted(&self, peer: &PeerId) -> Arc<[StreamProtocol]> {
        let all = self.read().protocols.clone();
        let admitted: Vec<_> = all.iter().filter(|protocol| self.admits(peer, protocol)).cloned().collect();
        if admitted.len() == all.len() {
            return all;
        }
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).share(admitted)
    }
}

/// The streams that peers open to one protocol, in order of arrival.
///
/// Dropping it closes the protocol: whoever waits in the queue hears [`Status::Closed`].
#[derive(Debug)]
pub struct Incoming {
    protocol: StreamProtocol,
    streams: mpsc::Receiver<Stream>,
    registry: Arc<Registry>,
}

impl Incoming {
    /// The next stream. Cancel-safe; never ends while the behaviour lives.
    pub async fn next(&mut self) -> Option<Stream> {
        self.streams.recv().await
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.registry.unregister(&self.protocol);
        self.streams.close();
        while let Ok(stream) = self.streams.try_recv() {
            self.registry.refuse(stream, Status::Closed);
        }
    }
}
