//! Who may speak at a door at the same time: few in all, fewer from one network, and fewer still by one peer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use libp2p::PeerId;

use super::Source;

/// Peers that are heard at once; each holds a frame in memory.
const AT_ONCE: usize = 32;

/// The same of one peer: it has one thing to say, and may have given up the stream before.
const OF_PEER: usize = 2;

/// The same from one network or relay: the other half is left to those from elsewhere.
const OF_SOURCE: usize = 16;

/// See the module; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    peers: HashMap<PeerId, usize>,
    sources: HashMap<Source, usize>,
}

/// A place at a door, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    peer: PeerId,
    source: Source,
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, if there is one left for this peer and from there.
    pub(super) fn take(&self, peer: PeerId, source: Source) -> Option<Place> {
        let mut taken = self.lock();
        let of_peer = taken.peers.get(&peer).copied().unwrap_or(0);
        let of_source = taken.sources.get(&source).copied().unwrap_or(0);
        if taken.all >= AT_ONCE || of_peer >= OF_PEER || of_source >= OF_SOURCE {
            return None;
        }
        taken.all += 1;
        taken.peers.insert(peer, of_peer + 1);
        taken.sources.insert(source, of_source + 1);
        Some(Place { places: self.clone(), peer, source })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        give_back(&mut taken.peers, &self.peer);
        give_back(&mut taken.sources, &self.source);
    }
}

fn give_back<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = taken.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            taken.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places_and_those_given_back_are_free() {
        let places = Places::default();
        let (peer, home) = (PeerId::random(), Source::V4([192, 0, 2]));
        let take = |peer, source| places.take(peer, source);
        let by_one: Vec<_> = (0..9).filter_map(|_| take(peer, home)).collect();
        assert_eq!(by_one.len(), OF_PEER);
        let at_home: Vec<_> = (0..99).filter_map(|_| take(PeerId::random(), home)).collect();
        assert_eq!(at_home.len(), OF_SOURCE - OF_PEER);
        let others: Vec<_> =
            (0..99).filter_map(|net| take(PeerId::random(), Source::V4([10, 0, net]))).collect();
        assert_eq!(others.len(), AT_ONCE - OF_SOURCE);

        drop((by_one, at_home, others));
        let taken = places.lock();
        assert_eq!((taken.all, taken.peers.len(), taken.sources.len()), (0, 0, 0));
    }
}
