//! Both sides of a stream, step by step.

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{Answer, FRAME, Request};
use crate::wire;

/// Why an exchange failed. The stream is of no further use; what was not answered is to be said again on another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The responder closed the stream in place of an answer. Whether it did what was asked is not known.
    #[error("the stream ended before the answer")]
    NoAnswer,
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// Opener: says something, and waits for the answer.
///
/// Does not [`validate`](Request::validate): whoever made the request has, and the responder will.
///
/// # Errors
///
/// As [`write()`] and [`read_answer`].
pub async fn ask<S>(stream: &mut S, request: &Request) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    write(stream, request).await?;
    read_answer(stream).await
}

/// Opener: says something, and flushes. More may follow before it is answered.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails, and before anything is written for a request over [`FRAME`], which none is that is
/// valid.
pub async fn write<S>(stream: &mut S, request: &Request) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    wire::write_message(stream, request, FRAME).await?;
    Ok(stream.flush().await?)
}

/// Opener: reads the answer to the oldest request that has none yet.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, [`Error::Wire`] for a malformed or truncated answer, one over [`FRAME`], or
/// a failed stream.
pub async fn read_answer<S>(stream: &mut S) -> Result<Answer, Error>
where
    S: AsyncRead + Unpin,
{
    wire::read_message(stream, FRAME).await?.ok_or(Error::NoAnswer)
}

/// Responder: reads the next request, or `None` when the opener has closed its half.
///
/// The request is not validated yet: call [`Request::validate`], and [`answer`] in either case.
///
/// # Errors
///
/// [`Error::Wire`] for a malformed or truncated frame or one over [`FRAME`].
pub async fn receive<S>(stream: &mut S) -> Result<Option<Request>, Error>
where
    S: AsyncRead + Unpin,
{
    Ok(wire::read_message(stream, FRAME).await?)
}

/// Responder: answers a request, and flushes. Answers go out in the order of the requests.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn answer<S>(stream: &mut S, answer: &Answer) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    wire::write_message(stream, answer, FRAME).await?;
    Ok(stream.flush().await?)
}

#[cfg(test)]
mod tests;
