//! What is wrong with receipts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Pair, TaskId};
use crate::agent::AgentId;

/// Something that receipts which are in order do not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A line is no part of an export, or what is in it breaks a rule that has no finding of its own.
    #[error("line {line}: {why}")]
    Malformed {
        /// Counted from 1.
        line: u64,
        /// What is wrong there.
        why: String,
    },
    /// A signature is missing or does not fit.
    #[error("line {line}: {why}")]
    Signature {
        /// Counted from 1.
        line: u64,
        /// Whose.
        why: String,
    },
    /// A reward does not follow from its times.
    #[error("line {line}: a reward of {found} where {expected} is due")]
    Reward {
        /// Counted from 1.
        line: u64,
        /// What the receipt says.
        found: u64,
        /// What follows from its times.
        expected: u64,
    },
    /// Times were corrected to the advantage of the worker.
    #[error("line {line}: the times of the receipt are better than those of the claim")]
    Clamp {
        /// Counted from 1.
        line: u64,
    },
    /// Receipts are missing inside of a chain, or at its beginning.
    #[error("{pair}: nothing between {after} and {next}")]
    Gap {
        /// Whose chain.
        pair: Pair,
        /// The last one before the gap; 0 if there is none.
        after: u64,
        /// The first one behind it.
        next: u64,
    },
    /// A receipt names another as the one before it.
    #[error("{pair}: {seq} does not follow from the one before it")]
    Link {
        /// Whose chain.
        pair: Pair,
        /// The receipt.
        seq: u64,
    },
    /// One task has several receipts, or one receipt is there several times.
    #[error("task {task} of {requester} has several receipts", requester = .requester.fingerprint())]
    Duplicate {
        /// Who asked.
        requester: AgentId,
        /// What was asked.
        task: TaskId,
    },
    /// Two different receipts have one place in a chain.
    #[error("{pair}: there are several receipts {seq}")]
    Fork {
        /// Whose chain.
        pair: Pair,
        /// The place.
        seq: u64,
    },
    /// A chain goes on behind what is shown.
    #[error("{pair}: ends at {ends}, and at {reported} by the word of {by}", by = .by.fingerprint())]
    Tail {
        /// Whose chain.
        pair: Pair,
        /// The last one that is shown; 0 if there is none.
        ends: u64,
        /// The last one that there is.
        reported: u64,
        /// Who says so.
        by: AgentId,
    },
}

/// What kind of finding one is, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Code {
    /// [`Finding::Malformed`].
    Malformed,
    /// [`Finding::Signature`].
    Signature,
    /// [`Finding::Reward`].
    Reward,
    /// [`Finding::Clamp`].
    Clamp,
    /// [`Finding::Gap`].
    Gap,
    /// [`Finding::Link`].
    Link,
    /// [`Finding::Duplicate`].
    Duplicate,
    /// [`Finding::Fork`].
    Fork,
    /// [`Finding::Tail`].
    Tail,
}

impl Finding {
    /// What kind it is.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => Code::Malformed,
            Self::Signature { .. } => Code::Signature,
            Self::Reward { .. } => Code::Reward,
            Self::Clamp { .. } => Code::Clamp,
            Self::Gap { .. } => Code::Gap,
            Self::Link { .. } => Code::Link,
            Self::Duplicate { .. } => Code::Duplicate,
            Self::Fork { .. } => Code::Fork,
            Self::Tail { .. } => Code::Tail,
        }
    }
}

impl Code {
    /// Its name, the same in every implementation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Reward => "reward",
            Self::Clamp => "clamp",
            Self::Gap => "gap",
            Self::Link => "link",
            Self::Duplicate => "duplicate",
            Self::Fork => "fork",
            Self::Tail => "tail",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
