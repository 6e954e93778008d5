//! Waits between attempts: longer each time, until one succeeds.

use std::time::Duration;

use rand::Rng as _;

/// Wait after the first failure; doubled after each further one.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait.
const MAX: Duration = Duration::from_secs(60);

/// How long to wait after the next failure.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// An attempt failed: how long to wait, give or take a quarter, since two peers that lost each other shall not dial
    /// in step for ever.
    pub(super) fn failed(&mut self) -> Duration {
        let wait = self.0.mul_f64(rand::rng().random_range(0.75..1.25));
        self.0 = (self.0 * 2).min(MAX);
        wait
    }

    /// An attempt succeeded.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}
