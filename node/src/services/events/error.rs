//! Why something was not published, or is not subscribed to.

use airway_protocols::events::{self, Denied, Invalid};

use super::{super::reach::DialError, log::AppendError};

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
    /// There is no network whose members could hear it.
    #[error("this agent is in no private network")]
    NoNetwork,
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
    /// There is no network whose members could be heard.
    #[error("this agent is in no private network")]
    NoNetwork,
    /// The agent shuts down.
    #[error("the agent is shutting down")]
    Closed,
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
            Self::Invalid(_) | Self::Untrusted { .. } | Self::NoNetwork | Self::Closed => true,
        }
    }
}
