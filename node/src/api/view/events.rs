//! How events look to a caller.

use data_encoding::BASE64;
use serde_json::Value;

use super::time;
use crate::{
    Delivery, Node, TopicInfo,
    api::{Event, EventItem, Gap, GapReason, Kind, Missing, TopicItem},
    protocols::events::{self, Reason},
};

impl EventItem {
    pub(in crate::api) fn of(node: &Node, delivery: Delivery) -> Self {
        match delivery {
            Delivery::Event(event) => Self::Event(Event::of(node, event)),
            Delivery::Gap(gap) => Self::Gap(Missing { gap: gap.into() }),
        }
    }
}

impl Event {
    fn of(node: &Node, event: events::Event) -> Self {
        let me = node.me();
        let (publisher, name) = if event.publisher == me.agent {
            (me.endpoint(), me.name)
        } else {
            match node.contact(&event.publisher) {
                Some(contact) => (contact.endpoint(), contact.alias.or(contact.name)),
                None => (node.endpoint_of(&event.publisher), None),
            }
        };
        let size = event.payload.len() as u64;
        let (kind, body) = shown(event.payload);
        Self {
            topic: event.topic.to_string(),
            publisher: publisher.to_string(),
            name,
            position: event.position.to_string(),
            at: time(event.at),
            kind,
            size,
            body,
        }
    }
}

/// What a payload looks like. Nobody says what it is, and a word or a number is shown as it stands.
fn shown(payload: Vec<u8>) -> (Kind, Value) {
    if let [b'{' | b'[', ..] = payload.trim_ascii_start()
        && let Ok(value) = serde_json::from_slice(&payload)
    {
        return (Kind::Json, value);
    }
    match String::from_utf8(payload) {
        Ok(text) => (Kind::Text, text.into()),
        Err(other) => (Kind::Binary, BASE64.encode(other.as_bytes()).into()),
    }
}

impl From<events::Gap> for Gap {
    fn from(gap: events::Gap) -> Self {
        Self {
            after: gap.after.to_string(),
            next: gap.next.to_string(),
            reason: match gap.reason {
                Reason::Forgotten => GapReason::Forgotten,
                Reason::Restarted => GapReason::Restarted,
            },
        }
    }
}

impl From<TopicInfo> for TopicItem {
    fn from(topic: TopicInfo) -> Self {
        Self {
            topic: topic.topic.to_string(),
            events: topic.events,
            bytes: topic.bytes,
            newest: topic.newest.to_string(),
            at: time(topic.at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_is_shown_as_what_it_looks_like() {
        let shown = |bytes: &[u8]| shown(bytes.to_vec());
        assert_eq!(shown(b" {\"a\": [1]}"), (Kind::Json, json!({"a": [1]})));
        assert_eq!(shown(b"[]"), (Kind::Json, json!([])));
        assert_eq!(shown(b"7"), (Kind::Text, json!("7")));
        assert_eq!(shown(b"{not json"), (Kind::Text, json!("{not json")));
        assert_eq!(shown("grüße\n".as_bytes()), (Kind::Text, json!("grüße\n")));
        assert_eq!(shown(b""), (Kind::Text, json!("")));
        assert_eq!(shown(&[0, 255]), (Kind::Binary, json!("AP8=")));
    }
}
