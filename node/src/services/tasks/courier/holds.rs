//! What the other has denied for now, and when it is to be said again.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use rand::Rng as _;

use crate::store::TaskKey;

/// Wait before something is said again that was denied for now; doubled each time.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait for room at the other.
const LONGEST_FULL: Duration = Duration::from_secs(60);

/// The longest wait after any other denial.
const LONGEST: Duration = Duration::from_secs(300);

/// What is not said now; no more than what is unsettled.
#[derive(Debug, Default)]
pub(super) struct Holds {
    tasks: HashMap<TaskKey, (u64, Hold)>,
    /// The other has no room: tasks are submitted one at a time, until one is taken.
    full: Option<Hold>,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Instant,
    wait: Duration,
    /// It ends when a receipt is kept, too.
    behind: bool,
}

impl Hold {
    /// The next one after `former`, if there was one.
    fn after(former: Option<Self>, longest: Duration, now: Instant) -> Self {
        let wait = former.map_or(FIRST, |former| (former.wait * 2).min(longest));
        Self { until: now + wait.mul_f64(rand::rng().random_range(0.75..1.25)), wait, behind: false }
    }
}

impl Holds {
    /// Whether this version of a task was denied, and is not to be said yet.
    pub(super) fn holds(&self, key: &TaskKey, version: u64, now: Instant) -> bool {
        self.tasks.get(key).is_some_and(|(held, hold)| *held == version && now < hold.until)
    }

    /// Whether no task is to be submitted yet, for want of room.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.full.is_some_and(|full| now < full.until)
    }

    /// A task is submitted now: where there was no room, others wait for what becomes of it.
    pub(super) fn submits(&mut self, now: Instant) {
        if let Some(full) = &mut self.full {
            full.until = now + full.wait;
        }
    }

    /// This version of a task was denied for now.
    pub(super) fn put(&mut self, key: TaskKey, version: u64, now: Instant) {
        let former = self.tasks.get(&key).filter(|(held, _)| *held == version).map(|(_, hold)| *hold);
        self.tasks.insert(key, (version, Hold::after(former, LONGEST, now)));
    }

    /// The receipt for this version of a task was one that others come before.
    pub(super) fn put_behind(&mut self, key: TaskKey, version: u64, now: Instant) {
        self.put(key, version, now);
        if let Some((_, hold)) = self.tasks.get_mut(&key) {
            hold.behind = true;
        }
    }

    /// A receipt is kept, and the one behind it can be. Each waiting for its own time, one after the other, they would take
    /// as many times as long as there are of them.
    pub(super) fn receipt_kept(&mut self, now: Instant) {
        for (_, hold) in self.tasks.values_mut().filter(|(_, hold)| hold.behind) {
            hold.until = now;
        }
    }

    /// The other has no room for a task.
    pub(super) fn no_room(&mut self, now: Instant) {
        self.full = Some(Hold::after(self.full, LONGEST_FULL, now));
    }

    /// The other has taken what was said of a task. Says whether there is room again, and was none.
    pub(super) fn taken(&mut self, key: &TaskKey, submitted: bool) -> bool {
        self.tasks.remove(key);
        submitted && self.full.take().is_some()
    }

    /// Something is new, and may be that the other has room again: one task may try.
    pub(super) fn may_have_room(&mut self, now: Instant) {
        if let Some(full) = &mut self.full {
            full.until = now;
        }
    }

    /// When the first of them ends; `None` if there is none.
    pub(super) fn next(&self) -> Option<Instant> {
        self.tasks.values().map(|(_, hold)| hold).chain(&self.full).map(|hold| hold.until).min()
    }

    /// Forgets what is not to be said any more, by key and version, and that there is no room, unless something waits for
    /// that alone.
    pub(super) fn keep(&mut self, owed: impl Fn(&TaskKey, u64) -> bool, waits_for_room: bool) {
        self.tasks.retain(|key, (version, _)| owed(key, *version));
        self.full = self.full.filter(|_| waits_for_room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u8) -> TaskKey {
        TaskKey { role: 0, agent: [1; 32], id: [id; 16] }
    }

    #[test]
    fn what_was_denied_waits_longer_each_time_and_something_newer_does_not_wait() {
        let mut holds = Holds::default();
        let mut now = Instant::now();
        let mut last = Duration::ZERO;
        for _ in 0..20 {
            holds.put(key(1), 1, now);
            let until = holds.next().unwrap();
            assert!(holds.holds(&key(1), 1, now));
            assert!(!holds.holds(&key(1), 2, now) && !holds.holds(&key(2), 1, now));
            assert!(!holds.holds(&key(1), 1, until));
            last = until - now;
            now = until;
        }
        assert!(last > LONGEST / 2 && last < LONGEST * 2, "{last:?}");
        assert!(!holds.taken(&key(1), false));
        holds.put(key(1), 1, now);
        assert!(holds.next().unwrap() - now < FIRST * 2, "it begins anew");
    }

    #[test]
    fn receipts_that_others_come_before_wait_for_those_and_no_longer() {
        let (mut holds, now) = (Holds::default(), Instant::now());
        holds.put(key(1), 1, now);
        for _ in 0..3 {
            holds.put_behind(key(2), 1, now);
            assert!(holds.holds(&key(2), 1, now));
            holds.receipt_kept(now);
            assert!(!holds.holds(&key(2), 1, now) && holds.holds(&key(1), 1, now));
        }
    }

    #[test]
    fn where_there_is_no_room_one_task_tries_at_a_time_until_one_is_taken() {
        let (mut holds, now) = (Holds::default(), Instant::now());
        holds.submits(now);
        assert!(!holds.is_full(now), "there is room as far as is known");
        holds.no_room(now);
        assert!(holds.is_full(now) && !holds.holds(&key(1), 0, now));
        holds.may_have_room(now);
        assert!(!holds.is_full(now));
        holds.submits(now);
        assert!(holds.is_full(now));
        assert!(!holds.taken(&key(1), false) && holds.taken(&key(1), true));
        assert!(!holds.is_full(now) && !holds.taken(&key(1), true));
        assert_eq!(holds.next(), None);
        holds.no_room(now);
        holds.put(key(1), 0, now);
        holds.put(key(2), 0, now);
        holds.keep(|held, _| *held == key(2), false);
        assert!(!holds.is_full(now) && !holds.holds(&key(1), 0, now) && holds.holds(&key(2), 0, now));
    }
}
