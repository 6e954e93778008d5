//! Why something was not published, or is not subscribed to.

use airway_protocols::{
    certificate,
    events::{self, Denied, Invalid},
};

use super::{super::reach::DialError, log::AppendError};
use crate::mesh::Outsider;

/// Why an event was not published.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The event breaks a rule; nothing was sent.
    #[error("the event cannot be published: {0}")]
    Invalid(#[from] Invalid),
    /// The contact was not reached, or did not answer. Unless it was not reached at all, it may have the event.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact did not take it.
    #[error("{who} did not take it: {why}")]
    Denied {
        /// Label of the contact.
        who: String,
        /// What it said.
        why: Denied,
    },
    /// There is no network whose members could hear it: the backbone has none, and nobody can say who has a swarm key.
    #[error("this agent is in no network with an authority, whose members could hear it")]
    NoNetwork,
    /// Our membership of the network is over.
    #[error("this agent is a member no more: {0}")]
    NoMember(certificate::Invalid),
    /// So much was broadcast lately that members would pass on no more, and the time was over before that changed.
    #[error("this agent broadcasts more than members pass on")]
    TooMany,
    /// No member was reached in time.
    #[error("no member of the network was reached")]
    NobodyReached,
}

impl From<AppendError> for PublishError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Invalid(events::Error::Invalid(invalid)) => invalid.into(),
            // Neither happens to an event of our own: its parts are valid, and it may use all topics.
            AppendError::Topics | AppendError::Invalid(_) => {
                Self::Denied { who: "this agent".into(), why: Denied::Full }
            }
        }
    }
}

impl From<Outsider> for PublishError {
    fn from(why: Outsider) -> Self {
        match why {
            Outsider::NoNetwork | Outsider::Left => Self::NoNetwork,
            Outsider::Over(why) => Self::NoMember(why),
        }
    }
}

/// Why there is no subscription, or none any more.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// It breaks a rule; nothing was sent.
    #[error("this cannot be subscribed to: {0}")]
    Invalid(#[from] Invalid),
    /// The contact was not reached, or does not serve us.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact does not grant it.
    #[error("{who} does not grant the subscription: {why}")]
    Denied {
        /// Label of the contact.
        who: String,
        /// What it said.
        why: Denied,
    },
    /// The contact is none any more: our owner has ended the trust.
    #[error("{who} is not trusted any more")]
    Untrusted {
        /// Label of the contact that it was.
        who: String,
    },
    /// There is no network whose members could be heard: the backbone has none, and nobody can say who has a swarm key.
    #[error("this agent is in no network with an authority, whose members could be heard")]
    NoNetwork,
    /// Our membership of the network is over.
    #[error("this agent is a member no more: {0}")]
    NoMember(certificate::Invalid),
    /// We have left the network, and it is another one's events that would follow.
    #[error("this agent has left the network")]
    Left,
    /// The agent shuts down.
    #[error("the agent is shutting down")]
    Closed,
}

impl From<Outsider> for SubscribeError {
    fn from(why: Outsider) -> Self {
        match why {
            Outsider::NoNetwork => Self::NoNetwork,
            Outsider::Over(why) => Self::NoMember(why),
            Outsider::Left => Self::Left,
        }
    }
}

impl SubscribeError {
    /// Whether it is of no use to ask again: the contact is there, and says no.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Dial(error) => matches!(
                error,
                DialError::NotTrusted { .. } | DialError::PortClosed { .. } | DialError::Unsupported { .. }
            ),
            Self::Denied { why, .. } => *why != Denied::Full,
            Self::Invalid(_)
            | Self::Untrusted { .. }
            | Self::NoNetwork
            | Self::NoMember(_)
            | Self::Left
            | Self::Closed => true,
        }
    }
}
