//! Claims and receipts: made where a task ends, and checked against it.

use airway_protocols::{
    agent::AgentId,
    polo::{self, Claim, Outcome, Pair, Place, Receipt, ReceiptHash, Times},
    tasks::{Report, State, order::Observed, work::Work},
};
use libp2p::identity::Keypair;

use super::row;
use crate::{
    clock,
    store::{self, ChainHead, Table, TaskRow},
};

/// Why a claim or a receipt does not fit its task.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error("it is none: {0}")]
    Claim(#[from] polo::claim::Error),
    #[error("it is none: {0}")]
    Receipt(#[from] polo::receipt::Error),
    #[error("it is between other agents")]
    Pair,
    #[error("it is of another task")]
    Task,
    #[error("it is of another result")]
    Output,
    #[error("it is of another end")]
    Outcome,
    #[error("it may credit {claimed}, and the task is worth {worth}")]
    Reward { claimed: u64, worth: u64 },
    #[error("it is of another claim")]
    OtherClaim,
    #[error("it stands at {found} in a chain of {length}")]
    Place { found: u64, length: u64 },
    #[error("it does not follow the one before it")]
    Link,
}

const fn outcome(state: State) -> Option<Outcome> {
    match state {
        State::Completed => Some(Outcome::Success),
        State::Failed => Some(Outcome::Failed),
        State::Expired => Some(Outcome::Expired),
        _ => None,
    }
}

/// Signs what we did for a requester.
pub(super) fn claim(key: &Keypair, row: &TaskRow, work: &Work) -> Result<Vec<u8>, store::Error> {
    let output = row::output(row)?;
    let work = polo::Work {
        requester: AgentId::from_bytes(row.key.agent),
        task: row::id(row)?,
        request: row.digest,
        output: output.map(|output| output.digest()),
        outcome: outcome(work.state).unwrap_or(Outcome::Failed),
        times: Times { idle: work.times.idle, staged: work.times.staged, cpu: work.times.cpu },
        max_reward: row.max_reward,
        at: clock::unix_ms(),
    };
    match Claim::sign(key, work) {
        Ok(claim) => Ok(claim.as_bytes().to_vec()),
        Err(error) => {
            tracing::error!(%error, "a claim could not be signed");
            Err(store::Error::Aborted)
        }
    }
}

/// The claim in a report of the end, checked against our task.
pub(super) fn check_claim(
    me: &AgentId,
    row: &TaskRow,
    report: &Report,
    bytes: &[u8],
) -> Result<Claim, Unfit> {
    let claim = Claim::from_bytes(bytes)?;
    if claim.pair() != (Pair { requester: *me, worker: AgentId::from_bytes(row.key.agent) }) {
        return Err(Unfit::Pair);
    }
    if claim.task() != report.task || *claim.request() != row.digest {
        return Err(Unfit::Task);
    }
    if claim.output().copied() != report.output.as_ref().map(|output| output.digest()) {
        return Err(Unfit::Output);
    }
    if Some(claim.outcome()) != outcome(report.state) {
        return Err(Unfit::Outcome);
    }
    if claim.max_reward() > row.max_reward {
        return Err(Unfit::Reward { claimed: claim.max_reward(), worth: row.max_reward });
    }
    Ok(claim)
}

/// Signs the receipt of a claim, behind the last one that we gave to this worker.
pub(super) fn issue(
    key: &Keypair,
    table: &Table<'_>,
    claim: Claim,
    observed: Observed,
) -> Result<Receipt, store::Error> {
    let Pair { requester, worker } = claim.pair();
    let place = match table.chain(requester.as_bytes(), worker.as_bytes())? {
        None => Place::FIRST,
        Some(ChainHead { number, hash }) => Place { seq: number + 1, prev: ReceiptHash::from_bytes(hash) },
    };
    let times = claim.times().clamped(observed.idle_at_least, observed.cpu_at_most);
    Receipt::issue(key, claim, times, place, clock::unix_ms()).map_err(|error| {
        tracing::error!(%error, "a receipt could not be signed");
        store::Error::Aborted
    })
}

/// A receipt that a requester has given us, checked against its task.
pub(super) fn check(row: &TaskRow, bytes: &[u8]) -> Result<Receipt, Unfit> {
    let receipt = Receipt::from_bytes(bytes)?;
    // Its claim is ours to the byte, and so are agents, task and result.
    let is_ours = row.claim.as_deref().is_some_and(|claim| claim == receipt.claim().as_bytes());
    if is_ours { Ok(receipt) } else { Err(Unfit::OtherClaim) }
}

/// Whether a receipt is the next one of a chain. `Ok(false)` is one behind others that are not here yet.
pub(super) fn follows(receipt: &Receipt, head: Option<ChainHead>) -> Result<bool, Unfit> {
    let (length, last) =
        head.map_or((0, ReceiptHash::NONE), |head| (head.number, ReceiptHash::from_bytes(head.hash)));
    let Place { seq, prev } = receipt.place();
    match seq.checked_sub(length) {
        Some(1) if prev == last => Ok(true),
        Some(1) => Err(Unfit::Link),
        Some(2..) => Ok(false),
        _ => Err(Unfit::Place { found: seq, length }),
    }
}
