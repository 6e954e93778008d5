//! Where an event stands among all events of its broker.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{decimal, text};

/// The place of an event. Positions of one broker are in the order in which it took the events in; those of two brokers
/// have nothing to do with each other.
///
/// Its text is `epoch.seq`, as in `17.1042`. Serialised as that in human-readable formats, and as a map of the two numbers in
/// binary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// How often the broker has started.
    pub epoch: u64,
    /// The number of the event since that start, over all topics, from 1; 0 stands before the first.
    pub seq: u64,
}

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is two decimal numbers with a dot between them, as in 17.1042")]
pub struct ParsePositionError;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text| decimal::spelling(text).ok().and_then(|digits| digits.parse().ok());
        let (epoch, seq) = text.split_once('.').ok_or(ParsePositionError)?;
        let epoch = number(epoch).ok_or(ParsePositionError)?;
        Ok(Self { epoch, seq: number(seq).ok_or(ParsePositionError)? })
    }
}

/// A position in binary formats.
#[derive(Serialize, Deserialize)]
struct Numbers {
    epoch: u64,
    seq: u64,
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            Numbers { epoch: self.epoch, seq: self.seq }.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            text::deserialize(deserializer)
        } else {
            Numbers::deserialize(deserializer).map(|Numbers { epoch, seq }| Self { epoch, seq })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire;

    proptest! {
        #[test]
        fn every_position_has_one_text_and_one_encoding(epoch: u64, seq: u64) {
            let position = Position { epoch, seq };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            let json = serde_json::to_string(&position).unwrap();
            prop_assert_eq!(&json, &format!("\"{epoch}.{seq}\""));
            prop_assert_eq!(serde_json::from_str::<Position>(&json).unwrap(), position);
            prop_assert_eq!(wire::decode::<Position>(&wire::encode(&position).unwrap()).unwrap(), position);
        }
    }

    #[test]
    fn odd_spellings_are_refused() {
        let odd = [
            "",
            ".",
            "1",
            "1.",
            ".1",
            "1.2.3",
            "01.2",
            "1.02",
            "+1.2",
            "1.-2",
            " 1.2",
            "1,2",
            "1.18446744073709551616",
        ];
        for text in odd {
            assert_eq!(text.parse::<Position>(), Err(ParsePositionError), "{text:?}");
        }
    }

    #[test]
    fn the_epoch_counts_before_the_number() {
        let [a, b, c] = ["1.9", "2.0", "2.1"].map(|text| text.parse::<Position>().unwrap());
        assert!(a < b && b < c);
    }
}
