//! One agent's trust in another, as a pure state machine.
//!
//! ```text
//!             ask                    approve, or our own request was there before
//! Stranger ───────► Requested ──┐
//!    │                          ├──────────────────────────────────────────────► Trusted
//!    └────────────► Pending ────┘
//!      hear request                  Stranger ◄── reject, revoke, lapse, said or heard
//! ```
//!
//! Any state can become Blocked, which hears nothing.

use super::{Kind, MAX_GENERATION, StatementId};

mod heard;
mod local;

/// Where one agent stands towards another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is between them.
    #[default]
    Stranger,
    /// We have asked.
    Requested {
        /// Our request.
        request: StatementId,
    },
    /// The other has asked, and nobody has decided.
    Pending {
        /// The other's request.
        request: StatementId,
    },
    /// Each trusts the other.
    Trusted {
        /// The other's request that we accepted, or `None` if the other accepted ours.
        request: Option<StatementId>,
    },
    /// We hear nothing of the other.
    Blocked,
}

/// All that one agent keeps of its trust in another. Stored before anything is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Relation {
    /// Where we stand.
    pub state: State,
    /// The round between the two: the highest that either has said, at most [`MAX_GENERATION`]. A revoke of an earlier
    /// round is stale.
    pub generation: u64,
    /// `at` of the newest statement heard from the other; a request has to be newer.
    pub heard: u64,
}

/// What happens to a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The owner asks the other for trust. Approves the other's request if there is one.
    Ask {
        /// Our request, signed with [`Relation::next_generation`]. Not looked at if this is an approval.
        request: StatementId,
    },
    /// The owner approves the other's request.
    Approve,
    /// The owner rejects the other's request.
    Reject {
        /// Whether the other gets to know.
        tell: bool,
    },
    /// The owner takes back whatever there is: trust, our request, or, without a word, the other's.
    Revoke,
    /// The owner wants to hear nothing more of the other.
    Block,
    /// The owner takes that back.
    Unblock,
    /// The time of what there is has run out: of a request, or of the scopes of trust.
    Lapse,
    /// A valid statement of the other to us has arrived.
    Heard {
        /// [`Statement::kind`](super::Statement::kind).
        kind: Kind,
        /// [`Statement::id`](super::Statement::id).
        id: StatementId,
        /// [`Statement::generation`](super::Statement::generation).
        generation: u64,
        /// [`Statement::at`](super::Statement::at).
        at: u64,
        /// [`Statement::answers`](super::Statement::answers).
        answers: Option<StatementId>,
    },
    /// A request of the other has arrived, with the proof of a ticket of ours that is still good: it is approved at once.
    Vouched {
        /// [`Statement::id`](super::Statement::id).
        id: StatementId,
        /// [`Statement::generation`](super::Statement::generation).
        generation: u64,
        /// [`Statement::at`](super::Statement::at).
        at: u64,
    },
}

/// What comes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The relation from now on. To be stored whatever `change` says: [`Relation::heard`] may have grown.
    pub relation: Relation,
    /// What to say to the other now, in place of whatever it has not taken yet.
    pub say: Option<Say>,
    /// What the owner and the gate have to know.
    pub change: Change,
}

/// What to say to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// The request of [`Event::Ask`].
    Request {
        /// The generation that it was signed with.
        generation: u64,
    },
    /// An accept.
    Accept {
        /// The generation to sign.
        generation: u64,
        /// The request that is accepted.
        answers: StatementId,
    },
    /// A reject.
    Reject {
        /// The generation to sign.
        generation: u64,
        /// The request that is rejected.
        answers: StatementId,
    },
    /// A revoke.
    Revoke {
        /// The generation to sign.
        generation: u64,
        /// The request that began what is over now, or that is taken back.
        answers: Option<StatementId>,
    },
}

/// What has changed for the owner and the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// A request of the other waits to be decided: a first one, or one in place of another.
    Asked,
    /// We have asked.
    Requested,
    /// Each trusts the other now. Also when the other asked anew, and perhaps with other scopes, while we trusted it.
    Trusted,
    /// A request is declined: ours by the other, or the other's by us.
    Rejected,
    /// A request is taken back or has lapsed, ours or the other's.
    Withdrawn,
    /// Trust is over.
    Revoked {
        /// Whether we ended it.
        by_us: bool,
    },
    /// The other is blocked. If it was trusted, that is over.
    Blocked,
    /// The other is a stranger again.
    Unblocked,
    /// The other, trusted already, has accepted again, perhaps with other scopes.
    Granted,
}

/// Why the owner cannot do that now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The other is blocked.
    #[error("the agent is blocked")]
    Blocked,
    /// Each trusts the other already.
    #[error("the agent is trusted already")]
    AlreadyTrusted,
    /// The other has not asked.
    #[error("no request of the agent is pending")]
    NothingPending,
    /// There is neither trust nor a request.
    #[error("there is neither trust nor a request to revoke")]
    NothingToRevoke,
    /// The other is not blocked.
    #[error("the agent is not blocked")]
    NotBlocked,
}

impl Relation {
    /// The generation that our next request is to be signed with.
    #[must_use]
    pub const fn next_generation(&self) -> u64 {
        let next = self.generation.saturating_add(1);
        if next > MAX_GENERATION { MAX_GENERATION } else { next }
    }

    /// Whether the other is trusted.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        matches!(self.state, State::Trusted { .. })
    }

    /// Lets an event happen.
    ///
    /// # Errors
    ///
    /// [`Refused`] for what the owner cannot do now. What is heard is never refused; much of it changes nothing.
    pub fn step(self, event: Event) -> Result<Step, Refused> {
        match event {
            Event::Ask { request } => self.ask(request),
            Event::Approve => self.approve(),
            Event::Reject { tell } => self.reject(tell),
            Event::Revoke => self.revoke(),
            Event::Block => Ok(self.to(State::Blocked, Change::Blocked)),
            Event::Unblock => self.unblock(),
            Event::Lapse => Ok(self.lapse()),
            Event::Heard { kind, id, generation, at, answers } => {
                Ok(self.hear(heard::Heard { kind, id, generation, at, answers, vouched: false }))
            }
            Event::Vouched { id, generation, at } => {
                let kind = Kind::Request;
                Ok(self.hear(heard::Heard { kind, id, generation, at, answers: None, vouched: true }))
            }
        }
    }

    /// A step to `state` without a word.
    const fn to(self, state: State, change: Change) -> Step {
        Step { relation: Self { state, ..self }, say: None, change }
    }

    /// Nothing happens.
    const fn stay(self) -> Step {
        Step { relation: self, say: None, change: Change::None }
    }
}

impl Step {
    /// The same step, with something to say.
    const fn saying(self, say: Say) -> Self {
        Self { say: Some(say), ..self }
    }
}

#[cfg(test)]
mod tests;
