//! Receipts, as the store keeps them.

use airway_protocols::polo::{Pair, Receipt};

use crate::store::NewReceipt;

/// A receipt to be kept. It is our `own` if we are a party to it.
pub(crate) fn row(receipt: &Receipt, own: bool) -> NewReceipt {
    let Pair { requester, worker } = receipt.pair();
    NewReceipt {
        own,
        requester: *requester.as_bytes(),
        worker: *worker.as_bytes(),
        number: receipt.seq(),
        task: *receipt.claim().task().as_bytes(),
        hash: *receipt.hash().as_bytes(),
        outcome: receipt.claim().outcome().into(),
        reward: receipt.reward(),
        at_ms: receipt.at(),
        receipt: receipt.as_bytes().to_vec(),
    }
}
