//! The access list: whom this agent serves. The one place where trust becomes access.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use airway_protocols::gate::Policy;
use libp2p::PeerId;

/// The peers that are served; shared by every gate, changed by the contacts alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access(Arc<RwLock<HashSet<PeerId>>>);

impl Access {
    pub(crate) fn allow(&self, peer: PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(peer);
    }

    /// From the return of this call on, no new connection of the peer is served.
    pub(crate) fn deny(&self, peer: &PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(peer);
    }

    pub(crate) fn allows(&self, peer: &PeerId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(peer)
    }
}

impl Policy for Access {
    fn admits(&self, peer: &PeerId) -> bool {
        self.allows(peer)
    }
}
