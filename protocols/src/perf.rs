//! Perf: how many bytes go through to a peer, and how fast.
//!
//! ```text
//! opener                                            responder
//!   request frame {send, receive} ‖ `send` bytes ──►   discards them
//!   ◄──────── answer frame {received} ‖ `receive` bytes
//! ```
//!
//! A stream carries one run. Both sides know how much is to come, so that neither has to close its half to make itself
//! understood. An opener whose time is over may close it before all `send` bytes have gone: the answer counts those that
//! arrived. One that has seen enough of the `receive` bytes drops the stream.
//!
//! Perf has no port: a port is where a program expects another, and nobody but an agent speaks this. It is open to
//! trusted peers as all else is, and the responder bounds what they may ask of it: [`MAX_BYTES`] each way, and runs at
//! once, idle and whole time by whoever [`serve`]s.
//!
//! **Failure.** A malformed request, or one over the limit, is not answered: the responder drops the stream.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use serde::{Deserialize, Serialize};

use crate::wire::{self, CONTROL_FRAME};

/// The protocol. It belongs to no [`Port`](crate::port::Port).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/perf/1.0.0");

/// Cap of the bytes of one run in each direction: what one request can make the responder read and write.
pub const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// Bytes read or written at once, and all that a run holds in memory.
const BUFFER: usize = 64 * 1024;

/// What the opener is going to send, and what it wants to receive then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Bytes from the opener to the responder, at most [`MAX_BYTES`].
    pub send: u64,
    /// Bytes from the responder to the opener, at most [`MAX_BYTES`].
    pub receive: u64,
}

/// What the responder says when it has what there was to receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    received: u64,
}

/// Why a run failed. The stream is of no further use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The stream failed between the frames.
    #[error("the stream failed")]
    Io(#[from] io::Error),
    /// The request is over [`MAX_BYTES`] in one direction.
    #[error("a run of {bytes} bytes is over the limit of {max}", max = MAX_BYTES)]
    TooLarge {
        /// The larger of the two numbers.
        bytes: u64,
    },
    /// The responder closed the stream in place of an answer.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// The responder claims more bytes than were announced to it.
    #[error("the answer counts {received} bytes of {announced}")]
    WrongAnswer {
        /// Bytes that the request announced.
        announced: u64,
        /// Bytes that the answer counts.
        received: u64,
    },
}

impl Request {
    /// Checks both numbers.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if one of them is over [`MAX_BYTES`].
    pub fn validate(&self) -> Result<(), Error> {
        let bytes = self.send.max(self.receive);
        if bytes > MAX_BYTES { Err(Error::TooLarge { bytes }) } else { Ok(()) }
    }
}

/// Serves the run of one stream: takes the request, discards, answers, sends. Returns the request, or `None` if the
/// stream ended before one.
///
/// Neither flushes at the end nor closes: what the run occupied can be given back first.
///
/// # Errors
///
/// [`Error::Wire`] for a malformed request, [`Error::TooLarge`] for one over the limit, [`Error::Io`] if the stream fails.
pub async fn serve<S>(stream: &mut S) -> Result<Option<Request>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(request) = wire::read_message::<Request, _>(stream, CONTROL_FRAME).await? else {
        return Ok(None);
    };
    request.validate()?;
    let received = discard(stream, request.send, |_| {}).await?;
    wire::write_message(stream, &Answer { received }, CONTROL_FRAME).await?;
    if request.receive == 0 {
        // Nothing follows that would carry the answer along.
        stream.flush().await?;
    }
    fill(stream, request.receive, |_| {}).await?;
    Ok(Some(request))
}

/// Asks for a run. Does not flush: bytes to send follow, or [`answer`] does it.
///
/// # Errors
///
/// [`Error::TooLarge`] before anything is written, [`Error::Wire`] if the stream fails.
pub async fn ask<S>(stream: &mut S, request: &Request) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    request.validate()?;
    Ok(wire::write_message(stream, request, CONTROL_FRAME).await?)
}

/// Flushes and waits for the answer to `request`: the bytes that arrived. Fewer than announced if the opener closed its
/// half before.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, [`Error::WrongAnswer`] for a count beyond the request, [`Error::Wire`] for
/// a malformed answer or a failed stream.
pub async fn answer<S>(stream: &mut S, request: &Request) -> Result<u64, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.flush().await?;
    let answer: Option<Answer> = wire::read_message(stream, CONTROL_FRAME).await?;
    let Answer { received } = answer.ok_or(Error::NoAnswer)?;
    if received > request.send {
        return Err(Error::WrongAnswer { announced: request.send, received });
    }
    Ok(received)
}

/// Writes `count` bytes and reports after each part how many there were in all. Does not flush. Safe to cancel: the
/// responder counts what arrived.
///
/// # Errors
///
/// Whatever the stream fails with.
pub async fn fill<S>(stream: &mut S, count: u64, mut written: impl FnMut(u64)) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let zeros = vec![0; part(count)];
    let mut done = 0;
    while done < count {
        match stream.write(&zeros[..part(count - done)]).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            some => done += some as u64,
        }
        written(done);
    }
    Ok(())
}

/// Reads `count` bytes and forgets them; reports after each part how many there were in all. Returns fewer if the stream
/// ends before. Safe to cancel.
///
/// # Errors
///
/// Whatever the stream fails with.
pub async fn discard<S>(stream: &mut S, count: u64, mut read: impl FnMut(u64)) -> io::Result<u64>
where
    S: AsyncRead + Unpin,
{
    let mut buffer = vec![0; part(count)];
    let mut done = 0;
    while done < count {
        match stream.read(&mut buffer[..part(count - done)]).await? {
            0 => break,
            some => done += some as u64,
        }
        read(done);
    }
    Ok(done)
}

/// Bytes to move at once when `left` are left.
fn part(left: u64) -> usize {
    usize::try_from(left).unwrap_or(BUFFER).min(BUFFER)
}

#[cfg(test)]
mod tests;
