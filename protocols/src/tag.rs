//! Tags: what an agent says that it can do, for others to search by.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest tag, in characters.
pub const MAX_LENGTH: usize = 32;

/// Tags of one agent: more would make every tag mean less.
pub const MAX_TAGS: usize = 3;

/// A word such as `ocr`: lower-case letters, digits and inner hyphens. Serialised as its text.
///
/// Anybody may claim any: a tag finds agents and allows them nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// Which rule for tags a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseTagError {
    /// There is nothing.
    #[error("a tag has at least one character")]
    Empty,
    /// It has a character that tags do not have.
    #[error("{0:?} may not stand in a tag: only a-z, 0-9 and - may")]
    Character(char),
    /// It is longer than [`MAX_LENGTH`].
    #[error("a tag has at most {max} characters", max = MAX_LENGTH)]
    TooLong,
    /// It begins or ends with a hyphen.
    #[error("a tag neither begins nor ends with -")]
    Hyphen,
}

impl Tag {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = ParseTagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(ParseTagError::Empty);
        }
        if let Some(other) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            return Err(ParseTagError::Character(other));
        }
        if text.len() > MAX_LENGTH {
            return Err(ParseTagError::TooLong);
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(ParseTagError::Hyphen);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_the_rule_allows_is_a_tag(text in "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?") {
            let tag: Tag = text.parse().unwrap();
            prop_assert_eq!(tag.as_str(), text.as_str());
            prop_assert_eq!(serde_json::to_string(&tag).unwrap(), format!("\"{text}\""));
        }

        #[test]
        fn any_text_parses_or_fails(text in "\\PC{0,40}") {
            if let Ok(tag) = text.parse::<Tag>() {
                prop_assert_eq!(tag.to_string(), text);
            }
        }
    }

    #[test]
    fn each_rule_has_its_own_error() {
        let long = "a".repeat(MAX_LENGTH + 1);
        let cases = [
            ("", ParseTagError::Empty),
            ("OCR", ParseTagError::Character('O')),
            ("a b", ParseTagError::Character(' ')),
            (&long, ParseTagError::TooLong),
            ("-a", ParseTagError::Hyphen),
            ("a-", ParseTagError::Hyphen),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Tag>(), Err(why), "{text}");
        }
    }
}
