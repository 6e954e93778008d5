//! How often strangers may knock: each by itself, those of one network together, and all of them.

use std::time::{Duration, Instant};

use libp2p::PeerId;

use crate::{
    bucket::{Buckets, Rate},
    door::Source,
};

/// A requester that is not answered knocks again now and then, which keeps a way open for the answer.
const PER_PEER: Rate = Rate { burst: 6, refill: Duration::from_secs(20 * 60) };

/// Whoever has many keys seldom has many networks.
const PER_SOURCE: Rate = Rate { burst: 20, refill: Duration::from_secs(3 * 60) };

/// As many as an owner can look at.
const IN_ALL: Rate = Rate { burst: 60, refill: Duration::from_secs(30) };

/// How often an agent that we know may change something between us: each change is a commit, and an entry in the log.
const CHANGES: Rate = Rate { burst: 32, refill: Duration::from_secs(60) };

/// Peers and networks remembered.
const REMEMBERED: usize = 4096;

/// What each of those has left whom we know.
pub(super) fn changes() -> Buckets<PeerId> {
    Buckets::new(CHANGES, REMEMBERED)
}

/// What all strangers have left.
#[derive(Debug)]
pub(super) struct Budgets {
    peers: Buckets<PeerId>,
    sources: Buckets<Source>,
    all: Buckets<()>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            peers: Buckets::new(PER_PEER, REMEMBERED),
            sources: Buckets::new(PER_SOURCE, REMEMBERED),
            all: Buckets::new(IN_ALL, 1),
        }
    }
}

impl Budgets {
    /// Takes the price of a knock from all three; `false`, and takes nothing, if one has too little.
    pub(super) fn pay(&mut self, peer: PeerId, source: &Source) -> bool {
        let now = Instant::now();
        let can = self.peers.has(&peer, now) && self.sources.has(source, now) && self.all.has(&(), now);
        if can {
            self.peers.take(peer, now);
            self.sources.take(*source, now);
            self.all.take((), now);
        }
        can
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_one_network_and_the_world_have_their_limits() {
        let mut budgets = Budgets::default();
        let (peer, home) = (PeerId::random(), Source::V4([192, 0, 2]));
        let paid = (0..100).filter(|_| budgets.pay(peer, &home)).count();
        assert_eq!(paid, PER_PEER.burst as usize);
        let paid = (0..100).filter(|_| budgets.pay(PeerId::random(), &home)).count();
        assert_eq!(paid, (PER_SOURCE.burst - PER_PEER.burst) as usize);
        let paid = (0..100).filter(|net| budgets.pay(PeerId::random(), &Source::V4([10, 0, *net]))).count();
        assert_eq!(paid, (IN_ALL.burst - PER_SOURCE.burst) as usize);
    }
}
