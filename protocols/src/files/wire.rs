//! The frames of the protocol.

use serde::{Deserialize, Serialize};

use super::{Answer, Digest, FileName, MAX_SIZE, MessageId, ParseFileNameError};

/// What a sender has. [`receive_offer`](super::receive_offer) does not [`validate`](Self::validate) it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Chosen by the sender; the same id is the same file.
    pub id: MessageId,
    /// What the file is called: a [`FileName`], unless the sender breaks the rules.
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// The message that the file answers, if any. Nobody has checked that it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// When the sender says that it made the offer, in milliseconds since the Unix epoch. Never decides anything.
    pub sent_at: u64,
}

/// Which rule an offer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The file cannot be called so.
    #[error(transparent)]
    Name(#[from] ParseFileNameError),
    /// The file is over [`MAX_SIZE`].
    #[error("no file has {size} bytes")]
    Size {
        /// Bytes that it is said to have.
        size: u64,
    },
}

impl Offer {
    /// Checks the rules, and returns the name.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken; a receiver answers [`Answer::Invalid`].
    pub fn validate(&self) -> Result<FileName, Invalid> {
        if self.size > MAX_SIZE {
            return Err(Invalid::Size { size: self.size });
        }
        Ok(self.name.parse()?)
    }
}

/// What a receiver says to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// This is the end of the attempt.
    Answer(Answer),
    /// It wants the file, and has some of it.
    Have(Have),
}

/// What a receiver has of a file already: nothing, often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Have {
    /// Bytes from the beginning, at most those of the offer.
    pub offset: u64,
    /// BLAKE3 of them.
    pub digest: Digest,
}

/// A reply as it travels: either an answer, or offset and digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReplyFrame {
    pub(super) id: MessageId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

impl ReplyFrame {
    pub(super) fn new(id: MessageId, reply: Reply) -> Self {
        let nothing = Self { id, answer: None, offset: None, digest: None };
        match reply {
            Reply::Answer(answer) => Self { answer: Some(answer), ..nothing },
            Reply::Have(Have { offset, digest }) => {
                Self { offset: Some(offset), digest: Some(digest), ..nothing }
            }
        }
    }

    /// `None` if it is neither of the two, or both.
    pub(super) fn reply(&self) -> Option<Reply> {
        match (self.answer, self.offset, self.digest) {
            (Some(answer), None, None) => Some(Reply::Answer(answer)),
            (None, Some(offset), Some(digest)) => Some(Reply::Have(Have { offset, digest })),
            _ => None,
        }
    }
}

/// Where the bytes that follow begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) offset: u64,
}

/// What stands behind the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) digest: Digest,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire;

    proptest! {
        #[test]
        fn frames_round_trip_within_the_limit(
            name in "\\PC{0,66}", size: u64, sent_at: u64, answers: bool, offset: u64, digest: [u8; 32],
        ) {
            let digest = Digest::from_bytes(digest);
            let reply_to = answers.then(MessageId::new);
            let offer = Offer { id: MessageId::new(), name, size, reply_to, sent_at };
            let bytes = wire::encode(&offer).unwrap();
            prop_assert!(bytes.len() <= wire::CONTROL_FRAME);
            prop_assert_eq!(wire::decode::<Offer>(&bytes).unwrap(), offer);

            for reply in [Reply::Have(Have { offset, digest }), Reply::Answer(Answer::Quota)] {
                let frame = ReplyFrame::new(MessageId::new(), reply);
                let read: ReplyFrame = wire::decode(&wire::encode(&frame).unwrap()).unwrap();
                prop_assert_eq!((read.id, read.reply()), (frame.id, Some(reply)));
            }
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = wire::decode::<Offer>(&bytes);
            let _ = wire::decode::<ReplyFrame>(&bytes).map(|frame| frame.reply());
            let _ = wire::decode::<Start>(&bytes);
            let _ = wire::decode::<End>(&bytes);
        }
    }

    #[test]
    fn an_offer_keeps_to_the_rules() {
        let offer = |name: &str, size| Offer {
            id: MessageId::new(),
            name: name.into(),
            size,
            reply_to: None,
            sent_at: 0,
        };
        assert_eq!(offer("a.txt", MAX_SIZE).validate().unwrap().as_str(), "a.txt");
        assert_eq!(offer("a", MAX_SIZE + 1).validate(), Err(Invalid::Size { size: MAX_SIZE + 1 }));
        assert_eq!(offer("..", 1).validate(), Err(Invalid::Name(ParseFileNameError::Dot)));
    }

    #[test]
    fn a_digest_has_32_bytes_on_the_wire() {
        for length in [0, 31, 33] {
            let bytes = wire::encode(&std::collections::BTreeMap::from([(
                "digest",
                serde_bytes::ByteBuf::from(vec![0; length]),
            )]));
            assert!(wire::decode::<End>(&bytes.unwrap()).is_err(), "{length}");
        }
    }
}
