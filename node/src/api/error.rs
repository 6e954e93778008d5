//! The one shape of an error that leaves the daemon: a code to decide by, a message to read, a hint to act on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of failure, for programs. Closed: a new kind is a new version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request makes no sense: a malformed address, name, card, port or body.
    BadRequest,
    /// No such contact, message or call.
    NotFound,
    /// It stands against what is there: an alias or port in use, an address pinned to another agent.
    Conflict,
    /// We do not trust the peer, or the peer does not trust us.
    NotTrusted,
    /// The peer cannot be reached, or went away.
    Unreachable,
    /// The peer was reached but nobody listens on that port.
    PortClosed,
    /// The peer, or we ourselves, have too much to do just now.
    Busy,
    /// A quota or the disk is full, ours or the peer's.
    Quota,
    /// The time given was not enough.
    Timeout,
    /// No daemon runs on this home.
    NotRunning,
    /// A daemon runs on this home already.
    AlreadyRunning,
    /// The home, its key, its database or its configuration cannot be used.
    Home,
    /// Whatever should not happen.
    Internal,
}

/// An error with what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// For programs.
    pub code: Code,
    /// For people: a lower-case fragment.
    pub message: String,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Error {
    /// An error without a hint.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// The same with the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
