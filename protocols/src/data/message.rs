//! A message and the rules for its payload.

use std::str;

use serde::{Deserialize, Serialize};

use super::{MAX_PAYLOAD, MessageId, UnknownNumber};

/// What the payload of a message is. Closed: a number that is not here is a malformed header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Kind {
    /// Text in UTF-8.
    Text = 0,
    /// One JSON value (RFC 8259) in UTF-8.
    Json = 1,
    /// Any bytes.
    Binary = 2,
}

impl TryFrom<u8> for Kind {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Text),
            1 => Ok(Self::Json),
            2 => Ok(Self::Binary),
            _ => Err(UnknownNumber { what: "kind", number }),
        }
    }
}

impl From<Kind> for u8 {
    fn from(kind: Kind) -> Self {
        kind as Self
    }
}

/// A message as sent and received. [`receive`](super::receive) does not [`validate`](Self::validate) it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Chosen by the sender; the same id is the same message.
    pub id: MessageId,
    /// What the payload is.
    pub kind: Kind,
    /// The message that this one answers, if any. Nobody has checked that it exists.
    pub reply_to: Option<MessageId>,
    /// When the sender says that it made the message, in milliseconds since the Unix epoch. Never decides anything.
    pub sent_at: u64,
    /// At most [`MAX_PAYLOAD`] bytes.
    pub payload: Vec<u8>,
}

/// Which rule a message breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The payload is over [`MAX_PAYLOAD`].
    #[error("a payload of {size} bytes is over the limit of {max}", max = MAX_PAYLOAD)]
    TooLarge {
        /// Bytes of the payload.
        size: usize,
    },
    /// A text or JSON payload is not UTF-8.
    #[error("the payload is not utf-8")]
    NotUtf8,
    /// A JSON payload is not exactly one JSON value.
    #[error("the payload is not one json value")]
    NotJson,
}

impl Message {
    /// Checks that the payload is what [`kind`](Self::kind) says, and not too large.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken; a receiver answers [`Answer::Invalid`](super::Answer::Invalid).
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.payload.len() > MAX_PAYLOAD {
            return Err(Invalid::TooLarge { size: self.payload.len() });
        }
        if self.kind == Kind::Binary {
            return Ok(());
        }
        let text = str::from_utf8(&self.payload).map_err(|_| Invalid::NotUtf8)?;
        if self.kind == Kind::Json {
            // Walks over the value without building it, so that nesting and size cost nothing.
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| Invalid::NotJson)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, payload: &[u8]) -> Result<(), Invalid> {
        let id = MessageId::new();
        Message { id, kind, reply_to: None, sent_at: 0, payload: payload.to_vec() }.validate()
    }

    #[test]
    fn text_is_utf8() {
        assert_eq!(check(Kind::Text, "grüß dich".as_bytes()), Ok(()));
        assert_eq!(check(Kind::Text, b""), Ok(()));
        assert_eq!(check(Kind::Text, &[0xFF]), Err(Invalid::NotUtf8));
    }

    #[test]
    fn json_is_exactly_one_value() {
        for good in ["null", " {\"a\": [1, 2.5e3]} ", "\"x\""] {
            assert_eq!(check(Kind::Json, good.as_bytes()), Ok(()), "{good}");
        }
        for bad in ["", "{} {}", "{\"a\":}", "[1,]", "NaN"] {
            assert_eq!(check(Kind::Json, bad.as_bytes()), Err(Invalid::NotJson), "{bad}");
        }
        assert_eq!(check(Kind::Json, b"\"\xFF\""), Err(Invalid::NotUtf8));
    }

    #[test]
    fn deeply_nested_json_does_not_use_up_the_stack() {
        let nested = ["[".repeat(MAX_PAYLOAD / 2), "]".repeat(MAX_PAYLOAD / 2)].concat();
        assert_eq!(check(Kind::Json, nested.as_bytes()), Ok(()));
    }

    #[test]
    fn binary_is_anything_up_to_the_limit() {
        assert_eq!(check(Kind::Binary, &vec![0xFF; MAX_PAYLOAD]), Ok(()));
        let size = MAX_PAYLOAD + 1;
        assert_eq!(check(Kind::Binary, &vec![0; size]), Err(Invalid::TooLarge { size }));
    }

    #[test]
    fn kinds_are_a_closed_set() {
        for number in 0..=u8::MAX {
            match Kind::try_from(number) {
                Ok(kind) => assert_eq!(u8::from(kind), number),
                Err(unknown) => assert_eq!(unknown.number, number),
            }
        }
        assert!(Kind::try_from(3).is_err());
    }
}
