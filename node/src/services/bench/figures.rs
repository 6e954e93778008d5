//! What was measured.

use std::time::Duration;

use crate::Connection;

/// All figures; `None` for what was not to be measured.
#[derive(Debug, Clone)]
pub struct Report {
    /// The connection that carried the first stream; `None` if it is gone already.
    pub connection: Option<Connection>,
    /// Round trips on an open stream.
    pub latency: Option<Latency>,
    /// Bytes to the contact, until it had counted them.
    pub up: Option<Transfer>,
    /// Bytes from the contact, from the first to the last.
    pub down: Option<Transfer>,
    /// New streams, from the opening to the answer.
    pub streams: Option<Streams>,
}

/// Round trips of 64 bytes, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// How many there were.
    pub count: u64,
    /// The shortest.
    pub min: Duration,
    /// Half of them took no longer.
    pub p50: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

/// Bytes in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes that arrived.
    pub bytes: u64,
    /// How long they took.
    pub elapsed: Duration,
}

/// Streams that were opened and carried one byte there and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Streams {
    /// A second, when each waits for the one before it.
    pub one_at_a_time: f64,
    /// A second, with [`AT_ONCE`](Self::AT_ONCE) under way.
    pub at_once: f64,
}

impl Latency {
    /// The figures of these round trips, if there are any.
    pub(super) fn of(mut trips: Vec<Duration>) -> Option<Self> {
        trips.sort_unstable();
        // The nearest rank: a figure that was really measured.
        let rank =
            |percent: usize| trips.get((trips.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let (min, max) = (*trips.first()?, *trips.last()?);
        Some(Self { count: trips.len() as u64, min, p50: rank(50)?, p99: rank(99)?, max })
    }
}

impl Transfer {
    /// Bytes that took so long, which is never no time at all.
    pub(super) fn new(bytes: u64, elapsed: Duration) -> Self {
        Self { bytes, elapsed: elapsed.max(Duration::from_micros(1)) }
    }

    /// Bytes a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        per_second(self.bytes, self.elapsed)
    }
}

impl Streams {
    /// Streams under way at once, in the second of the two measurements.
    pub const AT_ONCE: usize = 32;
}

/// How many of something a second.
pub(super) fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.max(Duration::from_micros(1)).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_round_trips_that_were_measured() {
        let ms = Duration::from_millis;
        let of = |trips: &[u64]| Latency::of(trips.iter().copied().map(ms).collect());
        assert_eq!(of(&[]), None);
        let one = Latency { count: 1, min: ms(7), p50: ms(7), p99: ms(7), max: ms(7) };
        assert_eq!(of(&[7]), Some(one));
        let hundred: Vec<_> = (1..=100).rev().collect();
        let figures = Latency { count: 100, min: ms(1), p50: ms(50), p99: ms(99), max: ms(100) };
        assert_eq!(of(&hundred), Some(figures));
    }

    #[test]
    fn a_rate_is_finite_however_short_the_time() {
        assert_eq!(Transfer::new(1000, Duration::from_millis(500)).rate(), 2000.0);
        assert!(Transfer::new(u64::MAX, Duration::ZERO).rate().is_finite());
    }
}
