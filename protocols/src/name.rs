//! Names of agents: what a person may type in place of an address.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{address::Endpoint, card};

/// Longest name, in characters: a label of the DNS, so that a name can become one.
pub const MAX_LENGTH: usize = 63;

/// Words that mean something else wherever a name can be typed, or that would let an agent pose as a part of the
/// network.
const RESERVED: [&str; 9] =
    ["localhost", "backbone", "broadcast", "registry", "beacon", "nameserver", "authority", "relay", "self"];

/// Prefix of internationalised labels of the DNS: what people would see is not what is compared.
const PUNYCODE: &str = "xn--";

/// The name that an agent gives itself or is given: lower-case letters, digits and inner hyphens.
///
/// Only a hint until somebody who is trusted vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Which rule for names a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseNameError {
    /// There is nothing.
    #[error("a name has at least one character")]
    Empty,
    /// It is a contact card.
    #[error("that is a contact card, not a name")]
    Card,
    /// It is an address.
    #[error("that is an address, not a name")]
    Address,
    /// It is longer than [`MAX_LENGTH`].
    #[error("a name has at most {max} characters", max = MAX_LENGTH)]
    TooLong,
    /// It has a character that names do not have.
    #[error("{0:?} may not stand in a name: only a-z, 0-9 and - may")]
    Character(char),
    /// It begins or ends with a hyphen.
    #[error("a name neither begins nor ends with -")]
    Hyphen,
    /// It begins with `xn--`.
    #[error("a name does not begin with xn--")]
    Punycode,
    /// It is one of the words that are kept for the network itself.
    #[error("the name {0} is reserved")]
    Reserved(&'static str),
}

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The two likely mix-ups come first: their own message helps more than the character that gave them away.
        if text.starts_with(card::PREFIX) {
            return Err(ParseNameError::Card);
        }
        if text.parse::<Endpoint>().is_ok() {
            return Err(ParseNameError::Address);
        }
        if text.is_empty() {
            return Err(ParseNameError::Empty);
        }
        if let Some(other) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            return Err(ParseNameError::Character(other));
        }
        if text.len() > MAX_LENGTH {
            return Err(ParseNameError::TooLong);
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(ParseNameError::Hyphen);
        }
        if text.starts_with(PUNYCODE) {
            return Err(ParseNameError::Punycode);
        }
        match RESERVED.iter().find(|word| **word == text) {
            Some(word) => Err(ParseNameError::Reserved(word)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
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
        fn what_the_rule_allows_is_a_name(text in "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") {
            prop_assume!(!RESERVED.contains(&text.as_str()) && !text.starts_with(PUNYCODE));
            let name: Name = text.parse().unwrap();
            prop_assert_eq!(name.as_str(), text);
        }

        #[test]
        fn any_text_parses_or_fails(text in "\\PC{0,70}") {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }

    #[test]
    fn each_rule_has_its_own_error() {
        use ParseNameError::{Address, Card, Character, Empty, Hyphen, Punycode, Reserved, TooLong};

        let long = "a".repeat(MAX_LENGTH + 1);
        let cases = [
            ("", Empty),
            (long.as_str(), TooLong),
            ("Ada", Character('A')),
            ("a.b", Character('.')),
            ("-a", Hyphen),
            ("a-", Hyphen),
            ("xn--80ak6aa92e", Punycode),
            ("relay", Reserved("relay")),
            ("0:0000.EB19.D348", Address),
            ("0:0000.EB19.D348:7", Address),
            ("airway:CiQIARIg", Card),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Name>(), Err(why), "{text}");
        }
    }
}
