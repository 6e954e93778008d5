//! A task at its requester, as a pure state machine.
//!
//! Where the task stands is what the worker last said, by the number of its report. What the requester adds is the end: it
//! alone applies a result, and it may give up what the worker does not answer.
//!
//! | event | Submitted | as the worker says | Completed | an end |
//! |---|---|---|---|---|
//! | Delivered, Fileless, while held | may be sent, Failed | | | |
//! | Answered, CancelAnswered, with more than is known | as it says | as it says | as it says | |
//! | Reported, with more than is known | as it says | as it says | as it says | [denied](Refused::denied) |
//! | Reported, with what is known | | | | the same answer again |
//! | Denied, for good | Declined | | | |
//! | Applied | – | – | Succeeded | – |
//! | CancelAsked | asking; held: Cancelled | asking | asking | – |
//! | Abandon | Cancelled, asking | Cancelled, asking | Cancelled, asking | – |
//! | TrustEnded | Cancelled | Cancelled | Cancelled | asks no more |
//! | Tick | Cancelled | asking, then Cancelled | Cancelled | asks no more |
//!
//! `–` is [refused](Refused), a blank changes nothing. Whoever is [asking](Ask) says the cancellation until it is answered.
//! An end that was made here without the worker's word (Cancelled for [`TrustEnded`](Reason::TrustEnded),
//! [`Unreachable`](Reason::Unreachable) or [`Abandoned`](Reason::Abandoned), Declined for [`Refused`](Reason::Refused)) denies
//! every report; so nothing is applied behind it.
//!
//! Texts, the result and the receipt are no part of the machine: they are stored beside it, in the same commit.

use serde::{Deserialize, Serialize};

use super::{Denied, Reason, Report, State};

mod step;

/// All that decides what may become of a task at its requester. Stored, with what belongs to it, before anybody hears of it.
///
/// Times are milliseconds of a clock of the requester's own that never goes back: see [`super`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Where it stands, as far as is known here.
    pub state: State,
    /// Why, where the state does not say it.
    pub reason: Option<Reason>,
    /// The number of the last report that counted; 0 for none.
    pub seq: u64,
    /// Executions that were begun.
    pub attempt: u32,
    /// How far the execution is, in thousandths.
    pub progress: Option<u16>,
    /// Milliseconds from `answered` until it is called off.
    pub limit: u64,
    /// Whether it waits for its file to be delivered, and has never been sent.
    pub held: bool,
    /// When it was made.
    pub created: u64,
    /// When the worker was first heard of.
    pub answered: Option<u64>,
    /// When it was first heard to be accepted, or to be further.
    pub accepted: Option<u64>,
    /// When it was first heard to be executed.
    pub executing: Option<u64>,
    /// When the worker was last heard of.
    pub heard: u64,
    /// Why it is to be called off, if it is.
    pub cancelling: Option<Reason>,
    /// Since when the worker is asked to, if it has not answered.
    pub asking: Option<u64>,
}

/// What happens to a task at its requester.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The file that goes with it has been delivered: it may be sent.
    Delivered,
    /// The file that goes with it cannot be delivered.
    Fileless,
    /// The worker answers a submission or a query.
    Answered(&'a Report),
    /// The worker answers a cancellation.
    CancelAnswered(&'a Report),
    /// The worker reports.
    Reported(&'a Report),
    /// The worker denies the submission.
    Denied(Denied),
    /// The owner calls it off.
    CancelAsked,
    /// The owner gives it up, whatever the worker says.
    Abandon,
    /// One of the two does not trust the other any more.
    TrustEnded,
    /// Time has passed: see [`Order::due`].
    Tick,
    /// The result is applied and the receipt signed, and this is stored along with both.
    Applied,
}

/// Why that cannot happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The task is over.
    #[error("the task is {0}")]
    Over(State),
    /// There is no result to apply.
    #[error("the task has no result: it is {0}")]
    NoResult(State),
    /// It was given up here without the worker's word: a report is answered [`Denied::Abandoned`].
    #[error("the task was given up")]
    Abandoned,
    /// It has come to another end: a report is answered [`Denied::Closed`].
    #[error("the task has come to another end: it is {0}")]
    Closed(State),
}

/// What a requester saw of the times that a worker claims, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// It was not accepted for at least so long.
    pub idle_at_least: u64,
    /// It was executed for at most so long.
    pub cpu_at_most: u64,
}

impl Order {
    /// A task that is to be submitted, made at `now`. It is `held` if it has a file that has to be delivered before.
    #[must_use]
    pub const fn new(limit: u64, held: bool, now: u64) -> Self {
        Self {
            state: State::Submitted,
            reason: None,
            seq: 0,
            attempt: 0,
            progress: None,
            limit,
            held,
            created: now,
            answered: None,
            accepted: None,
            executing: None,
            heard: now,
            cancelling: None,
            asking: None,
        }
    }

    /// Lets an event happen at `now`; `None` if nothing comes of it.
    ///
    /// A report of which nothing comes was heard before, and is answered as it was: with the receipt, if there is one, or
    /// else [`Taken`](super::Answer::Taken). In [`State::Completed`] whoever has the result applies it, and lets
    /// [`Event::Applied`] happen, in the same commit.
    ///
    /// # Errors
    ///
    /// [`Refused`] for what the owner cannot do now, and for a report that is to be [denied](Refused::denied).
    pub fn step(&self, event: Event<'_>, now: u64) -> Result<Option<Self>, Refused> {
        let next = self.next(event, now)?;
        Ok((next != *self).then_some(next))
    }

    /// When [`Event::Tick`] next has something to do, if ever.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        self.alarm().map(|(at, _)| at)
    }

    /// What is to be said to the worker until it answers, if anything.
    #[must_use]
    pub const fn ask(&self) -> Option<Ask> {
        match (self.asking, self.cancelling, self.state) {
            (Some(_), Some(reason), _) => Some(Ask::Cancel(reason)),
            (_, _, State::Submitted) if !self.held => Some(Ask::Submit),
            _ => None,
        }
    }

    /// Whether this is the end, and nobody has anything to say about it.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.state.is_final() && self.asking.is_none()
    }

    /// What was seen of the times that the worker claims, when its report of the end arrives at `now`.
    #[must_use]
    pub fn observed(&self, now: u64) -> Observed {
        let idle = self.accepted.zip(self.answered).map_or(0, |(accepted, new)| accepted.saturating_sub(new));
        let since = self.executing.or(self.answered).unwrap_or(self.created);
        Observed {
            idle_at_least: idle.saturating_sub(super::TOLERANCE),
            cpu_at_most: now.saturating_sub(since).saturating_add(super::TOLERANCE),
        }
    }
}

/// What a requester says to a worker until it has an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// [`Request::Submit`](super::Request::Submit).
    Submit,
    /// [`Request::Cancel`](super::Request::Cancel) for this reason.
    Cancel(Reason),
}

impl Refused {
    /// How a report is answered that is refused so.
    #[must_use]
    pub const fn denied(self) -> Denied {
        match self {
            Self::Abandoned => Denied::Abandoned,
            Self::Over(_) | Self::NoResult(_) | Self::Closed(_) => Denied::Closed,
        }
    }
}
