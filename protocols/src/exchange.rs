//! One frame each way on a stream, which several protocols have in common.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use serde::{Serialize, de::DeserializeOwned};

use crate::wire;

/// Why an exchange failed. The stream is of no further use; the same may be said again on another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The opener closed the stream before it had said anything.
    #[error("the stream ended before the request")]
    Ended,
    /// The responder closed the stream in place of an answer.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// A frame has more of something than there may be.
    #[error("{what}: {found} are over the limit of {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// The other side says more than belongs to the exchange.
    #[error("something follows the exchange")]
    Trailing,
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// Opener: says something, and waits for the answer.
pub(crate) async fn ask<Q, A, S>(stream: &mut S, request: &Q, limit: usize, answer: usize) -> Result<A, Error>
where
    Q: Serialize,
    A: DeserializeOwned,
    S: AsyncRead + AsyncWrite + Unpin,
{
    say(stream, request, limit).await?;
    wire::read_message(stream, answer).await?.ok_or(Error::NoAnswer)
}

/// Responder: hears what the opener says.
pub(crate) async fn hear<Q, S>(stream: &mut S, limit: usize) -> Result<Q, Error>
where
    Q: DeserializeOwned,
    S: AsyncRead + Unpin,
{
    wire::read_message(stream, limit).await?.ok_or(Error::Ended)
}

/// Writes one message so that it leaves now.
pub(crate) async fn say<M, S>(stream: &mut S, message: &M, limit: usize) -> Result<(), Error>
where
    M: Serialize,
    S: AsyncWrite + Unpin,
{
    wire::write_message(stream, message, limit).await?;
    Ok(stream.flush().await?)
}

/// Closes, and waits for the other side to close, so that what was said last is not lost if the connection is closed next.
pub(crate) async fn finish<S>(stream: &mut S) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.close().await?;
    match stream.read(&mut [0]).await? {
        0 => Ok(()),
        _ => Err(Error::Trailing),
    }
}
