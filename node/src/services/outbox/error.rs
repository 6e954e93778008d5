//! Why something was not sent, or is not there yet.

use std::sync::Arc;

use airway_protocols::data::{Answer, Invalid};

use super::super::{files::FileError, reach::DialError};
use crate::store;

/// Why something was not delivered, or is not known to be.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The message breaks a rule; nothing was sent.
    #[error("the message cannot be sent: {0}")]
    Invalid(#[from] Invalid),
    /// The contact was not reached, or did not answer.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact did not take it.
    #[error("{who} did not take it: {}", reason(*answer))]
    Rejected {
        /// Label of the contact.
        who: String,
        /// What it said.
        answer: Answer,
    },
    /// As much waits in our outbox as may.
    #[error("the outbox is full")]
    Full,
    /// Something else waits in our outbox under the same id.
    #[error("something else waits in the outbox under this id")]
    Conflict,
    /// It waited until its time was over.
    #[error("it could not be delivered before it expired")]
    Expired,
    /// It was taken out of the outbox.
    #[error("it was cancelled")]
    Cancelled,
    /// The file to be sent cannot be read, or is not any more what it was.
    #[error(transparent)]
    File(Arc<FileError>),
    /// Our disk failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn reason(answer: Answer) -> &'static str {
    match answer {
        Answer::Stored | Answer::Duplicate => "it did",
        Answer::Conflict => "something else has this id",
        Answer::Quota => "its inbox is full",
        Answer::Invalid => "it finds it invalid",
        Answer::Failed => "it could not store it",
    }
}

impl SendError {
    /// The contact is away: it can be reached later, and then it may well take it.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Dial(DialError::Unreachable { .. } | DialError::Unconfirmed { .. }))
    }

    /// The contact was reached, and refuses.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. } | Self::Dial(DialError::NotTrusted { .. } | DialError::PortClosed { .. })
        )
    }
}
