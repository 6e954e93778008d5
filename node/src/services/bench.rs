//! Measures the way to a contact: round trips, bytes a second each way, new streams a second.
//!
//! Round trips and streams are those of port 7. Bytes are runs of [`perf`], one in each direction.

mod figures;
mod measure;

use std::time::Duration;

use airway_protocols::perf;
pub use figures::{Latency, Report, Streams, Transfer};
pub(crate) use measure::run;

use super::DialError;
use crate::DEFAULT_WAIT;

/// Longest [`Plan::time`]: the contact ends a run after 60 s, the way to its end included.
pub const MAX_TIME: Duration = Duration::from_secs(25);

/// Bytes each way unless told otherwise.
pub const DEFAULT_SIZE: u64 = 64 * 1024 * 1024;

/// How long a measurement may take unless told otherwise.
pub const DEFAULT_TIME: Duration = Duration::from_secs(10);

/// What to measure, and how much of it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What to measure; the order is always the same.
    pub phases: Vec<Phase>,
    /// Bytes in each direction, from 1 to [`perf::MAX_BYTES`].
    pub size: u64,
    /// How long each measurement may take; what was measured by then counts. At most [`MAX_TIME`].
    pub time: Duration,
    /// How long the contact may take for any one answer, dialling included.
    pub wait: Duration,
}

/// Everything, in its usual size.
impl Default for Plan {
    fn default() -> Self {
        Self { phases: Phase::ALL.into(), size: DEFAULT_SIZE, time: DEFAULT_TIME, wait: DEFAULT_WAIT }
    }
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Round trips on an open stream.
    Latency,
    /// Bytes to the contact.
    Up,
    /// Bytes from the contact.
    Down,
    /// New streams.
    Streams,
}

impl Phase {
    /// All of them, in the order in which they are measured.
    pub const ALL: [Self; 4] = [Self::Latency, Self::Up, Self::Down, Self::Streams];
}

/// How far a measurement is. It may end before all is done, when its time is over.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Which one.
    pub phase: Phase,
    /// Bytes, round trips or streams so far.
    pub done: u64,
    /// All that there will be.
    pub total: u64,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The size is 0 or beyond the limit.
    #[error("{0} bytes cannot be measured: from 1 to {max} can", max = perf::MAX_BYTES)]
    Size(u64),
    /// The time is 0 or beyond the limit.
    #[error("a measurement takes up to {max} seconds, and not none", max = MAX_TIME.as_secs())]
    Time,
    /// The contact could not be reached, or not until the end.
    #[error(transparent)]
    Dial(#[from] DialError),
}

impl Plan {
    /// Checks the limits.
    pub(crate) fn validate(&self) -> Result<(), BenchError> {
        if !(1..=perf::MAX_BYTES).contains(&self.size) {
            return Err(BenchError::Size(self.size));
        }
        if self.time.is_zero() || self.time > MAX_TIME {
            return Err(BenchError::Time);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_keeps_to_the_limits() {
        let plan = Plan::default();
        assert!(plan.validate().is_ok());
        for size in [0, perf::MAX_BYTES + 1] {
            assert!(matches!(Plan { size, ..plan.clone() }.validate(), Err(BenchError::Size(_))));
        }
        for time in [Duration::ZERO, MAX_TIME + Duration::from_millis(1)] {
            assert!(matches!(Plan { time, ..plan.clone() }.validate(), Err(BenchError::Time)));
        }
    }
}
