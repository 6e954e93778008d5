//! The two frames of the protocol: the header before a payload, and the answer to it.

use serde::{Deserialize, Serialize};

use super::{Kind, Message, MessageId};

/// A number from the wire that stands for nothing in this version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} {number} is not known")]
pub struct UnknownNumber {
    /// What the number should have been.
    pub(crate) what: &'static str,
    /// The number.
    pub number: u8,
}

/// What stands before a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// See [`Message::id`].
    pub id: MessageId,
    /// See [`Message::kind`].
    pub kind: Kind,
    /// See [`Message::reply_to`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// See [`Message::sent_at`].
    pub sent_at: u64,
    /// Bytes of payload that follow.
    pub size: u64,
}

impl Header {
    /// The header of a message.
    #[must_use]
    pub const fn of(message: &Message) -> Self {
        Self {
            id: message.id,
            kind: message.kind,
            reply_to: message.reply_to,
            sent_at: message.sent_at,
            size: message.payload.len() as u64,
        }
    }

    /// The message that this header and its payload make.
    #[must_use]
    pub const fn with(self, payload: Vec<u8>) -> Message {
        let Self { id, kind, reply_to, sent_at, size: _ } = self;
        Message { id, kind, reply_to, sent_at, payload }
    }
}

/// What became of a message. Closed: a number that is not here is a malformed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Answer {
    /// It is in the inbox, durably.
    Stored = 0,
    /// It was stored before: also a success.
    Duplicate = 1,
    /// Another message has this id. Sending again will not help.
    Conflict = 2,
    /// The inbox is full, or the sender's part of it. Try again much later.
    Quota = 3,
    /// The message breaks a rule. Sending again will not help.
    Invalid = 4,
    /// Storing it failed. Try again.
    Failed = 5,
}

impl Answer {
    /// Whether the receiver has the message, so that the sender may forget it.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Stored | Self::Duplicate)
    }
}

impl TryFrom<u8> for Answer {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Stored),
            1 => Ok(Self::Duplicate),
            2 => Ok(Self::Conflict),
            3 => Ok(Self::Quota),
            4 => Ok(Self::Invalid),
            5 => Ok(Self::Failed),
            _ => Err(UnknownNumber { what: "answer", number }),
        }
    }
}

impl From<Answer> for u8 {
    fn from(answer: Answer) -> Self {
        answer as Self
    }
}

/// An answer as it travels: with the id that it answers, so that a sender and a receiver who lost count notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AnswerFrame {
    pub(super) id: MessageId,
    pub(super) answer: Answer,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire;

    /// An id from any 16 bytes, with version and variant put in.
    fn ids() -> impl Strategy<Value = MessageId> {
        any::<[u8; 16]>().prop_map(|mut bytes| {
            bytes[6] = 0x70 | bytes[6] & 0x0F;
            bytes[8] = 0x80 | bytes[8] & 0x3F;
            MessageId::from_bytes(bytes).unwrap()
        })
    }

    proptest! {
        #[test]
        fn headers_round_trip_within_the_limit(
            id in ids(), kind in 0_u8..3, reply_to in prop::option::of(ids()), sent_at: u64, size: u64,
        ) {
            let header = Header { id, kind: kind.try_into().unwrap(), reply_to, sent_at, size };
            let bytes = wire::encode(&header).unwrap();
            prop_assert!(bytes.len() <= wire::CONTROL_FRAME);
            prop_assert_eq!(wire::decode::<Header>(&bytes).unwrap(), header);
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = wire::decode::<Header>(&bytes);
            let _ = wire::decode::<AnswerFrame>(&bytes);
        }
    }

    #[test]
    fn answers_are_a_closed_set() {
        for number in 0..=u8::MAX {
            match Answer::try_from(number) {
                Ok(answer) => assert_eq!(u8::from(answer), number),
                Err(unknown) => assert_eq!(unknown.number, number),
            }
        }
        assert!(Answer::try_from(6).is_err());
    }

    #[test]
    fn an_unknown_number_is_an_error_on_the_wire() {
        #[derive(Serialize)]
        struct Raw {
            id: MessageId,
            answer: u16,
        }

        for answer in [6, 256] {
            let bytes = wire::encode(&Raw { id: MessageId::new(), answer }).unwrap();
            assert!(wire::decode::<AnswerFrame>(&bytes).is_err(), "{answer}");
        }
    }
}
