//! How long a task took, in three parts.

use super::{Outcome, reward};

/// Three durations in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// From the arrival of the task until it was accepted.
    pub idle: u64,
    /// At the head of the queue.
    pub staged: u64,
    /// At work.
    pub cpu: u64,
}

impl Times {
    /// What the requester makes of claimed times by what it has seen itself: never to the advantage of the worker.
    #[must_use]
    pub fn clamped(self, idle_at_least: u64, cpu_at_most: u64) -> Self {
        Self { idle: self.idle.max(idle_at_least), staged: self.staged, cpu: self.cpu.min(cpu_at_most) }
    }

    /// Whether these may be what a requester has made of `claimed`.
    #[must_use]
    pub const fn is_clamped(&self, claimed: &Self) -> bool {
        self.idle >= claimed.idle && self.staged >= claimed.staged && self.cpu <= claimed.cpu
    }

    /// What is paid for them.
    #[must_use]
    pub fn reward(&self, outcome: Outcome, max_reward: u64) -> u64 {
        match outcome {
            Outcome::Success => reward(self.idle, self.staged, self.cpu).min(max_reward),
            Outcome::Failed | Outcome::Expired => 0,
        }
    }
}
