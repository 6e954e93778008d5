//! Tasks (port 1003): work that one agent has another do, with one result whatever breaks on the way.
//!
//! ```text
//! requester                                            worker
//!   {submit task, body} ─────────────────────────────────►   keeps it, then answers
//!   ◄────────────────────────────── {status New or Accepted}
//!   ◄─────────────────────────────────── {report Executing}   on a stream of the worker's
//!   {taken} ─────────────────────────────────────────────►
//!   ◄───────────────────── {report Completed, output, claim}   the result is durable at the worker
//!   applies the result, and signs the receipt
//!   {receipt} ───────────────────────────────────────────►   Succeeded on both sides
//! ```
//!
//! A stream carries any number of requests, each answered, in their order; whoever opened it need not wait for an answer
//! before it says more. Either side opens streams of its own.
//!
//! **Delivery.** The requester chooses the id and keeps the task before it is sent. What has no answer is said again: the
//! same task submitted again is the same task, and the same report is answered as before. So a lost answer is harmless, and a
//! task is at the worker once, its result at the requester once, and the [receipt](Answer::Receipt) the answer to it.
//!
//! **Who may.** A task is named by its requester, as the connection authenticates it, and its id. Reports are heard from the
//! agent that was given the task, cancellations and queries from the one who gave it; anybody else hears
//! [`Unknown`](Denied::Unknown). What is known of a task is answered whether or not the scopes would allow to submit it now.
//!
//! **Time.** No time of one side decides anything at the other. A limit is a number of milliseconds, which each side counts
//! for itself from when it has the task or knows that the other has it. The machines are given the time of a clock that grows
//! while their agent runs, and by what passed while it did not: one that is set at the wrong moment moves nothing.
//!
//! **States.** [`work::Work`] is a task at its worker, [`order::Order`] the same task at its requester; each is a pure machine
//! whose documentation has the table of what leads where. The requester hears of each change of the worker's under a number
//! that grows, so what is lost, doubled or late does no harm.
//!
//! | limit | why |
//! |---|---|
//! | a frame has at most [`FRAME`] | it is held in memory whole |
//! | a description has at most [`MAX_DESCRIPTION`], what stands with it or with a result [`MAX_INLINE`] | they fit a frame, and a queue of tasks the disk; what is larger is a [file](Content::File) |
//! | a text has at most [`MAX_TEXT`], a claim [`MAX_CLAIM`] | they are kept with each task |
//! | an answer has at most [`MAX_RECEIPTS`] receipts | they fit a frame |
//!
//! | what happens | the opener hears |
//! |---|---|
//! | the scope does not allow to submit, the score is too low | `not allowed`, `score` |
//! | there is no room for the task | `full` |
//! | a request breaks a rule | `invalid` |
//! | the id is of another task | `conflict` |
//! | there is no such task between the two | `unknown` |
//! | a file that is named has not arrived | `no file` |
//! | the requester has given the task up, or heard of another end | `abandoned`, `closed` |
//! | a frame is malformed, or too long | the stream ends |

use libp2p::StreamProtocol;

mod content;
mod exchange;
mod id;
pub mod order;
mod state;
mod submission;
mod wire;
pub mod work;

pub use content::{Attachment, Content};
pub use exchange::{Error, answer, ask, read_answer, receive, write};
pub use id::TaskId;
pub use state::{Reason, State};
pub use submission::{Body, BodyError, Execution, Submission};
pub use wire::{Answer, Denied, Invalid, Report, Request};

pub use crate::id::{NotVersion7, ParseIdError};

/// The protocol behind [`Port::TASKS`](crate::port::Port::TASKS).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/tasks/1.0.0");

/// Cap of a frame, in bytes: the largest task, report and answer that are valid need below 112,000.
pub const FRAME: usize = 128 * 1024;

/// Cap of a description, in bytes of UTF-8.
pub const MAX_DESCRIPTION: usize = 16 * 1024;

/// Cap of what stands with a task or its result, in bytes; what is larger is a file.
pub const MAX_INLINE: usize = 64 * 1024;

/// Cap of the bytes of a task: the largest that is valid needs below 82,200.
pub const MAX_BODY: usize = 96 * 1024;

/// Cap of a text or a reason in words, in bytes of UTF-8.
pub const MAX_TEXT: usize = 1024;

/// Cap of a claim, in bytes of its envelope.
pub const MAX_CLAIM: usize = 512;

/// Receipts in one answer, each of at most 1,024 bytes.
pub const MAX_RECEIPTS: usize = 100;

/// All of a task: its progress is in thousandths.
pub const MAX_PROGRESS: u16 = 1000;

/// How long a task waits to be accepted, in milliseconds.
pub const ACCEPT_TIME: u64 = 60_000;

/// How long a task may be the first in its worker's queue, in milliseconds.
pub const HEAD_TIME: u64 = 60 * 60_000;

/// How long an execution may say nothing before it is shown as stalled, in milliseconds.
pub const STALLED: u64 = 120_000;

/// Least limit of a task, in milliseconds.
pub const MIN_LIMIT: u64 = 1_000;

/// Limit of a task whose requester does not say, in milliseconds: a day.
pub const DEFAULT_LIMIT: u64 = 24 * 60 * 60_000;

/// Greatest limit of a task, in milliseconds: 28 days.
pub const MAX_LIMIT: u64 = 28 * DEFAULT_LIMIT;

/// How long a requester says what the worker does not answer, in milliseconds: 7 days.
pub const SUBMIT_RETRY: u64 = 7 * DEFAULT_LIMIT;

/// How long a worker says a result that the requester does not answer, in milliseconds: 28 days.
pub const RESULT_RETRY: u64 = 28 * DEFAULT_LIMIT;

/// What the two sides' clocks and the way between them are forgiven, in milliseconds, where a requester sets what it saw
/// against what the worker claims.
pub const TOLERANCE: u64 = 5_000;
