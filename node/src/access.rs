//! The access list: who may speak what with this agent. The one place where trust becomes access.
//!
//! | tier | who | may open |
//! |---|---|---|
//! | stranger | anybody else | the doors: knock, admit, join; claim in a DHT of others |
//! | expected | we asked it to trust us | the doors, trust |
//! | trusted | mutual trust | the doors, trust, and what its scopes admit; identify and ping |
//! | blocked | whoever the owner never wants to hear of | nothing: its connections are refused |
//!
//! At a door whoever proves nothing is not answered.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use airway_protocols::{
    admit,
    claim::fetch,
    gate, join, knock, streams,
    trust::{self, Scopes},
};
use libp2p::{PeerId, StreamProtocol};

/// What all but the blocked may open. They are the same on the backbone and in every network: multistream lists them to whoever
/// asks, and shall not say by them what an agent belongs to.
///
/// The last is there in a DHT of others alone, which is entered under a swarm key: nobody without that key gets to ask.
const DOORS: [StreamProtocol; 4] = [knock::PROTOCOL, admit::PROTOCOL, join::PROTOCOL, fetch::PROTOCOL];

/// What a peer is to us, if it is no stranger.
#[derive(Debug, Clone)]
pub(crate) enum Tier {
    Expected,
    Trusted(Arc<Scopes>),
    Blocked,
}

/// The peers that are no strangers; shared by everything that serves, changed by contacts and trust alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access(Arc<List>);

#[derive(Debug, Default)]
struct List {
    tiers: RwLock<HashMap<PeerId, Tier>>,
    version: AtomicU64,
}

impl Access {
    /// From the return of this call on, the peer is served as this says, on open connections, too; `None` makes it a
    /// stranger.
    pub(crate) fn set(&self, peer: PeerId, tier: Option<Tier>) {
        let mut tiers = self.0.tiers.write().unwrap_or_else(PoisonError::into_inner);
        match tier {
            Some(tier) => tiers.insert(peer, tier),
            None => tiers.remove(&peer),
        };
        self.0.version.fetch_add(1, Ordering::Release);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<PeerId, Tier>> {
        self.0.tiers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the peer is trusted.
    pub(crate) fn allows(&self, peer: &PeerId) -> bool {
        matches!(self.read().get(peer), Some(Tier::Trusted(_)))
    }

    pub(crate) fn is_blocked(&self, peer: &PeerId) -> bool {
        matches!(self.read().get(peer), Some(Tier::Blocked))
    }
}

impl gate::Policy for Access {
    fn admits(&self, peer: &PeerId) -> bool {
        self.allows(peer)
    }
}

impl streams::Policy for Access {
    fn offers(&self, peer: &PeerId, protocol: &StreamProtocol) -> bool {
        let tiers = self.read();
        let tier = tiers.get(peer);
        if DOORS.contains(protocol) {
            return !matches!(tier, Some(Tier::Blocked));
        }
        match tier {
            None | Some(Tier::Blocked) => false,
            Some(Tier::Expected) => *protocol == trust::PROTOCOL,
            Some(Tier::Trusted(scopes)) => scopes.admits(protocol),
        }
    }

    fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use airway_protocols::{port::Port, streams::Policy as _, trust::Ports};

    use super::*;

    #[test]
    fn each_tier_is_offered_what_it_may_speak() {
        let access = Access::default();
        let peer = PeerId::random();
        let offered = |port: Port| access.offers(&peer, &port.protocol());
        let knock = || access.offers(&peer, &knock::PROTOCOL);

        assert!(knock() && !offered(Port::TRUST) && !offered(Port::ECHO));
        access.set(peer, Some(Tier::Expected));
        assert!(knock() && offered(Port::TRUST) && !offered(Port::ECHO));
        let scopes = Scopes { ports: Ports::Only([Port::DATA].into()), ..Scopes::nothing() };
        access.set(peer, Some(Tier::Trusted(Arc::new(scopes))));
        assert!(knock() && offered(Port::TRUST) && offered(Port::ECHO) && offered(Port::TASKS));
        assert!(offered(Port::DATA) && !offered(Port::TEXT) && !offered(Port::EVENTS));
        access.set(peer, Some(Tier::Blocked));
        assert!(!knock() && !offered(Port::TRUST));
    }

    #[test]
    fn a_door_is_open_to_all_but_the_blocked() {
        let access = Access::default();
        let (stranger, blocked) = (PeerId::random(), PeerId::random());
        access.set(blocked, Some(Tier::Blocked));
        assert!(DOORS.iter().all(|door| access.offers(&stranger, door)));
        assert!(!DOORS.iter().any(|door| access.offers(&blocked, door)));
    }

    #[test]
    fn every_change_is_a_new_version() {
        let access = Access::default();
        let before = access.version();
        access.set(PeerId::random(), Some(Tier::Expected));
        assert_ne!(access.version(), before);
    }
}
