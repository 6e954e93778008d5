//! Sending, receiving and answering messages on a stream.

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{Answer, Header, MAX_PAYLOAD, Message, MessageId, wire::AnswerFrame};
use crate::wire;

/// Why an exchange failed. The stream is of no further use; whether the peer has the message is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The payload is over [`MAX_PAYLOAD`]; nothing of it was read or written.
    #[error("a payload of {size} bytes is over the limit of {max}", max = MAX_PAYLOAD)]
    TooLarge {
        /// Bytes that the payload has or claims to have.
        size: u64,
    },
    /// The peer closed the stream in place of an answer. The message is to be sent again.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// The answer is for another message than the one that was sent.
    #[error("the answer is for message {answered}, not {sent}")]
    WrongAnswer {
        /// The message that was sent.
        sent: MessageId,
        /// The message that the answer names.
        answered: MessageId,
    },
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// Sends a message and waits for the answer to it.
///
/// Does not [`validate`](Message::validate): whoever made the message has, and the receiver will.
///
/// # Errors
///
/// [`Error`]; after any of them the same message may be sent again on another stream.
pub async fn send<S>(stream: &mut S, message: &Message) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    write(stream, message).await?;
    read_answer(stream, &message.id).await
}

/// Writes a message and flushes. Further ones may follow before it is answered.
///
/// # Errors
///
/// [`Error::TooLarge`] before anything is written, [`Error::Wire`] if the stream fails.
pub async fn write<S>(stream: &mut S, message: &Message) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    let header = Header::of(message);
    if message.payload.len() > MAX_PAYLOAD {
        return Err(Error::TooLarge { size: header.size });
    }
    let header = wire::encode(&header).map_err(wire::Error::from)?;
    // Header and payload in one write: a small message is then one packet, and never waits half sent.
    let mut bytes = wire::frame(&header, wire::CONTROL_FRAME)?;
    bytes.extend_from_slice(&message.payload);
    stream.write_all(&bytes).await?;
    Ok(stream.flush().await?)
}

/// Reads the answer to the oldest message that has none yet, whose id is given.
///
/// # Errors
///
/// [`Error`]; all messages without an answer may be sent again on another stream then.
pub async fn read_answer<S>(stream: &mut S, sent: &MessageId) -> Result<Answer, Error>
where
    S: AsyncRead + Unpin,
{
    let frame: Option<AnswerFrame> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    let AnswerFrame { id, answer } = frame.ok_or(Error::NoAnswer)?;
    if id == *sent { Ok(answer) } else { Err(Error::WrongAnswer { sent: *sent, answered: id }) }
}

/// Receives the next message, or `None` when the sender has closed its half.
///
/// The message is not validated yet: call [`Message::validate`], and [`answer`] in either case.
///
/// # Errors
///
/// [`Error::Wire`] for a malformed or truncated message and [`Error::TooLarge`], before any of it is read, for a payload
/// over the limit. What follows on the stream cannot be made out then.
pub async fn receive<S>(stream: &mut S) -> Result<Option<Message>, Error>
where
    S: AsyncRead + Unpin,
{
    let Some(header) = wire::read_message::<Header, _>(stream, wire::CONTROL_FRAME).await? else {
        return Ok(None);
    };
    let size = usize::try_from(header.size).ok().filter(|size| *size <= MAX_PAYLOAD);
    let size = size.ok_or(Error::TooLarge { size: header.size })?;
    let payload = wire::read_body(stream, size).await?;
    Ok(Some(header.with(payload)))
}

/// Answers a received message and flushes. Answers go out in the order of the messages.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn answer<S>(stream: &mut S, id: &MessageId, answer: Answer) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    wire::write_message(stream, &AnswerFrame { id: *id, answer }, wire::CONTROL_FRAME).await?;
    Ok(stream.flush().await?)
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};
    use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

    use super::*;
    use crate::data::Kind;

    fn pair() -> (Compat<tokio::io::DuplexStream>, Compat<tokio::io::DuplexStream>) {
        let (near, far) = tokio::io::duplex(1024);
        (near.compat(), far.compat())
    }

    fn message(payload: Vec<u8>) -> Message {
        let reply_to = Some(MessageId::new());
        Message { id: MessageId::new(), kind: Kind::Text, reply_to, sent_at: 1_700_000_000_000, payload }
    }

    /// Header and payload as `send` writes them, with a size of the caller's choice.
    fn bytes(message: &Message, size: u64) -> Vec<u8> {
        let header = wire::encode(&Header { size, ..Header::of(message) }).unwrap();
        [wire::frame(&header, wire::CONTROL_FRAME).unwrap(), message.payload.clone()].concat()
    }

    fn received(bytes: &[u8]) -> Result<Option<Message>, Error> {
        block_on(receive(&mut Cursor::new(bytes)))
    }

    #[tokio::test]
    async fn messages_are_answered_one_after_another() {
        let (mut near, mut far) = pair();
        let sent = [vec![], b"hello".to_vec(), vec![b'x'; MAX_PAYLOAD]].map(message);
        let expected = sent.clone();
        let receiver = tokio::spawn(async move {
            for message in expected {
                assert_eq!(receive(&mut far).await.unwrap().unwrap(), message);
                answer(&mut far, &message.id, Answer::Stored).await.unwrap();
            }
            assert!(receive(&mut far).await.unwrap().is_none());
        });

        for message in &sent {
            assert_eq!(send(&mut near, message).await.unwrap(), Answer::Stored);
        }
        near.close().await.unwrap();
        receiver.await.unwrap();
    }

    #[tokio::test]
    async fn an_invalid_message_is_answered_and_the_stream_goes_on() {
        let (mut near, mut far) = pair();
        let receiver = tokio::spawn(async move {
            while let Some(message) = receive(&mut far).await.unwrap() {
                let verdict = message.validate().map_or(Answer::Invalid, |()| Answer::Stored);
                answer(&mut far, &message.id, verdict).await.unwrap();
            }
        });

        assert_eq!(send(&mut near, &message(vec![0xFF])).await.unwrap(), Answer::Invalid);
        assert_eq!(send(&mut near, &message(b"ok".to_vec())).await.unwrap(), Answer::Stored);
        near.close().await.unwrap();
        receiver.await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_to_another_message_is_refused() {
        let (mut near, mut far) = pair();
        answer(&mut far, &MessageId::new(), Answer::Stored).await.unwrap();
        let sent = send(&mut near, &message(vec![])).await;
        assert!(matches!(sent, Err(Error::WrongAnswer { .. })));
    }

    #[tokio::test]
    async fn a_stream_that_ends_without_an_answer_says_so() {
        let (mut near, mut far) = pair();
        far.close().await.unwrap();
        assert!(matches!(send(&mut near, &message(vec![])).await, Err(Error::NoAnswer)));
    }

    #[test]
    fn a_payload_over_the_limit_is_refused_on_its_header() {
        let claimed = MAX_PAYLOAD as u64 + 1;
        let refused = received(&bytes(&message(vec![]), claimed));
        assert!(matches!(refused, Err(Error::TooLarge { size }) if size == claimed));
        assert!(matches!(received(&bytes(&message(vec![]), u64::MAX)), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_payload_cut_short_is_truncated() {
        let message = message(b"hello".to_vec());
        let bytes = bytes(&message, 5);
        assert!(matches!(received(&bytes), Ok(Some(_))));
        for cut in 1..bytes.len() {
            assert!(matches!(received(&bytes[..cut]), Err(Error::Wire(wire::Error::Truncated))), "{cut}");
        }
    }

    #[test]
    fn a_payload_over_the_limit_is_not_sent() {
        let mut stream = Cursor::new(Vec::new());
        let refused = block_on(send(&mut stream, &message(vec![0; MAX_PAYLOAD + 1])));
        assert!(matches!(refused, Err(Error::TooLarge { .. })));
        assert!(stream.into_inner().is_empty());
    }
}
