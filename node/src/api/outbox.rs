//! The types of what is on its way.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Error, Kind};

/// The query of a message to send; its payload is the body, as it is.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SendQuery {
    /// Alias, name, address or card.
    pub to: String,
    /// What the body holds.
    #[serde(default, rename = "type")]
    #[param(inline)]
    pub kind: Kind,
    /// Id of the message that this one answers.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// A UUIDv7 of the caller's own: the same id sent again is delivered once.
    #[serde(default)]
    pub id: Option<String>,
    /// Milliseconds to wait for its receiver to have it, dialling included.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Seconds that it may wait in the outbox for a receiver that is away, up to 28 days; 7 days if absent, and
    /// with 0 it is delivered in time or not at all.
    #[serde(default)]
    pub expires_s: Option<u64>,
}

/// A file to send.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRequest {
    /// Alias, name, address or card.
    pub to: String,
    /// Where it lies: an absolute path, on the daemon's machine. It has to stay there, unchanged, until it has
    /// arrived.
    pub path: String,
    /// A UUIDv7 of the caller's own: the same id sent again is delivered once.
    #[serde(default)]
    pub id: Option<String>,
    /// Seconds that it may wait in the outbox, up to 28 days; 7 days if absent.
    #[serde(default)]
    pub expires_s: Option<u64>,
}

/// What became of a message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// Full address of the receiver.
    pub to: String,
    /// Bytes of the payload.
    pub size: u64,
    /// `delivered`: the receiver has it on its disk; `waiting`: it is in our outbox, on our disk.
    pub state: State,
    /// The receiver had it already: an earlier attempt had arrived.
    pub duplicate: bool,
    /// What is in the way, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Error>,
}

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for its turn, or for the receiver.
    Waiting,
    /// It is being sent.
    Sending,
    /// The receiver has it on its disk.
    Delivered,
    /// It was given up.
    Failed,
}

/// Something in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OutboxItem {
    /// Place in the outbox: grows by order of queueing, never reused.
    pub seq: u64,
    /// Its id.
    pub id: String,
    /// Full address of the receiver.
    pub to: String,
    /// Alias or name of the receiver.
    pub name: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The name of a file.
    pub file: Option<String>,
    /// Id of the message that it answers.
    pub reply_to: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Unix milliseconds.
    pub queued_at: i64,
    /// Unix milliseconds; it is given up then.
    pub expires_at: i64,
    /// How far it is.
    pub state: State,
    /// Bytes of a file that have been sent.
    pub sent: u64,
    /// What was in the way at the last attempt, or why it was given up.
    pub reason: Option<String>,
}

/// How something in the outbox goes on; the last line has a state that is final.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OutboxEvent {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: State,
    /// Bytes of a file that have been sent.
    pub sent: u64,
    /// Bytes in all.
    pub size: u64,
    /// What is in the way, or why it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Error>,
}

/// Which part of the outbox.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxQuery {
    /// Only those after this sequence number.
    #[serde(default)]
    pub after: Option<u64>,
    /// At most so many, up to 1,000; 100 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only what this agent is to get.
    #[serde(default)]
    pub to: Option<String>,
}

/// What to take out of the outbox; exactly one of them is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxClearQuery {
    /// What this agent is to get.
    #[serde(default)]
    pub to: Option<String>,
    /// What was given up.
    #[serde(default)]
    pub failed: bool,
    /// Everything.
    #[serde(default)]
    pub all: bool,
}
