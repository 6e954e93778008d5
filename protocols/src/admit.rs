//! Admit: two agents prove to each other that they are members of one network.
//!
//! ```text
//! opener                                                    responder
//!   {certificate, card, serves, relay, version}  ──────────►
//!   ◄───── {hello {certificate, card, serves, relay, version}} | {refused {why}}
//!   revocation list  ──────────►     if the opener's version is higher
//!   ◄──────────  revocation list     if the responder's is
//! ```
//!
//! Agents speak it whatever network they are in, and where they are in none, so that to be offered it says nothing; who has no
//! certificate of the network is not answered. Each side checks that the certificate is
//! [valid](crate::certificate::Certificate) and names the peer at the other end of the connection, which is what makes it
//! worthless in the hands of anybody else. The sides agree on who sends a list by the two versions, and both
//! [`finish`] at the end.

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use serde::{Deserialize, Serialize};

pub use crate::exchange::Error;
use crate::{
    certificate::Invalid,
    exchange,
    revocations::{self, Revocations},
    wire::{self, CONTROL_FRAME},
};

/// The protocol. It belongs to no [`Port`](crate::port::Port).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/admit/1.0.0");

/// What each side says of itself. Nothing of it is verified yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The envelope of its [`Certificate`](crate::certificate::Certificate).
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
    /// The envelope of its [`Card`](crate::card::Card), by which it can be dialled.
    #[serde(with = "serde_bytes")]
    pub card: Vec<u8>,
    /// Whether it serves the DHT of the network.
    pub serves: bool,
    /// Whether it relays.
    pub relay: bool,
    /// The version of the revocation list that it has.
    pub version: u64,
}

/// What the responder says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Frame", into = "Frame")]
pub enum Answer {
    /// Its own part.
    Hello(Hello),
    /// The certificate does not stand. Only who has shown one that was once valid hears it.
    Refused(Invalid),
}

/// An answer as it travels.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Frame {
    Hello(Hello),
    Refused { why: Invalid },
}

impl From<Answer> for Frame {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Hello(hello) => Self::Hello(hello),
            Answer::Refused(why) => Self::Refused { why },
        }
    }
}

impl From<Frame> for Answer {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Hello(hello) => Self::Hello(hello),
            Frame::Refused { why } => Self::Refused(why),
        }
    }
}

/// Opener: says who it is, and waits for the answer. A list may follow; [`finish`] comes last in either case.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first: the responder does not take the opener for a member, or is none.
/// [`Error::Wire`] for a malformed answer or a failed stream.
pub async fn ask<S>(stream: &mut S, hello: &Hello) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    exchange::ask(stream, hello, CONTROL_FRAME, CONTROL_FRAME).await
}

/// Responder, first: reads who it is.
///
/// # Errors
///
/// [`Error::Ended`] if there is nothing, [`Error::Wire`] for a malformed or truncated frame or one over [`CONTROL_FRAME`].
pub async fn hear<S>(stream: &mut S) -> Result<Hello, Error>
where
    S: AsyncRead + Unpin,
{
    exchange::hear(stream, CONTROL_FRAME).await
}

/// Responder, second: answers. A list may follow after [`Answer::Hello`]; [`finish`] comes last in either case.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn answer<S>(stream: &mut S, answer: &Answer) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    exchange::say(stream, answer, CONTROL_FRAME).await
}

/// The side with the higher version: sends its list. Sends nothing if there is [none](Revocations::none).
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn send_list<S>(stream: &mut S, list: &Revocations) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    if let Some(list) = list.as_bytes() {
        wire::write_frame(stream, list, revocations::MAX_BYTES).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// The side with the lower version: reads the bytes of a list, for [`Revocations::from_bytes`].
///
/// # Errors
///
/// [`Error::NoAnswer`] if there are none, [`Error::Wire`] for a truncated frame or one over [`revocations::MAX_BYTES`].
pub async fn receive_list<S>(stream: &mut S) -> Result<Vec<u8>, Error>
where
    S: AsyncRead + Unpin,
{
    wire::read_frame(stream, revocations::MAX_BYTES).await?.ok_or(Error::NoAnswer)
}

/// Both sides, last: closes, and waits for the other side to close, so that what was said last is not lost if the
/// connection is closed next.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails, [`Error::Trailing`] if the other side has more to say. What was said may have
/// arrived all the same.
pub async fn finish<S>(stream: &mut S) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    exchange::finish(stream).await
}

#[cfg(test)]
mod tests;
