//! Patterns of topics.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Topic;
use crate::hidden::is_hidden;

/// Longest pattern, in bytes of UTF-8.
pub const MAX_PATTERN: usize = 128;

/// Which topics: segments between slashes, as in `builds/*/done`. A `*` stands for one segment, a `**` at the end for one or
/// more, and a lone `*` for every topic. Serialised as its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

/// Which rule for patterns a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParsePatternError {
    /// It is longer than [`MAX_PATTERN`].
    #[error("a pattern has at most {max} bytes", max = MAX_PATTERN)]
    TooLong,
    /// There is nothing, or nothing between two slashes or beside one.
    #[error("a pattern has no empty segment")]
    Empty,
    /// It has a character that nobody sees.
    #[error("{0:?} may not stand in a pattern")]
    Hidden(char),
    /// An asterisk stands beside other characters, or a `**` is not the end.
    #[error("in a pattern, * is a segment by itself, and ** is the last one")]
    Wildcard,
}

impl Pattern {
    /// Every topic.
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means this topic, among others. For many patterns at once there is [`Patterns`](super::Patterns).
    #[must_use]
    pub fn matches(&self, topic: &Topic) -> bool {
        if self.is_every() {
            return true;
        }
        let mut topic = topic.segments();
        for segment in self.segments() {
            match (segment, topic.next()) {
                ("**", Some(_)) => return true,
                ("*", Some(_)) => {}
                (word, Some(segment)) if word == segment => {}
                _ => return false,
            }
        }
        topic.next().is_none()
    }

    /// Whether it means all topics there are.
    pub(super) fn is_every(&self) -> bool {
        matches!(self.as_str(), "*" | "**")
    }

    /// What stands between the slashes.
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl FromStr for Pattern {
    type Err = ParsePatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_PATTERN {
            return Err(ParsePatternError::TooLong);
        }
        if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
            return Err(ParsePatternError::Hidden(hidden));
        }
        let mut segments = text.split('/').peekable();
        while let Some(segment) = segments.next() {
            match segment {
                "" => return Err(ParsePatternError::Empty),
                "**" if segments.peek().is_some() => return Err(ParsePatternError::Wildcard),
                "*" | "**" => {}
                segment if segment.contains('*') => return Err(ParsePatternError::Wildcard),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_own_error() {
        use ParsePatternError::{Empty, Hidden, TooLong, Wildcard};

        let long = "a".repeat(MAX_PATTERN + 1);
        let cases = [
            ("", Empty),
            ("/a", Empty),
            ("a/", Empty),
            ("a//b", Empty),
            (&long, TooLong),
            ("a\nb", Hidden('\n')),
            ("a\u{202e}b", Hidden('\u{202e}')),
            ("a*", Wildcard),
            ("***", Wildcard),
            ("**/a", Wildcard),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Pattern>(), Err(why), "{text:?}");
        }
        for text in ["*", "**", "a", "a/b c/grüße", "*/a/*", "a/**", &long[1..]] {
            assert_eq!(text.parse::<Pattern>().unwrap().as_str(), text);
        }
    }
}
