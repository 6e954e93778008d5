//! What leads where.

use super::{Event, Order, Refused};
use crate::tasks::{Denied, Reason, Report, SUBMIT_RETRY, State};

/// What time does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Its limit is reached: the worker is asked to stop.
    Limit,
    /// The worker has not answered for too long.
    Unreachable,
    /// The worker is not asked any more to stop.
    Silence,
}

impl Order {
    pub(super) fn next(&self, event: Event<'_>, now: u64) -> Result<Self, Refused> {
        match event {
            Event::Delivered => Ok(Self { held: false, ..*self }),
            Event::Fileless => Ok(self.fileless()),
            Event::Answered(report) => Ok(self.hear(report, now)),
            Event::CancelAnswered(report) => Ok(self.cancel_answered(report, now)),
            Event::Reported(report) => self.reported(report, now),
            Event::Denied(denied) => Ok(self.denied(denied)),
            Event::CancelAsked => self.cancel(now),
            Event::Abandon => self.abandon(now),
            Event::TrustEnded => Ok(self.trust_ended()),
            Event::Tick => Ok(self.tick(now)),
            Event::Applied => self.applied(),
        }
    }

    pub(super) fn alarm(&self) -> Option<(u64, Alarm)> {
        let give_up = |since: u64, alarm| Some((since.saturating_add(SUBMIT_RETRY), alarm));
        match (self.state, self.asking) {
            (state, Some(since)) if state.is_final() => give_up(since, Alarm::Silence),
            (state, None) if state.is_final() => None,
            (_, Some(since)) => give_up(since, Alarm::Unreachable),
            (State::Submitted, None) => give_up(self.created, Alarm::Unreachable),
            (State::Completed, None) => give_up(self.heard, Alarm::Unreachable),
            (_, None) if self.cancelling.is_some() => give_up(self.heard, Alarm::Unreachable),
            (_, None) => {
                Some((self.answered.unwrap_or(self.created).saturating_add(self.limit), Alarm::Limit))
            }
        }
    }

    const fn fileless(&self) -> Self {
        if self.held { self.end(State::Failed, Reason::File) } else { *self }
    }

    /// What the worker says of the state, if it is news.
    fn hear(&self, report: &Report, now: u64) -> Self {
        if self.state.is_final() || report.seq <= self.seq {
            return *self;
        }
        // A worker that has a receipt already shows its result to a requester that has lost it.
        let state = if report.state == State::Succeeded { State::Completed } else { report.state };
        let accepted = (state != State::New).then_some(now);
        let executing = (state == State::Executing).then_some(now);
        Self {
            state,
            reason: report.reason,
            seq: report.seq,
            attempt: report.attempt,
            progress: report.progress,
            held: false,
            answered: self.answered.or(Some(now)),
            accepted: self.accepted.or(accepted),
            executing: self.executing.or(executing),
            heard: now,
            asking: if state.is_final() { None } else { self.asking },
            ..*self
        }
    }

    /// It need not be said again. Whether it is news or not, the worker was heard of.
    fn cancel_answered(&self, report: &Report, now: u64) -> Self {
        let heard = self.hear(report, now);
        if self.asking.is_none() { heard } else { Self { asking: None, heard: now, ..heard } }
    }

    fn reported(&self, report: &Report, now: u64) -> Result<Self, Refused> {
        if !self.state.is_final() || report.seq <= self.seq && !self.is_own_end() {
            return Ok(self.hear(report, now));
        }
        Err(if self.is_own_end() { Refused::Abandoned } else { Refused::Closed(self.state) })
    }

    const fn denied(&self, denied: Denied) -> Self {
        match (self.state, denied) {
            (State::Submitted, Denied::NotAllowed | Denied::Invalid | Denied::Conflict | Denied::Score) => {
                self.end(State::Declined, Reason::Refused)
            }
            _ => *self,
        }
    }

    fn cancel(&self, now: u64) -> Result<Self, Refused> {
        if self.held {
            return Ok(self.end(State::Cancelled, Reason::ByRequester));
        }
        match self.state {
            state if state.is_final() => Err(Refused::Over(state)),
            _ => Ok(self.asking(Reason::ByRequester, now)),
        }
    }

    fn abandon(&self, now: u64) -> Result<Self, Refused> {
        match self.state {
            State::Cancelled if self.reason == Some(Reason::Abandoned) => Ok(*self),
            state if state.is_final() => Err(Refused::Over(state)),
            _ => {
                let asking = if self.held { *self } else { self.asking(Reason::ByRequester, now) };
                Ok(Self { asking: asking.asking, ..asking.end(State::Cancelled, Reason::Abandoned) })
            }
        }
    }

    const fn trust_ended(&self) -> Self {
        if self.state.is_final() {
            Self { asking: None, ..*self }
        } else {
            self.end(State::Cancelled, Reason::TrustEnded)
        }
    }

    fn tick(&self, now: u64) -> Self {
        match self.alarm() {
            Some((at, alarm)) if at <= now => match alarm {
                Alarm::Limit => self.asking(Reason::Limit, now),
                Alarm::Unreachable => self.end(State::Cancelled, Reason::Unreachable),
                Alarm::Silence => Self { asking: None, ..*self },
            },
            _ => *self,
        }
    }

    const fn applied(&self) -> Result<Self, Refused> {
        match self.state {
            State::Completed => Ok(Self { state: State::Succeeded, reason: None, asking: None, ..*self }),
            state => Err(Refused::NoResult(state)),
        }
    }

    /// The worker is asked to stop, if it was not asked before.
    fn asking(&self, reason: Reason, now: u64) -> Self {
        match self.cancelling {
            Some(_) => *self,
            None => Self { cancelling: Some(reason), asking: Some(now), ..*self },
        }
    }

    /// An end that is made here.
    const fn end(&self, state: State, reason: Reason) -> Self {
        Self { state, reason: Some(reason), held: false, asking: None, ..*self }
    }

    /// Whether it ended here without the worker's word.
    const fn is_own_end(&self) -> bool {
        matches!(
            (self.state, self.reason),
            (State::Declined, Some(Reason::Refused))
                | (State::Cancelled, Some(Reason::TrustEnded | Reason::Unreachable | Reason::Abandoned))
        )
    }
}

#[cfg(test)]
mod tests;
