//! Knock: how a stranger says something, and the only protocol that is open to one.
//!
//! ```text
//! opener                                      responder
//!   {statement, ticket? {ticket, proof}} ──────►
//!   ◄──────────────────────────────────────── {}   whatever comes of it
//! ```
//!
//! One statement of [trust](crate::trust) in, as a rule a request; one answer out, which is always the same. It says
//! neither whether the statement was valid nor whether anybody will look at it: a stranger learns nothing here but that
//! its bytes have arrived. What comes of it is said by a statement.
//!
//! A request may come with the proof of a [ticket](crate::ticket) of ours, and is approved at once then.
//!
//! **Failure.** A frame over [`MAX_FRAME`], or one that is malformed, is answered in the same way or not at all, as the
//! responder likes; the opener may knock again.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use serde::{Deserialize, Serialize};

pub use crate::ticket::Proof;
use crate::{trust::MAX_FRAME, wire};

/// The protocol. It belongs to no [`Port`](crate::port::Port).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/knock/1.0.0");

/// What a stranger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    /// The envelope of a [`Statement`](crate::trust::Statement), which nobody has verified.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// For a request of somebody who has a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Proof>,
}

/// The answer, which says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct AnswerFrame {}

/// Why a knock failed. The stream is of no further use; the same may be said again on another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The opener closed the stream in place of a knock.
    #[error("the stream ended before the knock")]
    Ended,
    /// The responder closed the stream in place of the answer.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// The opener says more than one thing.
    #[error("something follows the knock")]
    Trailing,
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// Opener: knocks, waits for the answer, and closes.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, [`Error::Wire`] for a malformed answer or a failed stream. Whether the
/// responder has heard is not known then.
pub async fn knock<S>(stream: &mut S, knock: &Knock) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_message(stream, knock, MAX_FRAME).await?;
    stream.flush().await?;
    let answer: Option<AnswerFrame> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    answer.ok_or(Error::NoAnswer)?;
    // The close tells the responder that its answer has arrived; that it fails takes nothing back.
    stream.close().await.ok();
    Ok(())
}

/// Responder, first: reads what the stranger says. Nothing of it is verified yet.
///
/// # Errors
///
/// [`Error::Ended`] if there is nothing, [`Error::Wire`] for a malformed or truncated frame or one over [`MAX_FRAME`].
pub async fn hear<S>(stream: &mut S) -> Result<Knock, Error>
where
    S: AsyncRead + Unpin,
{
    wire::read_message(stream, MAX_FRAME).await?.ok_or(Error::Ended)
}

/// Responder, second and last: answers, closes, and waits for the opener to close, so that the answer is not lost if the
/// connection is closed next.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails, [`Error::Trailing`] if the opener has more to say. The answer may have arrived all
/// the same.
pub async fn answer<S>(stream: &mut S) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_message(stream, &AnswerFrame {}, wire::CONTROL_FRAME).await?;
    stream.close().await?;
    match stream.read(&mut [0]).await? {
        0 => Ok(()),
        _ => Err(Error::Trailing),
    }
}

#[cfg(test)]
mod tests;
