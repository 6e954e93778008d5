//! Scores that were computed a moment ago.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use airway_protocols::agent::AgentId;

/// Scores that are kept; there are as many contacts at most whose tasks come at once.
const MOST: usize = 1024;

/// How long a score holds: a requester that submits many tasks has none computed for each, and whatever changes a score, be
/// it a receipt or a trust that has ended, does so soon.
const FRESH: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Cache(HashMap<AgentId, (u64, Instant)>);

impl Cache {
    pub(super) fn get(&self, agent: &AgentId, now: Instant) -> Option<u64> {
        let (milli, at) = self.0.get(agent)?;
        (now.saturating_duration_since(*at) < FRESH).then_some(*milli)
    }

    /// Keeps a score, by when its computation began.
    pub(super) fn put(&mut self, agent: AgentId, milli: u64, began: Instant) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(agent, (milli, began));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(number: usize) -> AgentId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        AgentId::from_bytes(bytes)
    }

    #[test]
    fn a_score_holds_for_a_second_and_no_longer() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        cache.put(agent(1), 7, now);
        assert_eq!(cache.get(&agent(1), now + FRESH / 2), Some(7));
        assert_eq!((cache.get(&agent(1), now + FRESH), cache.get(&agent(2), now)), (None, None));
    }

    #[test]
    fn no_more_scores_are_kept_than_there_is_room_for() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        for number in 0..=MOST {
            cache.put(agent(number), 1, now);
        }
        assert!(cache.0.len() <= MOST);
        assert_eq!(cache.get(&agent(MOST), now), Some(1));
    }
}
