//! Whose tasks are taken, and on what terms.

use airway_protocols::tasks::Denied;

use crate::config::{Policy, Tasks};

/// Tasks of one requester that may be open at once: more would take all places of the others.
const OPEN_OF_ONE: u64 = 100;

/// The same of one that we hardly know.
const OPEN_OF_NEWCOMER: u64 = 3;

/// The most that a receipt of one that we hardly know says: who has not paid yet can promise anything.
const REWARD_OF_NEWCOMER: u64 = 5;

/// Receipts between the two from which on we know it.
const KNOWN: u64 = 3;

/// What a requester may have done here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How many of its tasks may be open at once.
    pub(crate) open: u64,
    /// The most that we claim for one of them.
    pub(crate) max_reward: u64,
}

/// What is known of a requester.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asks {
    /// What it is worth to us, in thousandths.
    pub(super) personal_milli: u64,
    /// What all receipts say of it.
    pub(super) raw: i64,
    /// What they say of us.
    pub(super) our_raw: i64,
    /// How many there are between the two, whoever asked.
    pub(super) receipts: u64,
}

const FRIEND: Terms = Terms { open: OPEN_OF_ONE, max_reward: u64::MAX };
const NEWCOMER: Terms = Terms { open: OPEN_OF_NEWCOMER, max_reward: REWARD_OF_NEWCOMER };

/// On what terms tasks of a requester are taken, by these settings.
///
/// # Errors
/// [`Denied::Score`] if they are not.
pub(super) fn decide(settings: &Tasks, asks: Asks) -> Result<Terms, Denied> {
    let is_welcome = match settings.policy {
        // Whoever says so has looked at its contacts itself.
        Policy::Open => return Ok(FRIEND),
        Policy::Score => asks.personal_milli >= settings.threshold_milli,
        Policy::Pilot => asks.raw >= asks.our_raw,
    };
    match (is_welcome, asks.receipts < KNOWN) {
        (false, _) => Err(Denied::Score),
        (true, true) => Ok(NEWCOMER),
        (true, false) => Ok(FRIEND),
    }
}

#[cfg(test)]
mod tests {
    use Policy::{Open, Pilot, Score};

    use super::*;

    #[test]
    fn terms_follow_from_the_settings_and_from_what_is_known() {
        const NO: Result<Terms, Denied> = Err(Denied::Score);
        // Policy, threshold; personal score, raw score, our raw score, receipts.
        let table = [
            (Score, 0, 0, 0, 0, 0, Ok(NEWCOMER)),
            (Score, 0, 0, -9, 9, 0, Ok(NEWCOMER)),
            (Score, 0, 0, -9, 9, 2, Ok(NEWCOMER)),
            (Score, 0, 0, -9, 9, 3, Ok(FRIEND)),
            (Score, 1_000, 999, 99, 0, 9, NO),
            (Score, 1_000, 1_000, -9, 0, 9, Ok(FRIEND)),
            (Score, 1_000, 1_000, -9, 0, 0, Ok(NEWCOMER)),
            (Pilot, 0, 9_000, -1, 0, 9, NO),
            (Pilot, 0, 0, 0, 0, 0, Ok(NEWCOMER)),
            (Pilot, 0, 0, 5, 5, 3, Ok(FRIEND)),
            (Pilot, 0, 0, 4, 5, 3, NO),
            (Open, 0, 0, -9, 9, 0, Ok(FRIEND)),
        ];
        for (policy, threshold_milli, personal_milli, raw, our_raw, receipts, expected) in table {
            let settings = Tasks { policy, threshold_milli, ..Tasks::default() };
            let asks = Asks { personal_milli, raw, our_raw, receipts };
            assert_eq!(decide(&settings, asks), expected, "{settings:?}, {asks:?}");
        }
    }
}
