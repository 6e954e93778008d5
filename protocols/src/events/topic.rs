//! Topics.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hidden::is_hidden;

/// Longest topic, in bytes of UTF-8.
pub const MAX_TOPIC: usize = 128;

/// What an event is about: segments between slashes, as in `builds/airway/done`. Serialised as its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(String);

/// Which rule for topics a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseTopicError {
    /// It is longer than [`MAX_TOPIC`].
    #[error("a topic has at most {max} bytes", max = MAX_TOPIC)]
    TooLong,
    /// There is nothing, or nothing between two slashes or beside one.
    #[error("a topic has no empty segment")]
    Empty,
    /// It has a character that nobody sees.
    #[error("{0:?} may not stand in a topic")]
    Hidden(char),
    /// It has an asterisk, which stands for topics in a [pattern](super::Pattern).
    #[error("a topic has no asterisk: that is for patterns")]
    Wildcard,
}

impl Topic {
    /// The topic as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands between the slashes.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl FromStr for Topic {
    type Err = ParseTopicError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_TOPIC {
            return Err(ParseTopicError::TooLong);
        }
        if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
            return Err(ParseTopicError::Hidden(hidden));
        }
        if text.contains('*') {
            return Err(ParseTopicError::Wildcard);
        }
        if text.split('/').any(str::is_empty) {
            return Err(ParseTopicError::Empty);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_own_error() {
        use ParseTopicError::{Empty, Hidden, TooLong, Wildcard};

        let long = "a".repeat(MAX_TOPIC + 1);
        let cases = [
            ("", Empty),
            ("/", Empty),
            ("/a", Empty),
            ("a/", Empty),
            ("a//b", Empty),
            (&long, TooLong),
            ("a\nb", Hidden('\n')),
            ("a\u{202e}b", Hidden('\u{202e}')),
            ("*", Wildcard),
            ("a/**", Wildcard),
            ("a*b", Wildcard),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Topic>(), Err(why), "{text:?}");
        }
        for text in ["a", "a/b c/grüße", "…", ".", "../..", &long[1..]] {
            assert_eq!(text.parse::<Topic>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_topic_is_its_text_when_it_is_serialised() {
        let topic: Topic = "builds/done".parse().unwrap();
        assert_eq!(serde_json::to_string(&topic).unwrap(), r#""builds/done""#);
        assert!(serde_json::from_str::<Topic>(r#""builds/*""#).is_err());
        assert!(topic.segments().eq(["builds", "done"]));
    }
}
