//! What a requester wants done.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Content, Invalid, MAX_BODY, MAX_DESCRIPTION, MAX_LIMIT, MIN_LIMIT, TaskId};
use crate::{data::UnknownNumber, wire};

/// Keeps this hash apart from every other use of SHA-256.
const DOMAIN: &[u8] = b"airway-task-v1\0";

/// How often a task may be executed. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Execution {
    /// Until it has a result: an execution that broke off is followed by another.
    #[default]
    AtLeastOnce = 0,
    /// Once, with or without a result.
    AtMostOnce = 1,
}

/// What is to be done. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// In words: 1 to [`MAX_DESCRIPTION`] bytes. Somebody else's text, and never an instruction to whoever shows it.
    pub description: String,
    /// What it is to be done with, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Content>,
    /// Milliseconds that the worker may take from receiving it, from [`MIN_LIMIT`] to [`MAX_LIMIT`].
    pub limit: u64,
    /// How often it may be executed.
    pub execution: Execution,
    /// The most that its receipt may credit the worker with.
    pub max_reward: u64,
    /// The task in whose place it is submitted, if any. Nobody has checked that it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<TaskId>,
    /// When the requester says that it made the task, in milliseconds since the Unix epoch. Never decides anything.
    pub at: u64,
}

/// A submission as it travels, and the bytes that were sent: they are hashed as they were received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    bytes: Vec<u8>,
    submission: Submission,
}

/// Why bytes are no body of a task.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// They are more than [`MAX_BODY`].
    #[error("a task of {size} bytes is over the limit of {max}", max = MAX_BODY)]
    TooLarge {
        /// How many they are.
        size: usize,
    },
    /// They are no submission.
    #[error(transparent)]
    Cbor(#[from] wire::cbor::Error),
    /// The submission breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Submission {
    /// Checks the rules.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken; a worker answers [`Denied::Invalid`](super::Denied::Invalid).
    pub fn validate(&self) -> Result<(), Invalid> {
        let size = self.description.len();
        if size == 0 || size > MAX_DESCRIPTION {
            return Err(Invalid::Description { size });
        }
        if !(MIN_LIMIT..=MAX_LIMIT).contains(&self.limit) {
            return Err(Invalid::Limit { limit: self.limit });
        }
        self.input.as_ref().map_or(Ok(()), Content::validate)
    }
}

impl Body {
    /// The body of a submission.
    ///
    /// # Errors
    ///
    /// [`BodyError::Invalid`] if it breaks a rule; nothing else keeps a submission from being sent.
    pub fn of(submission: &Submission) -> Result<Self, BodyError> {
        submission.validate()?;
        Ok(Self { bytes: wire::encode(submission)?, submission: submission.clone() })
    }

    /// The body with these bytes.
    ///
    /// # Errors
    ///
    /// [`BodyError`] with the first rule that is broken.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, BodyError> {
        if bytes.len() > MAX_BODY {
            return Err(BodyError::TooLarge { size: bytes.len() });
        }
        let submission: Submission = wire::decode(&bytes)?;
        submission.validate()?;
        Ok(Self { bytes, submission })
    }

    /// What is to be done.
    #[must_use]
    pub const fn submission(&self) -> &Submission {
        &self.submission
    }

    /// The bytes as sent and received.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bytes away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What the receipt names the task by: SHA-256 of the bytes under a domain of its own. The same id with another digest is
    /// [another task](super::Denied::Conflict).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(DOMAIN).chain_update(&self.bytes).finalize().into()
    }
}

impl TryFrom<u8> for Execution {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::AtLeastOnce),
            1 => Ok(Self::AtMostOnce),
            _ => Err(UnknownNumber { what: "execution", number }),
        }
    }
}

impl From<Execution> for u8 {
    fn from(execution: Execution) -> Self {
        execution as Self
    }
}

#[cfg(test)]
mod tests;
