//! The types of what came in.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a message holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// UTF-8.
    #[default]
    Text,
    /// One JSON value.
    Json,
    /// Any bytes.
    Binary,
    /// A file that lies in the daemon's home; only received, never sent as a message.
    File,
}

/// Which received messages.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Only those after this sequence number.
    #[serde(default)]
    pub after: Option<u64>,
    /// At most so many; the daemon's default if absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only those nobody has read.
    #[serde(default)]
    pub unread: bool,
    /// Only those from this agent: alias, name, address or card.
    #[serde(default)]
    pub from: Option<String>,
    /// Only those that answer the message with this id.
    #[serde(default)]
    pub reply_to: Option<String>,
}

/// A received message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// Place in the inbox: grows by order of arrival, never reused.
    pub seq: u64,
    /// The sender's id for it.
    pub id: String,
    /// Full address of the sender.
    pub from: String,
    /// Alias or name of the sender, while it is a contact.
    pub name: Option<String>,
    /// What the payload holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Id of the message that this one answers.
    pub reply_to: Option<String>,
    /// Unix milliseconds by the sender's clock.
    pub sent_at: i64,
    /// Unix milliseconds by ours.
    pub received_at: i64,
    /// Whether it was shown before.
    pub read: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// The payload: a string for text, the value for JSON, base64 for binary; for a file an object with `name`, `path`,
    /// `size` and `blake3`.
    pub body: serde_json::Value,
}

/// Which messages to forget; exactly one of them is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClearQuery {
    /// Ids, or unique beginnings of ids, separated by commas.
    #[serde(default)]
    pub ids: Option<String>,
    /// Those that were read.
    #[serde(default)]
    pub read: bool,
    /// All of them.
    #[serde(default)]
    pub all: bool,
}

/// How many messages were forgotten.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Cleared {
    /// Messages.
    pub cleared: u64,
}
