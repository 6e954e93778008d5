//! Our receipts, page by page, for contacts that ask.

use airway_protocols::{
    agent::AgentId,
    tasks::{Answer, Denied, MAX_RECEIPTS},
};

use super::Polo;
use crate::store::{self, ReceiptRow};

impl Polo {
    /// The answer to a contact that asks for receipts of two agents, or of one that is named twice: then for all that it is
    /// in, in the order in which they came, where the numbers are of that order.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn share(
        &self,
        requester: &AgentId,
        worker: &AgentId,
        after: u64,
    ) -> Result<Answer, store::Error> {
        let me = self.0.me;
        if !self.0.share {
            return Ok(Answer::Denied { code: Denied::NotShared, text: None });
        }
        if ![requester, worker].contains(&&me) {
            // What we were shown is not ours to show.
            return Ok(page(Vec::new(), after));
        }
        if requester == worker {
            let mut rows = self.0.store.receipts(after, Some(true)).await?;
            rows.truncate(MAX_RECEIPTS);
            let last = rows.last().map_or(after, |row| row.seq);
            return Ok(page(rows, last));
        }
        let (one, other) = (*requester.as_bytes(), *worker.as_bytes());
        let most = u32::try_from(MAX_RECEIPTS).unwrap_or(u32::MAX);
        let rows = self.0.store.receipts_of_pair(one, other, after, most).await?;
        let newest = self.0.store.chain_head(one, other).await?;
        Ok(page(rows, newest.map_or(0, |head| head.number)))
    }
}

fn page(rows: Vec<ReceiptRow>, last: u64) -> Answer {
    Answer::Receipts { receipts: rows.into_iter().map(|row| row.is.receipt.into()).collect(), last }
}
