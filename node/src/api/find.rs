//! The types of looking for agents, and of being found.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whom to look for; exactly one of `who` and `tag` is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FindQuery {
    /// The one agent with this alias, name, address or card.
    #[serde(default)]
    pub who: Option<String>,
    /// All agents that say they can do this.
    #[serde(default)]
    pub tag: Option<String>,
    /// Milliseconds to look for them; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// Whose word it is that an agent has a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Ours: it is the alias of a contact.
    Alias,
    /// Pinned when we came to trust it.
    Contact,
    /// That of the network's authority, which gives each name once.
    Network,
    /// Its own: anybody could say the same, and the fingerprint alone says who it is.
    Claim,
    /// That of the card which was given.
    Card,
}

/// An agent that was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// Full address, with fingerprint.
    pub address: String,
    /// The agent's id for life.
    pub agent_id: String,
    /// What the layer calls it.
    pub name: Option<String>,
    /// Whose word that is.
    pub layer: Layer,
    /// What it says it can do: a term to search for, and nothing that it was checked for.
    pub tags: Vec<String>,
    /// Whether we trust it.
    pub trusted: bool,
    /// Multiaddrs where it may be reached.
    pub multiaddrs: Vec<String>,
    /// Its contact card, `airway:…`, where there was one.
    pub card: Option<String>,
    /// Unix milliseconds of what it has said of itself.
    pub issued: Option<i64>,
    /// How many requests it took to find it.
    pub requests: u32,
}

/// What others are to find of us. What is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileRequest {
    /// The name on our card and in our network; `null` takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// What this agent can do, in at most 3 words of lower-case letters, digits and inner hyphens; an empty list takes
    /// them away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// A field that is there, whatever it holds: `null` is not the same as nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_null_is_not_one_that_is_absent() {
        let read = |text: &str| serde_json::from_str::<ProfileRequest>(text).unwrap();
        assert_eq!(read("{}").name, None);
        assert_eq!(read(r#"{"name":null}"#).name, Some(None));
        assert_eq!(read(r#"{"name":"bob"}"#).name, Some(Some("bob".into())));
        for text in ["{}", r#"{"name":null}"#, r#"{"name":"bob","tags":[]}"#] {
            assert_eq!(serde_json::to_string(&read(text)).unwrap(), text);
        }
    }
}
