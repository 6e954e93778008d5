//! The access list: whom this agent serves. The one place where trust becomes access.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use airway_protocols::{gate, streams};
use libp2p::{PeerId, StreamProtocol};

/// The peers that are served; shared by the streams and by every gate, changed by the contacts alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access(Arc<List>);

#[derive(Debug, Default)]
struct List {
    peers: RwLock<HashSet<PeerId>>,
    /// Counts the changes.
    version: AtomicU64,
}

impl Access {
    pub(crate) fn allow(&self, peer: PeerId) {
        self.change(|peers| peers.insert(peer));
    }

    /// From the return of this call on, neither a new connection nor a new stream of the peer is served.
    pub(crate) fn deny(&self, peer: &PeerId) {
        self.change(|peers| peers.remove(peer));
    }

    pub(crate) fn allows(&self, peer: &PeerId) -> bool {
        self.0.peers.read().unwrap_or_else(PoisonError::into_inner).contains(peer)
    }

    fn change(&self, change: impl FnOnce(&mut HashSet<PeerId>) -> bool) {
        if change(&mut self.0.peers.write().unwrap_or_else(PoisonError::into_inner)) {
            // After the change: whoever reads this version hears the new answer.
            self.0.version.fetch_add(1, Ordering::Release);
        }
    }
}

impl gate::Policy for Access {
    fn admits(&self, peer: &PeerId) -> bool {
        self.allows(peer)
    }
}

impl streams::Policy for Access {
    fn offers(&self, peer: &PeerId, _: &StreamProtocol) -> bool {
        self.allows(peer)
    }

    fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }
}
