//! What leads where.

use super::{Event, Refused, Work};
use crate::tasks::{ACCEPT_TIME, Execution, HEAD_TIME, RESULT_RETRY, Reason, State};

/// What time does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// To its end.
    End(State, Reason),
    /// The lease of its execution has lapsed.
    Lapse,
    /// The requester does not take its end.
    Silence,
}

impl Work {
    pub(super) fn next(&self, event: Event, now: u64) -> Result<Self, Refused> {
        match event {
            Event::Accept => self.accept(now),
            Event::Decline => self.decline(now),
            Event::Stage => Ok(self.stage(now)),
            Event::Start { lease } => self.start(lease, now),
            Event::Beat { attempt } => Ok(Self { heard: now, ..*self.executing(attempt)? }),
            Event::Progress { attempt, progress } => self.progress(attempt, progress, now),
            Event::Complete { attempt, held } => self.complete(attempt, held, now),
            Event::Delivered => Ok(self.delivered(now)),
            Event::Fileless => Ok(self.fileless(now)),
            Event::Fail { attempt } => self.fail(attempt, now),
            Event::Interrupted { attempt } => Ok(self.executing(attempt)?.broken_off(now)),
            Event::Restarted => Ok(self.restarted(now)),
            Event::Cancel { reason } => Ok(self.cancel(reason, now)),
            Event::Tick => Ok(self.tick(now)),
            Event::TrustEnded => Ok(self.trust_ended(now)),
            Event::Taken { seq } => Ok(self.taken(seq)),
            Event::Applied => Ok(self.applied()),
            Event::Abandoned => Ok(self.abandoned(now)),
        }
    }

    pub(super) fn alarm(&self) -> Option<(u64, Alarm)> {
        let limit = (self.received.saturating_add(self.limit), Alarm::End(State::Cancelled, Reason::Limit));
        let own = match self.state {
            State::New => Some((
                self.received.saturating_add(ACCEPT_TIME),
                Alarm::End(State::Cancelled, Reason::NotAccepted),
            )),
            State::Accepted => self
                .staged
                .map(|at| (at.saturating_add(HEAD_TIME), Alarm::End(State::Expired, Reason::HeadTooLong))),
            State::Executing => self.lease.map(|lease| (self.heard.saturating_add(lease), Alarm::Lapse)),
            _ if self.has_news() && !self.held => {
                return Some((self.heard.saturating_add(RESULT_RETRY), Alarm::Silence));
            }
            _ => return None,
        };
        Some(own.filter(|(at, _)| *at < limit.0).unwrap_or(limit))
    }

    fn accept(&self, now: u64) -> Result<Self, Refused> {
        match self.state {
            State::New => {
                let mut next = self.to(State::Accepted, None, now);
                next.times.idle = now.saturating_sub(self.received);
                Ok(next)
            }
            State::Accepted => Ok(*self),
            other => Err(Refused::State(other)),
        }
    }

    fn decline(&self, now: u64) -> Result<Self, Refused> {
        match self.state {
            State::New => Ok(self.to(State::Declined, Some(Reason::ByWorker), now)),
            State::Declined => Ok(*self),
            other => Err(Refused::State(other)),
        }
    }

    fn stage(&self, now: u64) -> Self {
        match self.state {
            State::Accepted => Self { staged: self.staged.or(Some(now)), ..*self },
            _ => *self,
        }
    }

    fn start(&self, lease: Option<u64>, now: u64) -> Result<Self, Refused> {
        if self.state != State::Accepted {
            return Err(Refused::State(self.state));
        }
        let attempt = self.attempt.saturating_add(1);
        let begun = self.left_queue(now).to(State::Executing, None, now);
        Ok(Self { attempt, progress: None, started: Some(now), lease, ..begun })
    }

    fn progress(&self, attempt: Option<u32>, progress: Option<u16>, now: u64) -> Result<Self, Refused> {
        let told = self.executing(attempt)?.to(State::Executing, None, now);
        Ok(Self { progress: progress.or(self.progress), ..told })
    }

    fn complete(&self, attempt: Option<u32>, held: bool, now: u64) -> Result<Self, Refused> {
        if matches!(self.state, State::Completed | State::Succeeded) && self.is_last(attempt) {
            return Ok(*self);
        }
        let done = self.executing(attempt)?.stopped(now);
        // What is held is no news yet.
        let next = if held {
            Self { state: State::Completed, ..done }
        } else {
            done.to(State::Completed, None, now)
        };
        Ok(Self { held, heard: now, ..next })
    }

    fn delivered(&self, now: u64) -> Self {
        if self.held { Self { held: false, ..self.to(State::Completed, None, now) } } else { *self }
    }

    const fn fileless(&self, now: u64) -> Self {
        if self.held {
            Self { held: false, ..self.to(State::Failed, Some(Reason::File), now) }
        } else {
            *self
        }
    }

    fn fail(&self, attempt: Option<u32>, now: u64) -> Result<Self, Refused> {
        match self.state {
            State::Accepted | State::Executing if self.is_last(attempt) => {
                Ok(self.left_queue(now).stopped(now).to(State::Failed, Some(Reason::ByWorker), now))
            }
            State::Failed if self.is_last(attempt) => Ok(*self),
            State::Accepted | State::Executing => Err(Refused::Attempt { now: self.attempt }),
            other => Err(Refused::State(other)),
        }
    }

    /// The execution is over without a result.
    fn broken_off(&self, now: u64) -> Self {
        let stopped = self.stopped(now);
        match self.execution {
            Execution::AtLeastOnce => Self { progress: None, ..stopped.to(State::Accepted, None, now) },
            Execution::AtMostOnce => stopped.to(State::Failed, Some(Reason::Interrupted), now),
        }
    }

    const fn restarted(&self, now: u64) -> Self {
        match self.state {
            State::Executing => Self { heard: now, ..*self },
            _ => *self,
        }
    }

    const fn cancel(&self, reason: Reason, now: u64) -> Self {
        match self.state {
            // The requester asks until it has heard.
            State::New | State::Accepted | State::Executing => {
                self.to(State::Cancelled, Some(reason), now).known()
            }
            _ => *self,
        }
    }

    fn tick(&self, now: u64) -> Self {
        match self.alarm() {
            Some((at, alarm)) if at <= now => match alarm {
                Alarm::End(state, reason) => self.left_queue(now).stopped(now).to(state, Some(reason), now),
                Alarm::Lapse => self.broken_off(now),
                Alarm::Silence => self.known(),
            },
            _ => *self,
        }
    }

    const fn trust_ended(&self, now: u64) -> Self {
        match self.state {
            state if state.is_final() => self.known(),
            // The requester may have applied the result, and says so if the two come to trust each other again.
            State::Completed if !self.held => *self,
            _ => Self { held: false, ..self.to(State::Cancelled, Some(Reason::TrustEnded), now) }.known(),
        }
    }

    fn taken(&self, seq: u64) -> Self {
        // A result is taken with a receipt alone.
        if self.state == State::Completed && seq >= self.seq {
            return *self;
        }
        Self { told: self.told.max(seq.min(self.seq)), ..*self }
    }

    const fn applied(&self) -> Self {
        match self.state {
            State::Completed if !self.held => Self { state: State::Succeeded, ..*self }.known(),
            state if state.is_final() => self.known(),
            _ => *self,
        }
    }

    const fn abandoned(&self, now: u64) -> Self {
        match self.state {
            state if state.is_final() => self.known(),
            _ => Self { held: false, ..self.to(State::Cancelled, Some(Reason::Abandoned), now) }.known(),
        }
    }

    /// The requester has nothing more to hear.
    const fn known(&self) -> Self {
        Self { told: self.seq, ..*self }
    }

    /// A change of which the requester is told.
    const fn to(&self, state: State, reason: Option<Reason>, now: u64) -> Self {
        let (staged, started) = match state {
            State::Accepted => (self.staged, None),
            State::Executing => (None, self.started),
            _ => (None, None),
        };
        Self { state, reason, staged, started, seq: self.seq.saturating_add(1), heard: now, ..*self }
    }

    /// The task, if it is being executed and this is the last execution.
    fn executing(&self, attempt: Option<u32>) -> Result<&Self, Refused> {
        match self.state {
            State::Executing if self.is_last(attempt) => Ok(self),
            State::Executing => Err(Refused::Attempt { now: self.attempt }),
            other => Err(Refused::State(other)),
        }
    }

    fn is_last(&self, attempt: Option<u32>) -> bool {
        attempt.is_none_or(|attempt| attempt == self.attempt)
    }

    /// Adds the time that it was the first in the queue, if it is.
    fn left_queue(&self, now: u64) -> Self {
        let mut next = Self { staged: None, ..*self };
        next.times.staged =
            next.times.staged.saturating_add(self.staged.map_or(0, |at| now.saturating_sub(at)));
        next
    }

    /// Takes the time of the execution, if there is one.
    fn stopped(&self, now: u64) -> Self {
        let mut next = Self { started: None, lease: None, ..*self };
        if let Some(started) = self.started {
            next.times.cpu = now.saturating_sub(started);
        }
        next
    }
}

#[cfg(test)]
mod tests;
