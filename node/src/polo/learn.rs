//! Receipts of others, taken in.

use airway_protocols::{
    agent::AgentId,
    polo::{Pair, Receipt},
};

use super::{Polo, row::row};
use crate::store;

/// Receipts that are taken in of one agent at a time: as much as a file with all of an agent that has been busy for years,
/// and a tenth of what is kept of all.
pub(crate) const MAX_OF_ONE: usize = 10_000;

/// Receipts that go to the disk in one commit.
const AT_ONCE: usize = 500;

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learnt {
    /// Receipts that were shown and are in order, at most 10,000.
    pub receipts: u64,
    /// How many of them were not here before.
    pub new: u64,
}

impl Polo {
    /// Takes in receipts that an agent has shown: of its own alone, and none that we are in, of which we have ours. Whether
    /// it is trusted is for the caller to see to.
    ///
    /// # Errors
    /// If the database fails; some may have been taken in.
    pub(crate) async fn learn(
        &self,
        of: &AgentId,
        receipts: impl IntoIterator<Item = Receipt>,
    ) -> Result<Learnt, store::Error> {
        let is_of = |pair: &Pair, agent: &AgentId| pair.requester == *agent || pair.worker == *agent;
        let fits = |receipt: &Receipt| is_of(&receipt.pair(), of) && !is_of(&receipt.pair(), &self.0.me);
        let rows: Vec<_> =
            receipts.into_iter().filter(fits).take(MAX_OF_ONE).map(|receipt| row(&receipt, false)).collect();
        let mut learnt = Learnt { receipts: rows.len() as u64, new: 0 };
        for rows in rows.chunks(AT_ONCE) {
            learnt.new += self.0.store.receipts_learn(rows.to_vec()).await? as u64;
        }
        Ok(learnt)
    }
}
