//! Scores that were computed a moment ago.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use airway_protocols::agent::AgentId;

/// Scores that are kept; there are as many contacts at most whose tasks come at once.
const MOST: usize = 1024;

/// How long a score holds whatever happens meanwhile: each finished task is a new receipt, and a requester that submits many has
/// no score computed for each.
const FRESH: Duration = Duration::from_secs(1);

/// How long a score holds while there is no new receipt: what was paid long ago counts less and less.
const LASTS: Duration = Duration::from_secs(600);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Cache {
    scores: HashMap<AgentId, Kept>,
    /// Grows with what is read.
    version: u64,
}

#[derive(Debug)]
struct Kept {
    milli: u64,
    version: u64,
    at: Instant,
}

impl Cache {
    /// Something was read: from here on, what was computed before is old.
    pub(super) fn outdate(&mut self) {
        self.version += 1;
    }

    pub(super) fn get(&self, agent: &AgentId, now: Instant) -> Option<u64> {
        let kept = self.scores.get(agent)?;
        let lasts = if kept.version == self.version { LASTS } else { FRESH };
        (now.saturating_duration_since(kept.at) < lasts).then_some(kept.milli)
    }

    pub(super) fn put(&mut self, agent: AgentId, milli: u64, now: Instant) {
        if self.scores.len() >= MOST {
            self.scores.clear();
        }
        self.scores.insert(agent, Kept { milli, version: self.version, at: now });
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
    fn a_score_holds_for_a_second_and_for_longer_while_nothing_happens() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        cache.put(agent(1), 7, now);
        assert_eq!(cache.get(&agent(1), now + LASTS - FRESH), Some(7));
        assert_eq!((cache.get(&agent(1), now + LASTS), cache.get(&agent(2), now)), (None, None));
        cache.outdate();
        assert_eq!(cache.get(&agent(1), now + FRESH / 2), Some(7));
        assert_eq!(cache.get(&agent(1), now + FRESH), None);
    }

    #[test]
    fn no_more_scores_are_kept_than_there_is_room_for() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        for number in 0..=MOST {
            cache.put(agent(number), 1, now);
        }
        assert!(cache.scores.len() <= MOST);
        assert_eq!(cache.get(&agent(MOST), now), Some(1));
    }
}
