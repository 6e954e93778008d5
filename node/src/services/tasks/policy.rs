//! Whom we work for, and for how much.

use airway_protocols::{agent::AgentId, tasks::Denied};

/// Open tasks of one requester: more would take all places of the others.
const OPEN_OF_ONE: u64 = 100;

/// What a requester may have done here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How many of its tasks may be open at once.
    pub(crate) open: u64,
    /// The most that a receipt of it is worth to us.
    pub(crate) max_reward: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { open: OPEN_OF_ONE, max_reward: u64::MAX }
    }
}

/// Decides on what terms a requester that may submit tasks is worked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {}

impl Policy {
    /// The terms for an agent.
    ///
    /// # Errors
    /// [`Denied::Score`] if it is not worked for.
    pub(crate) fn admit(&self, _requester: &AgentId) -> Result<Terms, Denied> {
        Ok(Terms::default())
    }

    /// Whether receipts are shown to contacts.
    pub(crate) fn shares(&self) -> bool {
        false
    }
}
