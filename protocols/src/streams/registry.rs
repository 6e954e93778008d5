//! Which protocols are listened on, and the bounded queue in front of each listener.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use libp2p::{
    StreamProtocol,
    core::{UpgradeInfo, upgrade::InboundUpgrade},
};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{status::Status, stream::Stream};

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
#[derive(Debug, Default)]
pub(super) struct Registry {
    listeners: RwLock<Listeners>,
    busy: AtomicU64,
    closed: AtomicU64,
}

#[derive(Debug, Default)]
struct Listeners {
    queues: HashMap<StreamProtocol, mpsc::Sender<Stream>>,
    /// The keys of `queues`, ready to be offered: read at every poll of every connection.
    offered: Arc<[StreamProtocol]>,
}

impl Listeners {
    fn refresh(&mut self) {
        self.offered = self.queues.keys().cloned().collect();
    }
}

impl Registry {
    pub(super) fn register(
        self: &Arc<Self>,
        protocol: StreamProtocol,
        queue: usize,
    ) -> Result<Incoming, AlreadyRegistered> {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        if listeners.queues.contains_key(&protocol) {
            return Err(AlreadyRegistered(protocol));
        }
        let (sender, streams) = mpsc::channel(queue);
        listeners.queues.insert(protocol.clone(), sender);
        listeners.refresh();
        Ok(Incoming { protocol, streams, registry: self.clone() })
    }

    fn unregister(&self, protocol: &StreamProtocol) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.queues.remove(protocol);
        listeners.refresh();
    }

    /// Puts a stream into its listener's queue, or tells the opener why not.
    pub(super) fn deliver(&self, stream: Stream) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
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

    pub(super) fn offer(&self) -> Offer {
        Offer { protocols: self.listeners.read().unwrap_or_else(PoisonError::into_inner).offered.clone() }
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

/// All protocols that have a listener, as one inbound upgrade.
#[derive(Debug, Clone)]
pub struct Offer {
    protocols: Arc<[StreamProtocol]>,
}

impl UpgradeInfo for Offer {
    type Info = StreamProtocol;
    type InfoIter = OfferIter;

    fn protocol_info(&self) -> Self::InfoIter {
        OfferIter { protocols: self.protocols.clone(), next: 0 }
    }
}

impl InboundUpgrade<libp2p::Stream> for Offer {
    type Output = (libp2p::Stream, StreamProtocol);
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: libp2p::Stream, protocol: Self::Info) -> Self::Future {
        std::future::ready(Ok((stream, protocol)))
    }
}

/// Iterates over the protocols of an [`Offer`] without copying the list.
#[derive(Debug)]
pub struct OfferIter {
    protocols: Arc<[StreamProtocol]>,
    next: usize,
}

impl Iterator for OfferIter {
    type Item = StreamProtocol;

    fn next(&mut self) -> Option<Self::Item> {
        let protocol = self.protocols.get(self.next)?.clone();
        self.next += 1;
        Some(protocol)
    }
}
