//! What the other says.
//!
//! All that an agent says to another is in the order of `at`. Whatever is heard of it voids its older requests: it either
//! stands by them no longer, or has trust already.

use super::{Change, Relation, Say, State, Step};
use crate::trust::{Kind, MAX_GENERATION, StatementId};

/// A statement of the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    pub(super) kind: Kind,
    pub(super) id: StatementId,
    pub(super) generation: u64,
    pub(super) at: u64,
    pub(super) answers: Option<StatementId>,
    /// Whether it came with the proof of a ticket.
    pub(super) vouched: bool,
}

impl Relation {
    pub(super) fn hear(self, heard: Heard) -> Step {
        if self.state == State::Blocked {
            return self.stay();
        }
        let newer = heard.at > self.heard;
        let relation = Self { heard: self.heard.max(heard.at), ..self };
        match heard.kind {
            Kind::Request => relation.hear_request(&heard, newer),
            Kind::Accept => relation.hear_accept(&heard, newer),
            Kind::Reject => relation.hear_reject(&heard, newer),
            Kind::Revoke => relation.hear_revoke(&heard, newer),
        }
    }

    fn hear_request(self, heard: &Heard, newer: bool) -> Step {
        let id = heard.id;
        match self.state {
            State::Trusted { request } if request == Some(id) && heard.at == self.heard => {
                // The last that we have heard: it waits for our accept, which was lost.
                self.stay().saying(Say::Accept { generation: self.generation, answers: id })
            }
            State::Pending { request } if request == id && heard.vouched => self.accept(id),
            _ if !newer => self.stay(),
            // The other has lost its trust, or given it up and told us nothing that arrived.
            State::Trusted { .. } => self.next_round(heard).accept(id),
            State::Requested { .. } => self.same_round(heard).accept(id),
            State::Stranger if heard.vouched => self.next_round(heard).accept(id),
            State::Stranger => self.next_round(heard).to(State::Pending { request: id }, Change::Asked),
            State::Pending { .. } if heard.vouched => self.same_round(heard).accept(id),
            State::Pending { .. } => self.same_round(heard).to(State::Pending { request: id }, Change::Asked),
            State::Blocked => self.stay(),
        }
    }

    fn hear_accept(self, heard: &Heard, newer: bool) -> Step {
        match self.state {
            // An older one may have been revoked since, by what we have heard already.
            State::Requested { request } if newer && heard.answers == Some(request) => {
                self.same_round(heard).to(State::Trusted { request: None }, Change::Trusted)
            }
            // From now on it trusts by our request: what it says about its own is over.
            State::Trusted { .. } if newer => {
                self.same_round(heard).to(State::Trusted { request: None }, Change::Granted)
            }
            _ => self.stay(),
        }
    }

    /// Who rejects does not trust, and has no request of its own.
    fn hear_reject(self, heard: &Heard, newer: bool) -> Step {
        match self.state {
            State::Requested { request } if heard.answers == Some(request) => {
                self.same_round(heard).to(State::Stranger, Change::Rejected)
            }
            State::Pending { .. } | State::Trusted { .. } if newer => self.same_round(heard).is_left(),
            _ => self.stay(),
        }
    }

    fn hear_revoke(self, heard: &Heard, newer: bool) -> Step {
        // By id or generation as well: nobody stays trusted for the wrong time of a clock.
        let counts = |request: Option<StatementId>| {
            newer || heard.answers.is_some() && heard.answers == request || self.is_of_this_round(heard)
        };
        match self.state {
            // By its id alone: others take back requests that crossed ours.
            State::Requested { request } if heard.answers == Some(request) => {
                self.same_round(heard).to(State::Stranger, Change::Rejected)
            }
            State::Pending { request } if counts(Some(request)) => self.same_round(heard).is_left(),
            State::Trusted { request } if counts(request) => self.same_round(heard).is_left(),
            _ => self.stay(),
        }
    }

    /// The other stands by its request or its trust no longer.
    ///
    /// If we trusted it, a request of ours may be on its way to it yet. Our revoke overtakes it, so that the other does not
    /// come to trust us alone. It goes out once for each trust that ends, and is not answered.
    const fn is_left(self) -> Step {
        match self.state {
            State::Trusted { request } => {
                let say = Say::Revoke { generation: self.generation, answers: request };
                self.to(State::Stranger, Change::Revoked { by_us: false }).saying(say)
            }
            _ => self.to(State::Stranger, Change::Withdrawn),
        }
    }

    /// At the largest generation all rounds have the same number, and it tells nothing any more.
    const fn is_of_this_round(&self, heard: &Heard) -> bool {
        heard.generation >= self.generation && self.generation < MAX_GENERATION
    }

    fn same_round(self, heard: &Heard) -> Self {
        Self { generation: self.generation.max(heard.generation).min(MAX_GENERATION), ..self }
    }

    fn next_round(self, heard: &Heard) -> Self {
        Self { generation: self.next_generation(), ..self }.same_round(heard)
    }
}
