//! A task at its worker, as a pure state machine.
//!
//! ```text
//!            Accept              Start                Complete
//!   New ───────────► Accepted ──────────► Executing ────────────► Completed ───────────► Succeeded
//!    │                 ▲  │                │  │                        │       Applied
//!    │                 └──┼── Interrupted ─┘  │                        │
//!    ▼ Decline            ▼ Tick              ▼ Fail                   ▼ Fileless, while it is held
//!   Declined            Expired             Failed                   Failed
//! ```
//!
//! What leads where; `–` is [refused](Refused), a blank changes nothing, and an end stays what it is:
//!
//! | event | New | Accepted | Executing | Completed, held | Completed |
//! |---|---|---|---|---|---|
//! | Accept | Accepted | | – | – | – |
//! | Decline | Declined | – | – | – | – |
//! | Stage | | since when | | | |
//! | Start | – | Executing | – | – | – |
//! | Beat, Progress | – | – | alive | – | – |
//! | Complete | – | – | Completed, perhaps held | | |
//! | Delivered | | | | Completed | |
//! | Fileless | | | | Failed | |
//! | Fail | – | Failed | Failed | – | – |
//! | Interrupted, the lease over | – | – | Accepted; once at most: Failed | – | – |
//! | Restarted | | | alive | | |
//! | Cancel | Cancelled | Cancelled | Cancelled | | |
//! | TrustEnded | Cancelled | Cancelled | Cancelled | Cancelled | |
//! | Taken | told | told | told | told | |
//! | Applied | | | | | Succeeded |
//! | Abandoned | Cancelled | Cancelled | Cancelled | Cancelled | Cancelled |
//! | Tick | Cancelled | Expired, Cancelled | Accepted, Failed, Cancelled | | told |
//!
//! Texts, the result and the claim are no part of the machine: they are stored beside it, in the same commit.
//!
//! A [`State`] is what the Agent2Agent protocol calls by [another name](State::a2a): New and Accepted are its submitted,
//! Executing and Completed its working, Succeeded its completed, Declined its rejected, Failed and Expired its failed,
//! Cancelled its canceled.

use serde::{Deserialize, Serialize};

use super::{Execution, Reason, Report, State, TaskId};

mod step;

/// All that decides what may become of a task at its worker. Stored, with what belongs to it, before anybody hears of it.
///
/// Times are milliseconds of a clock of the worker's own that never goes back: see [`super`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Work {
    /// Where it stands: anything but [`State::Submitted`].
    pub state: State,
    /// Why, where the state does not say it.
    pub reason: Option<Reason>,
    /// Changes of which the requester is told. One more with each.
    pub seq: u64,
    /// The last of them that the requester is known to have, or asks for until it has it.
    pub told: u64,
    /// Executions that were begun.
    pub attempt: u32,
    /// How far the execution is, in thousandths.
    pub progress: Option<u16>,
    /// How often it may be executed.
    pub execution: Execution,
    /// Milliseconds from `received` until it is called off.
    pub limit: u64,
    /// When it was received.
    pub received: u64,
    /// Since when it is the first in the queue, if it is.
    pub staged: Option<u64>,
    /// When the execution began, if it is under way.
    pub started: Option<u64>,
    /// When it last changed, or the execution gave a sign of life.
    pub heard: u64,
    /// How long the execution may give none, in milliseconds. `None` is for ever.
    pub lease: Option<u64>,
    /// Whether the result is a file that is still on its way. Until it has arrived nothing is told.
    pub held: bool,
    /// What it has taken so far.
    pub times: Times,
}

/// What a task has taken, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Times {
    /// From when it was received until it was accepted.
    pub idle: u64,
    /// That it was the first in the queue, all times together.
    pub staged: u64,
    /// That the last execution took.
    pub cpu: u64,
}

/// What happens to a task at its worker. An attempt that is named has to be the last one; `None` is whichever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It is taken into the queue.
    Accept,
    /// It is not taken.
    Decline,
    /// It has become the first in the queue.
    Stage,
    /// Somebody begins to work at it.
    Start {
        /// How long without a sign of life until somebody else may, in milliseconds. `None` is for ever.
        lease: Option<u64>,
    },
    /// Whoever works at it is alive.
    Beat {
        /// Which execution.
        attempt: Option<u32>,
    },
    /// Whoever works at it has something to say.
    Progress {
        /// Which execution.
        attempt: Option<u32>,
        /// How far it is, in thousandths. `None` leaves it as it was.
        progress: Option<u16>,
    },
    /// The result is there, durably.
    Complete {
        /// Which execution.
        attempt: Option<u32>,
        /// Whether it is a file that has yet to be delivered.
        held: bool,
    },
    /// The file of the result has been delivered.
    Delivered,
    /// The file of the result cannot be delivered.
    Fileless,
    /// There will be no result.
    Fail {
        /// Which execution.
        attempt: Option<u32>,
    },
    /// Whoever worked at it has gone.
    Interrupted {
        /// Which execution.
        attempt: Option<u32>,
    },
    /// The worker has started anew, and counts from now.
    Restarted,
    /// The requester calls it off, and hears of the state in the answer.
    Cancel {
        /// Why: [`ByRequester`](Reason::ByRequester) or [`Limit`](Reason::Limit).
        reason: Reason,
    },
    /// Time has passed: see [`Work::due`]. Does one thing of those that are due.
    Tick,
    /// One of the two does not trust the other any more.
    TrustEnded,
    /// The requester has taken a report.
    Taken {
        /// The number of that report.
        seq: u64,
    },
    /// The requester has answered the report of the end with a receipt, and this is stored along with it.
    Applied,
    /// The requester has answered a report by [`Denied::Abandoned`], [`Denied::Closed`] or [`Denied::Unknown`].
    ///
    /// [`Denied::Abandoned`]: super::Denied::Abandoned
    /// [`Denied::Closed`]: super::Denied::Closed
    /// [`Denied::Unknown`]: super::Denied::Unknown
    Abandoned,
}

/// Why that cannot happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not where the task stands.
    #[error("the task is {0}")]
    State(State),
    /// Another execution has begun since.
    #[error("attempt {now} has begun since")]
    Attempt {
        /// The last one.
        now: u32,
    },
}

impl Work {
    /// A task that has come, at `now`. Its requester submits it until it hears of its state, so that is no news.
    #[must_use]
    pub const fn new(execution: Execution, limit: u64, now: u64) -> Self {
        Self {
            state: State::New,
            reason: None,
            seq: 1,
            told: 1,
            attempt: 0,
            progress: None,
            execution,
            limit,
            received: now,
            staged: None,
            started: None,
            heard: now,
            lease: None,
            held: false,
            times: Times { idle: 0, staged: 0, cpu: 0 },
        }
    }

    /// A task that is accepted as it comes, at `now`. The answer to the submission says so.
    #[must_use]
    pub const fn accepted(execution: Execution, limit: u64, now: u64) -> Self {
        Self { state: State::Accepted, ..Self::new(execution, limit, now) }
    }

    /// What stands for a task that was called off before it came, at `now`.
    #[must_use]
    pub const fn tombstone(reason: Reason, now: u64) -> Self {
        let nothing = Self::new(Execution::AtLeastOnce, super::MAX_LIMIT, now);
        Self { state: State::Cancelled, reason: Some(reason), ..nothing }
    }

    /// Lets an event happen at `now`; `None` if nothing comes of it.
    ///
    /// # Errors
    ///
    /// [`Refused`] for what whoever works at it, or the owner, cannot do now. What a requester says or time does is never
    /// refused.
    pub fn step(&self, event: Event, now: u64) -> Result<Option<Self>, Refused> {
        let next = self.next(event, now)?;
        Ok((next != *self).then_some(next))
    }

    /// When [`Event::Tick`] next has something to do, if ever.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        self.alarm().map(|(at, _)| at)
    }

    /// Whether the requester has yet to hear something.
    #[must_use]
    pub const fn has_news(&self) -> bool {
        self.told < self.seq
    }

    /// Whether this is the end, and nobody has anything to say about it.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        let over = self.state.is_final() || matches!(self.state, State::Completed) && !self.held;
        over && !self.has_news()
    }

    /// Whether it ended after it had been executed, or in the queue: its end leaves a receipt.
    #[must_use]
    pub const fn leaves_receipt(&self) -> bool {
        match self.state {
            State::Completed | State::Succeeded | State::Expired => true,
            State::Failed => self.attempt > 0,
            _ => false,
        }
    }

    /// Whether it is being executed, and has not been heard of for [`STALLED`](super::STALLED).
    #[must_use]
    pub const fn is_stalled(&self, now: u64) -> bool {
        matches!(self.state, State::Executing) && now.saturating_sub(self.heard) >= super::STALLED
    }

    /// What the requester is told: the caller adds text, output and claim. While the result is a file on its way, that it is
    /// being executed.
    #[must_use]
    pub const fn report(&self, task: TaskId) -> Report {
        let state = if self.held { State::Executing } else { self.state };
        Report {
            task,
            seq: self.seq,
            state,
            attempt: self.attempt,
            reason: self.reason,
            text: None,
            progress: self.progress,
            output: None,
            claim: None,
        }
    }
}
