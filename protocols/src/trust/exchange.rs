//! Telling a statement on a stream, and hearing one.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use serde::{Deserialize, Serialize};

use super::{MAX_FRAME, Statement};
use crate::{data::UnknownNumber, wire};

/// Why an exchange failed. The stream is of no further use; the same statement may be told again on another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The opener closed the stream in place of a statement.
    #[error("the stream ended before the statement")]
    Ended,
    /// The responder closed the stream in place of an answer.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// The opener says more than one statement.
    #[error("something follows the statement")]
    Trailing,
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// What became of a statement. Closed: a number that is not here is a malformed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Answer {
    /// It was taken in, durably: also one that changes nothing.
    Taken = 0,
    /// It breaks a rule. Telling it again will not help.
    Invalid = 1,
    /// Taking it in failed. Try again.
    Failed = 2,
}

impl TryFrom<u8> for Answer {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Taken),
            1 => Ok(Self::Invalid),
            2 => Ok(Self::Failed),
            _ => Err(UnknownNumber { what: "answer", number }),
        }
    }
}

impl From<Answer> for u8 {
    fn from(answer: Answer) -> Self {
        answer as Self
    }
}

/// An answer as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct AnswerFrame {
    answer: Answer,
}

/// Opener: tells a statement, waits for the answer, and closes.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, [`Error::Wire`] for a malformed answer or a failed stream. Whether the
/// responder has the statement is not known then.
pub async fn tell<S>(stream: &mut S, statement: &Statement) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_frame(stream, statement.as_bytes(), MAX_FRAME).await?;
    stream.flush().await?;
    let frame: Option<AnswerFrame> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    let AnswerFrame { answer } = frame.ok_or(Error::NoAnswer)?;
    // The close tells the responder that its answer has arrived; that it fails takes nothing back.
    stream.close().await.ok();
    Ok(answer)
}

/// Responder, first: reads the bytes of a statement, for [`Statement::from_bytes`]. Call [`answer`] in either case.
///
/// # Errors
///
/// [`Error::Ended`] if there are none, [`Error::Wire`] for a truncated frame or one over [`MAX_FRAME`].
pub async fn hear<S>(stream: &mut S) -> Result<Vec<u8>, Error>
where
    S: AsyncRead + Unpin,
{
    wire::read_frame(stream, MAX_FRAME).await?.ok_or(Error::Ended)
}

/// Responder, second and last: answers, closes, and waits for the opener to close, so that the answer is not lost if the
/// connection is closed next.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails, [`Error::Trailing`] if the opener has more to say. The answer may have arrived all
/// the same.
pub async fn answer<S>(stream: &mut S, answer: Answer) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_message(stream, &AnswerFrame { answer }, wire::CONTROL_FRAME).await?;
    stream.close().await?;
    match stream.read(&mut [0]).await? {
        0 => Ok(()),
        _ => Err(Error::Trailing),
    }
}

#[cfg(test)]
mod tests;
