//! The part of an agent id that people copy.

use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD_NOCASE as BASE32;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AgentId, base32};

/// Bytes of the agent id in a fingerprint: 80 bits, out of reach of anyone who looks for a second agent with the
/// same one, and exactly 16 characters of base32.
const BYTES: usize = 10;

/// Characters in the text of a fingerprint.
const CHARACTERS: usize = BYTES * 8 / 5;

/// The first 80 bits of an [`AgentId`], written as 16 characters of lower-case base32.
///
/// Unlike an address it cannot be ground out: an address with a fingerprint names one agent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; BYTES]);

/// Why a text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseFingerprintError {
    /// Something is missing, or too much was copied.
    #[error("a fingerprint has {expected} characters, not {found}", expected = CHARACTERS)]
    Length {
        /// Characters that were given.
        found: usize,
    },
    /// Only base32 may stand in a fingerprint; 0, 1, 8 and 9 are not in it.
    #[error("{0:?} is not a base32 character (a-z, 2-7)")]
    Character(char),
}

impl Fingerprint {
    pub(super) fn of(agent: &AgentId) -> Self {
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(&agent.as_bytes()[..BYTES]);
        Self(bytes)
    }

    /// Whether this is the fingerprint of `agent`.
    #[must_use]
    pub fn matches(&self, agent: &AgentId) -> bool {
        agent.as_bytes().starts_with(&self.0)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        base32(&self.0).fmt(f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_base32 = |c: char| c.is_ascii_alphabetic() || ('2'..='7').contains(&c);
        if let Some(other) = text.chars().find(|c| !is_base32(*c)) {
            return Err(ParseFingerprintError::Character(other));
        }
        let length = ParseFingerprintError::Length { found: text.len() };
        if text.len() != CHARACTERS {
            return Err(length);
        }
        let bytes = BASE32.decode(text.as_bytes()).map_err(|_| length)?;
        bytes.try_into().map(Self).map_err(|_| length)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
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
        fn text_round_trips_in_either_case(bytes: [u8; 32]) {
            let agent = AgentId::from_bytes(bytes);
            let fingerprint = agent.fingerprint();
            let text = fingerprint.to_string();

            prop_assert_eq!(text.len(), CHARACTERS);
            prop_assert_eq!(text.to_lowercase(), &*text);
            prop_assert!(agent.to_string().starts_with(&text));
            prop_assert_eq!(text.parse(), Ok(fingerprint));
            prop_assert_eq!(text.to_uppercase().parse(), Ok(fingerprint));
            prop_assert!(fingerprint.matches(&agent));
        }

        #[test]
        fn any_text_parses_or_fails(text in ".{0,20}") {
            if let Ok(fingerprint) = text.parse::<Fingerprint>() {
                prop_assert_eq!(fingerprint.to_string(), text.to_lowercase());
            }
        }
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        use ParseFingerprintError::{Character, Length};

        assert_eq!("".parse::<Fingerprint>(), Err(Length { found: 0 }));
        assert_eq!("foc5k3hjvu2rpba".parse::<Fingerprint>(), Err(Length { found: 15 }));
        assert_eq!("foc5k3hjvu2rpbaca".parse::<Fingerprint>(), Err(Length { found: 17 }));
        assert_eq!("foc5k3hjvu2rpba1".parse::<Fingerprint>(), Err(Character('1')));
        assert_eq!("foc5k3hjvu2rpba=".parse::<Fingerprint>(), Err(Character('=')));
    }

    #[test]
    fn another_agent_does_not_match() {
        let one = AgentId::from_bytes([1; 32]);
        let other = AgentId::from_bytes([2; 32]);
        assert!(!one.fingerprint().matches(&other));
    }
}
