//! What was paid on one edge, week by week.

use std::collections::BTreeMap;

use super::{Entry, Sum};
use crate::polo::{Outcome, Pair};

/// Milliseconds of a day and of a week; weeks are counted from the Unix epoch.
const DAY: u64 = 24 * 60 * 60 * 1000;
const WEEK: u64 = 7 * DAY;

/// Most that a week is worth, so that a flood of small tasks is worth no more than steady work.
const WEEK_MOST: i64 = 10;

/// What each expired task takes from its week.
const EXPIRED: i64 = 2;

/// Most that an edge carries, in thousandths.
const EDGE_MOST: i64 = 100_000;

/// What a week loses each week: 2^(−7/90), so that it is worth half after 90 days, with 32 bits behind the point.
const DECAY: u64 = 4_069_550_266;

/// Weeks after which the most that one can be worth is below a thousandth: no more are kept.
const WEEKS: usize = 172;

/// What is left of a week after so many others, with 32 bits behind the point.
const WEIGHTS: [u64; WEEKS] = {
    let mut weights = [1 << 32; WEEKS];
    let mut age = 1;
    while age < WEEKS {
        weights[age] = (weights[age - 1] * DECAY) >> 32;
        age += 1;
    }
    weights
};

/// The receipts of one pair.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    /// Paid and expired, by week.
    weeks: BTreeMap<u64, Week>,
    /// How many there are in all, and what was paid on them.
    receipts: u64,
    reward: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Week {
    paid: u64,
    expired: u32,
}

impl Edge {
    pub(super) fn add(&mut self, entry: &Entry) {
        self.receipts += 1;
        self.reward = self.reward.saturating_add(entry.reward);
        let week = self.weeks.entry(entry.at / WEEK).or_default();
        match entry.outcome {
            Outcome::Success => week.paid = week.paid.saturating_add(entry.reward),
            Outcome::Expired => week.expired = week.expired.saturating_add(1),
            Outcome::Failed => {}
        }
        if self.weeks.len() > WEEKS {
            self.weeks.pop_first();
        }
    }

    pub(super) const fn sum(&self, pair: Pair) -> Sum {
        Sum { pair, receipts: self.receipts, reward: self.reward }
    }

    /// What it carries, in thousandths. What is dated more than a day ahead does not count yet.
    pub(super) fn capacity(&self, now: u64) -> u64 {
        let (this, newest) = (now / WEEK, now.saturating_add(DAY) / WEEK);
        let counted = self.weeks.range(..=newest).rev();
        let sum = counted.map(|(week, paid)| paid.milli(this.saturating_sub(*week))).sum::<i64>();
        sum.clamp(0, EDGE_MOST).unsigned_abs()
    }
}

impl Week {
    /// What it is worth after so many weeks, in thousandths.
    fn milli(self, age: u64) -> i64 {
        let paid = i64::try_from(self.paid).unwrap_or(i64::MAX).min(WEEK_MOST);
        let worth = (paid - EXPIRED * i64::from(self.expired)) * 1000;
        let weight = usize::try_from(age).ok().and_then(|age| WEIGHTS.get(age)).copied().unwrap_or(0);
        // Towards zero, whatever the sign. Below 2^47 for all that is paid.
        i64::try_from(i128::from(worth) * i128::from(weight) / (1 << 32)).unwrap_or(i64::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::AgentId;

    /// Some week, with more than three years behind it.
    const NOW: u64 = 2_800 * WEEK + 3 * DAY;

    fn entry(outcome: Outcome, reward: u64, at: u64) -> Entry {
        let [requester, worker] = [1, 2].map(|byte| AgentId::from_bytes([byte; 32]));
        Entry { requester, worker, outcome, reward, at }
    }

    fn edge(entries: &[(Outcome, u64, u64)]) -> Edge {
        let mut edge = Edge::default();
        entries.iter().for_each(|(outcome, reward, at)| edge.add(&entry(*outcome, *reward, *at)));
        edge
    }

    #[test]
    fn a_week_counts_up_to_ten_and_expired_tasks_cost_two() {
        use Outcome::{Expired, Failed, Success};
        assert_eq!(edge(&[]).capacity(NOW), 0);
        assert_eq!(edge(&[(Success, 3, NOW), (Failed, 0, NOW)]).capacity(NOW), 3_000);
        assert_eq!(edge(&[(Success, 8, NOW), (Success, 8, NOW)]).capacity(NOW), 10_000);
        assert_eq!(edge(&[(Success, 20, NOW), (Expired, 0, NOW)]).capacity(NOW), 8_000);
        assert_eq!(edge(&[(Success, 3, NOW), (Expired, 0, NOW), (Expired, 0, NOW)]).capacity(NOW), 0);
        assert_eq!(edge(&[(Success, u64::MAX, NOW), (Success, u64::MAX, NOW)]).capacity(NOW), 10_000);
    }

    #[test]
    fn what_was_paid_long_ago_counts_less_and_less() {
        let paid = edge(&[(Outcome::Success, 8, NOW)]);
        let after = |weeks: u64| paid.capacity(NOW + weeks * WEEK);
        // Half after 90 days, so 2^(-7 * 13 / 90) after 13 weeks.
        assert_eq!((after(0), after(1), after(13)), (8_000, 7_580, 3_969));
        assert_eq!(after(90), 62, "seven halvings");
        assert_eq!((after(WEEKS as u64), paid.capacity(u64::MAX)), (0, 0));
    }

    #[test]
    fn what_is_dated_ahead_counts_when_it_is_due() {
        let ahead = edge(&[(Outcome::Success, 4, NOW + WEEK)]);
        assert_eq!((ahead.capacity(NOW), ahead.capacity(NOW + WEEK)), (0, 4_000));
        let tomorrow = edge(&[(Outcome::Success, 4, NOW + 4 * DAY)]);
        assert_eq!((tomorrow.capacity(NOW), tomorrow.capacity(NOW + 3 * DAY)), (0, 4_000));
        assert_eq!(edge(&[(Outcome::Success, 4, u64::MAX)]).capacity(NOW), 0);
    }

    #[test]
    fn an_edge_carries_up_to_a_hundred_and_keeps_no_more_weeks_than_count() {
        let mut edge = Edge::default();
        for week in 0..400 {
            edge.add(&entry(Outcome::Success, 10, NOW - week * WEEK));
        }
        assert_eq!((edge.capacity(NOW), edge.weeks.len()), (100_000, WEEKS));
        assert!(edge.weeks.contains_key(&(NOW / WEEK)), "the oldest make room");
    }
}
