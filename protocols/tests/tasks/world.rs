//! A task at both sides, and everything that was ever said about it.

use std::collections::BTreeSet;

use airway_protocols::tasks::{
    Execution, Reason, Report, State, TaskId,
    order::{self, Ask, Order},
    work::{self, Work},
};

/// The limit of the task, in milliseconds: it ends before the head of the queue does in some runs, and after in others.
pub(crate) const LIMIT: u64 = 3 * 60 * 60_000;

/// How long an executor has a lease for, in milliseconds.
pub(crate) const LEASE: u64 = 30_000;

/// What is said, and may arrive at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Said {
    Submit,
    Cancel(Reason),
    Report(Words),
    /// The answer to a submission or a query.
    Status(Words),
    /// The answer to a cancellation.
    Cancelled(Words),
    Taken(u64),
    Receipt,
    /// The submission is denied.
    Refused,
    /// A report is denied.
    Abandoned,
}

/// A report without what decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Words {
    pub(crate) seq: u64,
    pub(crate) state: State,
    attempt: u32,
    reason: Option<Reason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) order: Order,
    pub(crate) work: Option<Work>,
    /// All of it may arrive at any time, any number of times.
    pub(crate) said: BTreeSet<Said>,
    /// What the clocks of requester and worker say.
    pub(crate) clocks: (u64, u64),
    /// Whether the requester trusts the worker, and the other way round.
    pub(crate) trust: (bool, bool),
    /// How often a result was applied.
    pub(crate) applied: u8,
    /// Things that may happen yet.
    pub(crate) deeds: u8,
    pub(crate) execution: Execution,
}

impl World {
    pub(crate) fn new(execution: Execution, held: bool, deeds: u8) -> Self {
        let world = Self {
            order: Order::new(LIMIT, held, 0),
            work: None,
            said: BTreeSet::new(),
            clocks: (0, 0),
            trust: (true, true),
            applied: 0,
            deeds,
            execution,
        };
        world.speaking()
    }

    /// A task that was accepted as it came, and is being executed; nothing has arrived at the requester yet.
    pub(crate) fn executing(execution: Execution, deeds: u8) -> Self {
        let accepted = Self::new(execution, false, deeds).accept_at_once().unwrap();
        accepted.work(work::Event::Start { lease: Some(LEASE) }).unwrap()
    }

    /// The requester lets something happen; `None` if nothing comes of it.
    pub(crate) fn order(&self, event: order::Event<'_>) -> Option<Self> {
        let order = self.order.step(event, self.clocks.0).ok()??;
        Some(Self { order, ..self.clone() }.speaking())
    }

    /// The worker lets something happen; `None` if nothing comes of it.
    pub(crate) fn work(&self, event: work::Event) -> Option<Self> {
        let work = self.work?.step(event, self.clocks.1).ok()??;
        Some(Self { work: Some(work), ..self.clone() }.speaking())
    }

    /// Something that was said arrives, all that comes of it is stored, and the answer is said. `None` if nothing comes of it.
    pub(crate) fn deliver(&self, said: &Said) -> Option<Self> {
        if self.trust != (true, true) {
            return None;
        }
        let next = match *said {
            Said::Submit => self.submitted(),
            Said::Cancel(reason) => self.cancelled(reason),
            Said::Report(words) => self.reported(words),
            Said::Status(words) => self.order(order::Event::Answered(&words.report()))?,
            Said::Cancelled(words) => self.order(order::Event::CancelAnswered(&words.report()))?,
            Said::Refused => self.order(order::Event::Denied(airway_protocols::tasks::Denied::Score))?,
            Said::Taken(seq) => self.work(work::Event::Taken { seq })?,
            Said::Receipt => self.work(work::Event::Applied)?,
            Said::Abandoned => self.work(work::Event::Abandoned)?,
        };
        (next != *self).then_some(next)
    }

    /// At the worker: what is known is answered as it is.
    fn submitted(&self) -> Self {
        let now = self.clocks.1;
        let work = self.work.unwrap_or_else(|| Work::new(self.execution, LIMIT, now));
        Self { work: Some(work), ..self.clone() }.saying(Said::Status(Words::of(&work)))
    }

    /// At the worker: what is not known shall never begin.
    fn cancelled(&self, reason: Reason) -> Self {
        let now = self.clocks.1;
        let work = self.work.map_or_else(
            || Work::tombstone(reason, now),
            |work| work.step(work::Event::Cancel { reason }, now).unwrap().unwrap_or(work),
        );
        Self { work: Some(work), ..self.clone() }.saying(Said::Cancelled(Words::of(&work)))
    }

    /// At the requester: the result is applied with the step, or not at all.
    fn reported(&self, words: Words) -> Self {
        let now = self.clocks.0;
        let Ok(step) = self.order.step(order::Event::Reported(&words.report()), now) else {
            return self.clone().saying(Said::Abandoned);
        };
        let mut world = Self { order: step.unwrap_or(self.order), ..self.clone() };
        if words.state == State::Completed && world.order.state == State::Completed {
            world.order = world.order.step(order::Event::Applied, now).unwrap().unwrap();
            world.applied += 1;
        }
        let receipt = words.state == State::Completed && world.order.state == State::Succeeded;
        world.speaking().saying(if receipt { Said::Receipt } else { Said::Taken(words.seq) })
    }

    /// A worker that does not want the task says so, if it has not taken it before.
    pub(crate) fn refuse(&self) -> Option<Self> {
        let asked = self.said.contains(&Said::Submit) && self.work.is_none();
        asked.then(|| self.clone().saying(Said::Refused))
    }

    /// A worker that accepts what comes does.
    pub(crate) fn accept_at_once(&self) -> Option<Self> {
        let asked = self.said.contains(&Said::Submit) && self.work.is_none() && self.trust == (true, true);
        let work = Work::accepted(self.execution, LIMIT, self.clocks.1);
        let next =
            || Self { work: Some(work), ..self.clone() }.speaking().saying(Said::Status(Words::of(&work)));
        asked.then(next)
    }

    /// Says what is to be said until it is answered, and lets the task be the first in its queue.
    fn speaking(mut self) -> Self {
        match self.order.ask() {
            Some(Ask::Submit) => self = self.saying(Said::Submit),
            Some(Ask::Cancel(reason)) => self = self.saying(Said::Cancel(reason)),
            None => {}
        }
        if let Some(work) = &mut self.work {
            *work = work.step(work::Event::Stage, self.clocks.1).unwrap().unwrap_or(*work);
            if work.has_news() {
                let words = Words::of(work);
                self = self.saying(Said::Report(words));
            }
        }
        self
    }

    fn saying(mut self, said: Said) -> Self {
        self.said.insert(said);
        self
    }
}

impl Words {
    fn of(work: &Work) -> Self {
        let Report { seq, state, attempt, reason, .. } = work.report(task());
        Self { seq, state, attempt, reason }
    }

    fn report(self) -> Report {
        let Self { seq, state, attempt, reason } = self;
        let nothing = Work::new(Execution::AtLeastOnce, LIMIT, 0).report(task());
        Report { seq, state, attempt, reason, ..nothing }
    }
}

/// Which task it is: there is one.
fn task() -> TaskId {
    "018f4d2e-7c3a-7b1e-8d55-0123456789ab".parse().unwrap()
}
