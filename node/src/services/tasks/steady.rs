//! Time that timers of tasks are counted in: it goes on over restarts, and the wall clock cannot move it.
//!
//! ```text
//! running      steady grows with the monotonic clock; whatever the wall clock does is of no interest
//! down         the wall clock's difference between the last mark and the start is added, if there is one
//! marks        with each change of a task, every minute, and as soon as the wall clock has jumped
//! ```
//!
//! No machine hears the steady time of another. While the machine is suspended the time stands still, for its executors
//! as well.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::MissedTickBehavior;

use crate::{
    clock,
    store::{self, Mark, Store},
};

/// How often it is looked whether the wall clock has jumped.
const TICK: Duration = Duration::from_secs(1);

/// How old the mark on the disk may become. So much is lost of the time that was counted where the wall clock is set back
/// while the agent is down.
const MARKING: u64 = 60_000;

/// How far the two clocks may drift apart before that is a jump, in milliseconds.
const JUMP: u64 = 1_000;

/// How steady time goes on from what was saved: three numbers, and no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Steady {
    /// What it is at `since`.
    base: u64,
    /// The monotonic clock at the start.
    since: u64,
}

impl Steady {
    /// Goes on from the last mark at a start; all times in milliseconds.
    fn resume(saved: Option<Mark>, wall: u64, monotonic: u64) -> Self {
        let base = saved.map_or(0, |mark| mark.steady.saturating_add(wall.saturating_sub(mark.wall)));
        Self { base, since: monotonic }
    }

    fn at(self, monotonic: u64) -> u64 {
        self.base.saturating_add(monotonic.saturating_sub(self.since))
    }

    fn mark(self, wall: u64, monotonic: u64) -> Mark {
        Mark { steady: self.at(monotonic), wall }
    }
}

/// Whether a new mark is due: the last one has become old, or would credit the next start with a jump.
fn is_due(last: Mark, now: Mark) -> bool {
    let steady = now.steady.saturating_sub(last.steady);
    let wall = i128::from(now.wall) - i128::from(last.wall);
    steady >= MARKING || (wall - i128::from(steady)).unsigned_abs() > u128::from(JUMP)
}

/// The steady clock of a running agent; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    steady: Steady,
    /// The zero of the monotonic clock.
    origin: Instant,
}

impl Clock {
    /// Goes on from what the store has, which has a mark of this start when this returns.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn resume(store: &Store) -> Result<Self, store::Error> {
        let saved = store.steady_mark().await?;
        let clock = Self::from(Steady::resume(saved, clock::unix_ms(), 0));
        store.set_steady_mark(clock.mark()).await?;
        Ok(clock)
    }

    /// Milliseconds of steady time.
    pub(crate) fn now(&self) -> u64 {
        self.0.steady.at(self.monotonic())
    }

    /// This moment, to be saved with a change.
    pub(crate) fn mark(&self) -> Mark {
        self.0.steady.mark(clock::unix_ms(), self.monotonic())
    }

    /// Saves marks while nothing changes, until the store closes.
    pub(crate) async fn keep(self, store: Store) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = self.mark();
        loop {
            tick.tick().await;
            let now = self.mark();
            if !is_due(last, now) {
                continue;
            }
            match store.set_steady_mark(now).await {
                Ok(()) => last = now,
                Err(store::Error::Closed) => return,
                Err(error) => tracing::warn!(%error, "the time that tasks have taken is not on the disk"),
            }
        }
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.0.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl From<Steady> for Clock {
    fn from(steady: Steady) -> Self {
        Self(Arc::new(Inner { steady, origin: Instant::now() }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 24 * 3600 * 1000;
    const NOON: u64 = 1_800_000_000_000;

    #[test]
    fn the_first_start_begins_at_nothing() {
        let steady = Steady::resume(None, NOON, 7);
        assert_eq!(steady.at(7), 0);
        assert_eq!(steady.at(1_007), 1_000);
    }

    #[test]
    fn jumps_of_a_day_while_it_runs_move_nothing() {
        let steady = Steady::resume(Some(Mark { steady: 500, wall: NOON }), NOON, 0);
        for wall in [NOON, NOON + DAY, NOON - DAY, 0, u64::MAX] {
            assert_eq!(steady.mark(wall, 2_000), Mark { steady: 2_500, wall });
        }
    }

    #[test]
    fn a_jump_that_was_marked_is_not_credited_at_the_next_start() {
        let before = Steady::resume(Some(Mark { steady: 500, wall: NOON }), NOON, 0);
        for jumped in [NOON + DAY, NOON - DAY] {
            let mark = before.mark(jumped, 2_000);
            assert!(is_due(Mark { steady: 500, wall: NOON }, mark), "it is marked at once");
            let after = Steady::resume(Some(mark), jumped + 3_000, 0);
            assert_eq!(after.at(0), 5_500);
        }
    }

    #[test]
    fn the_time_that_it_was_down_is_credited_and_never_taken_away() {
        let mark = Mark { steady: 9_000, wall: NOON };
        assert_eq!(Steady::resume(Some(mark), NOON + DAY, 0).at(0), 9_000 + DAY);
        assert_eq!(Steady::resume(Some(mark), NOON - DAY, 0).at(0), 9_000);
        assert_eq!(Steady::resume(Some(Mark { steady: u64::MAX, wall: 0 }), NOON, 0).at(1), u64::MAX);
    }

    #[test]
    fn marks_are_due_every_minute_and_after_jumps_alone() {
        let last = Mark { steady: 0, wall: NOON };
        assert!(!is_due(last, Mark { steady: 59_000, wall: NOON + 59_000 }));
        assert!(!is_due(last, Mark { steady: 59_000, wall: NOON + 59_900 }), "clocks drift");
        assert!(is_due(last, Mark { steady: 60_000, wall: NOON + 60_000 }));
        assert!(is_due(last, Mark { steady: 0, wall: NOON + 1_001 }));
        assert!(is_due(last, Mark { steady: 0, wall: NOON - 1_001 }));
    }

    #[tokio::test]
    async fn it_goes_on_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("airway.db");
        let store = Store::open(&path).unwrap();
        assert!(Clock::resume(&store).await.unwrap().now() < DAY);
        let (steady, wall) = (5 * DAY, clock::unix_ms() - DAY);
        store.set_steady_mark(Mark { steady, wall }).await.unwrap();
        // One of before, which was on its way meanwhile.
        store.set_steady_mark(Mark { steady: 1, wall: 0 }).await.unwrap();
        store.close().await;
        let store = Store::open(&path).unwrap();
        let clock = Clock::resume(&store).await.unwrap();
        assert!((6 * DAY..7 * DAY).contains(&clock.now()), "{}", clock.now());
        assert!(store.steady_mark().await.unwrap().unwrap().steady >= 6 * DAY);
    }

    proptest! {
        #[test]
        fn it_never_goes_back(runs in prop::collection::vec((any::<u64>(), 0..DAY, any::<u64>()), 1..20)) {
            let (mut mark, mut newest) = (None, 0);
            for (start, ran, end) in runs {
                let steady = Steady::resume(mark, start, 0);
                prop_assert!(steady.at(0) >= newest);
                let saved = steady.mark(end, ran);
                (mark, newest) = (Some(saved), saved.steady);
            }
        }
    }
}
