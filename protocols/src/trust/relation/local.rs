//! What the owner does, and what time does.

use super::{Change, Refused, Relation, Say, State, Step};
use crate::trust::StatementId;

impl Relation {
    pub(super) fn ask(self, request: StatementId) -> Result<Step, Refused> {
        match self.state {
            State::Stranger | State::Requested { .. } => {
                let generation = self.next_generation();
                let step = Self { generation, ..self }.to(State::Requested { request }, Change::Requested);
                Ok(step.saying(Say::Request { generation }))
            }
            State::Pending { .. } | State::Trusted { .. } => self.approve(),
            State::Blocked => Err(Refused::Blocked),
        }
    }

    pub(super) const fn approve(self) -> Result<Step, Refused> {
        match self.state {
            State::Pending { request } => Ok(self.accept(request)),
            State::Trusted { .. } => Err(Refused::AlreadyTrusted),
            State::Stranger | State::Requested { .. } => Err(Refused::NothingPending),
            State::Blocked => Err(Refused::Blocked),
        }
    }

    /// To trust, by a request of the other.
    pub(super) const fn accept(self, request: StatementId) -> Step {
        let say = Say::Accept { generation: self.generation, answers: request };
        self.to(State::Trusted { request: Some(request) }, Change::Trusted).saying(say)
    }

    pub(super) const fn reject(self, tell: bool) -> Result<Step, Refused> {
        match self.state {
            State::Pending { request } => {
                let step = self.to(State::Stranger, Change::Rejected);
                let say = Say::Reject { generation: self.generation, answers: request };
                Ok(if tell { step.saying(say) } else { step })
            }
            State::Blocked => Err(Refused::Blocked),
            _ => Err(Refused::NothingPending),
        }
    }

    pub(super) const fn revoke(self) -> Result<Step, Refused> {
        let (change, answers) = match self.state {
            State::Trusted { request } => (Change::Revoked { by_us: true }, request),
            State::Requested { request } => (Change::Withdrawn, Some(request)),
            State::Pending { .. } => return Ok(self.to(State::Stranger, Change::Rejected)),
            State::Stranger => return Err(Refused::NothingToRevoke),
            State::Blocked => return Err(Refused::Blocked),
        };
        let say = Say::Revoke { generation: self.generation, answers };
        Ok(self.to(State::Stranger, change).saying(say))
    }

    pub(super) const fn unblock(self) -> Result<Step, Refused> {
        match self.state {
            State::Blocked => Ok(self.to(State::Stranger, Change::Unblocked)),
            _ => Err(Refused::NotBlocked),
        }
    }

    pub(super) const fn lapse(self) -> Step {
        match self.state {
            // Told: the other may come to approve it yet, and would trust us alone.
            State::Requested { request } => {
                let say = Say::Revoke { generation: self.generation, answers: Some(request) };
                self.to(State::Stranger, Change::Withdrawn).saying(say)
            }
            State::Pending { .. } => self.to(State::Stranger, Change::Withdrawn),
            State::Trusted { request } => {
                let say = Say::Revoke { generation: self.generation, answers: request };
                self.to(State::Stranger, Change::Revoked { by_us: true }).saying(say)
            }
            State::Stranger | State::Blocked => self.stay(),
        }
    }
}
