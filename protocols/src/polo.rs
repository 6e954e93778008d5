//! Polo: what others have done, by their word and by that of those whom they did it for.
//!
//! ```text
//! worker                                                    requester
//!   claim {task, outcome, times}  ── with the last report ──►  corrects the times, computes the reward, counts on
//!   ◄───────────── receipt {claim, times, reward, seq, prev} ──  one commit with what was applied
//!
//! pair (requester, worker):   receipt 1 ◄─prev─ receipt 2 ◄─prev─ receipt 3 …      one chain, kept by both
//! ```
//!
//! A [`Claim`] is the worker's: what it did for whom, and how long that took. A [`Receipt`] is the requester's, and has
//! the claim inside, so that each finished task leaves one object which both have signed. The requester alone says
//! where a receipt stands in the chain of the pair, since it alone knows what came last: did the worker sign first, a
//! receipt that is corrected would break all behind it that are under way.
//!
//! What anybody can check without asking: both signatures; that times were corrected against the worker alone; that the
//! [reward](reward()) follows from the times; that no number of a chain is missing and each names the one before it.
//! A missing number is a receipt that somebody would rather not show. Whether the end of a chain is missing shows
//! beside what the other of the pair says ([`Head`]). [`verify`] names what it [finds](Finding).
//!
//! What receipts are worth is each agent's own business: two who are in it together can sign any number of them. The
//! *raw* score sums them up, and serves to compare. The *personal* score of an agent is what can flow to it from whoever
//! asks, over at most three steps, each worth no more than the work that was paid on it: see [`Graph`].
//!
//! | limit | why |
//! |---|---|
//! | a claim has at most [`claim::MAX_BYTES`], a receipt [`receipt::MAX_BYTES`] | they are kept for ever |
//! | a number is at most [`MAX_NUMBER`] | every database and every JSON reader has it |
//! | a head names at most [`head::MAX_PAIRS`] pairs | it is held in memory |
//! | an export has at most [`export::MAX_RECEIPTS`] receipts | the same |
//! | a graph has at most [`Graph::MAX_EDGES`] edges | a score is computed while somebody waits |

pub mod claim;
pub mod export;
mod finding;
mod graph;
mod hash;
pub mod head;
mod outcome;
pub mod receipt;
mod reward;
#[cfg(test)]
pub(crate) mod samples;
mod times;
mod verify;

pub use claim::{Claim, Error as ClaimError, Work};
pub use export::{Error as ExportError, Export};
pub use finding::{Code, Finding};
pub use graph::{Entry, Full, Graph, Known, Path, Score, Sum};
pub use hash::{ParseReceiptHashError, ReceiptHash};
pub use head::{Error as HeadError, Head, Tip};
pub use outcome::Outcome;
pub use receipt::{Error as ReceiptError, Place, Receipt};
pub use reward::reward;
pub use times::Times;
pub use verify::verify;

use crate::{agent::AgentId, tasks::TaskId};

/// Largest number in a claim, a receipt and a head: times, durations, rewards and places.
pub const MAX_NUMBER: u64 = crate::trust::MAX_TIME;

/// Who asked and who worked: receipts of the two, in these roles, are one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Who asked, and signs the receipts.
    pub requester: AgentId,
    /// Who worked, and signs the claims.
    pub worker: AgentId,
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} for {}", self.worker.fingerprint(), self.requester.fingerprint())
    }
}
