//! Those who pass on more than they should.
//!
//! Gossipsub's own word for what is wrong with a message blames everybody who passes it on. What is too much from one is in
//! order from another, who has passed on less: so that is counted here, and told to gossipsub as the owner's opinion.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use libp2p::PeerId;

/// What one costs: with the ninth nothing of the peer is heard, whatever it has earned.
const COST: f64 = -10.0;

/// How long one is remembered.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// How many are remembered, of all peers: each that is graylisted has had some ten. The oldest makes room.
const MAX: usize = 1024;

/// Messages that were too many, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Floods(VecDeque<(Instant, PeerId)>);

impl Floods {
    /// Notes one; says whose has made room for it, if it took that.
    pub(super) fn note(&mut self, peer: PeerId, now: Instant) -> Option<PeerId> {
        let oldest = if self.0.len() < MAX { None } else { self.0.pop_front() };
        self.0.push_back((now, peer));
        oldest.map(|(_, peer)| peer)
    }

    /// Whose score has changed by time.
    pub(super) fn forgive(&mut self, now: Instant) -> Vec<PeerId> {
        let over = self.0.partition_point(|(noted, _)| now.saturating_duration_since(*noted) >= REMEMBERED);
        self.0.drain(..over).map(|(_, peer)| peer).collect()
    }

    /// What we think of a peer for that.
    pub(super) fn score(&self, peer: &PeerId) -> f64 {
        self.0.iter().filter(|(_, noted)| noted == peer).map(|_| COST).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::gossip::scores::{BEST, GRAYLIST};

    #[test]
    fn nine_are_too_many_for_the_best_and_are_forgiven() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        let (peer, other) = (PeerId::random(), PeerId::random());
        for _ in 0..8 {
            floods.note(peer, start);
        }
        assert!(floods.score(&peer) >= GRAYLIST);
        floods.note(peer, start + Duration::from_secs(1));
        assert!(floods.score(&peer) + BEST < GRAYLIST);
        assert_eq!(floods.score(&other), 0.0);
        assert_eq!(floods.forgive(start + REMEMBERED / 2), []);
        assert_eq!(floods.forgive(start + REMEMBERED), [peer; 8]);
        assert!((floods.score(&peer) - COST).abs() < 0.1);
    }

    #[test]
    fn no_more_are_remembered_than_fit_and_whose_is_forgotten_is_said() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        let first = PeerId::random();
        assert_eq!(floods.note(first, start), None);
        assert!((1..MAX).all(|_| floods.note(PeerId::random(), start).is_none()));
        assert_eq!(floods.note(PeerId::random(), start), Some(first));
        assert_eq!(floods.score(&first), 0.0);
        assert_eq!(floods.0.len(), MAX);
    }
}
