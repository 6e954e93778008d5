//! The types of events.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Kind;

/// The query of an event to publish; its payload is the body, as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublishQuery {
    /// What it is about: at most 128 bytes, segments between `/`, without `*`.
    pub topic: String,
    /// The contact at whose broker it is published, in place of our own: alias, name, address or card.
    #[serde(default)]
    pub to: Option<String>,
    /// Whether it goes to the members of our network instead.
    #[serde(default)]
    pub mesh: bool,
    /// Milliseconds to wait for the contact to have it, or for a first member to be reached.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// What became of an event that was published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Publication {
    /// Its topic.
    pub topic: String,
    /// Bytes of the payload.
    pub size: u64,
    /// Its place at the broker that has it; in the mesh, among our own.
    pub position: String,
    /// Full address of the contact at whose broker it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// To how many members it went from here; they carry it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<u64>,
}

/// A log of events in this agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventSource {
    /// Our own broker: what we publish, and what contacts publish here.
    #[default]
    Own,
    /// What members of our network publish to all.
    Mesh,
    /// What happens in the agent itself.
    Node,
}

/// Which events to follow.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Those of topics that match; repeated for up to 32 patterns. `*` is one segment, `**` at the end one or more, and `*`
    /// alone everything.
    #[serde(default)]
    pub pattern: Vec<String>,
    /// Those at the broker of this contact: alias, name, address or card.
    #[serde(default)]
    pub from: Option<String>,
    /// Those of this log; our own broker if neither is given.
    #[serde(default)]
    #[param(inline)]
    pub source: Option<EventSource>,
    /// Where to begin: `now`, if absent; `start`, with all that is kept; so long ago, as in `10m`; or behind a position, as
    /// in `17.1042`.
    #[serde(default)]
    pub since: Option<String>,
    /// Milliseconds to wait until the contact's broker has answered.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

impl EventsQuery {
    /// As it stands in a query, without what is absent.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let Self { pattern, from, source, since, timeout_ms } = self;
        let source = source.map(|source| match source {
            EventSource::Own => "own".to_owned(),
            EventSource::Mesh => "mesh".to_owned(),
            EventSource::Node => "node".to_owned(),
        });
        let others = [
            ("from", from.clone()),
            ("source", source),
            ("since", since.clone()),
            ("timeout_ms", timeout_ms.map(|ms| ms.to_string())),
        ];
        let patterns = pattern.iter().map(|pattern| ("pattern", pattern.clone()));
        patterns.chain(others.into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
    }
}

/// What a follower of events gets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EventItem {
    /// An event.
    Event(Event),
    /// A place where some are missing.
    Gap(Missing),
}

/// An event.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// What it is about.
    pub topic: String,
    /// Full address of who published it.
    pub publisher: String,
    /// Alias or name of the publisher, while it is a contact.
    pub name: Option<String>,
    /// Its place at the broker, to go on behind.
    pub position: String,
    /// Unix milliseconds by the broker's clock; in the mesh, by the publisher's.
    pub at: i64,
    /// What the payload looks like: events do not say.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Bytes of the payload.
    pub size: u64,
    /// The payload: an object or array in JSON as its value, other UTF-8 as a string, other bytes in base64.
    pub body: Value,
}

/// Events are missing here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// Where, and why.
    pub gap: Gap,
}

/// Where events are missing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The last position before it.
    pub after: String,
    /// The first position behind it.
    pub next: String,
    /// Why.
    pub reason: GapReason,
}

/// Why events are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapReason {
    /// They made room for others, or their time was over.
    Forgotten,
    /// The broker has started anew, and what it had kept is gone.
    Restarted,
}

/// Which topics.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TopicsQuery {
    /// Those of this log; of our own broker if absent.
    #[serde(default)]
    #[param(inline)]
    pub source: Option<EventSource>,
}

/// A topic of which events are kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TopicItem {
    /// What it is called.
    pub topic: String,
    /// Events that are kept.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The newest of them.
    pub newest: String,
    /// Unix milliseconds of the newest.
    pub at: i64,
}
