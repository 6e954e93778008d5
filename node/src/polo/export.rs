//! Our receipts, for others to check.

use std::{collections::BTreeMap, io};

use airway_protocols::{
    agent::AgentId,
    polo::{
        Head, HeadError, Pair, ReceiptHash, Tip,
        export::{MAX_RECEIPTS, write_head, write_receipt},
    },
};

use super::Polo;
use crate::{
    clock,
    store::{self, NewReceipt},
};

/// Why our receipts were not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// There are more than a file may have.
    #[error("there are too many receipts for one file")]
    TooMany,
    /// Our key did not sign, or there are too many pairs.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// They were not written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Polo {
    /// A file with all receipts that we are in, or those with one agent.
    ///
    /// # Errors
    /// If there are too many, or the database fails.
    pub(crate) async fn export(&self, with: Option<AgentId>) -> Result<Vec<u8>, WriteError> {
        let rows = self.own(with).await?;
        let tips = rows.iter().map(|(place, row)| (place.0, tip(place, row)));
        // Of each pair the last one stays.
        let tips: BTreeMap<Pair, Tip> = tips.collect();
        let head = Head::sign(&self.0.own.keypair(), tips.into_values().collect(), with, clock::unix_ms())?;
        let mut file = Vec::new();
        write_head(&mut file, &head)?;
        for row in rows.values() {
            write_receipt(&mut file, &row.receipt)?;
        }
        Ok(file)
    }

    /// Our receipts, by pair and number.
    async fn own(&self, with: Option<AgentId>) -> Result<BTreeMap<(Pair, u64), NewReceipt>, WriteError> {
        let (mut all, mut after) = (BTreeMap::new(), 0);
        loop {
            let page = self.0.store.receipts(after, Some(true)).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.seq;
            for row in page.into_iter().map(|row| row.is) {
                let pair = Pair {
                    requester: AgentId::from_bytes(row.requester),
                    worker: AgentId::from_bytes(row.worker),
                };
                if with.is_none_or(|with| pair.requester == with || pair.worker == with) {
                    all.insert((pair, row.number), row);
                }
            }
            if all.len() > MAX_RECEIPTS {
                return Err(WriteError::TooMany);
            }
        }
    }
}

fn tip((Pair { requester, worker }, seq): &(Pair, u64), row: &NewReceipt) -> Tip {
    Tip { requester: *requester, worker: *worker, seq: *seq, hash: ReceiptHash::from_bytes(row.hash) }
}
