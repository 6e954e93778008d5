//! Both sides of an attempt, step by step. The raw bytes between [`start`] and [`finish`] are read and written by the
//! caller, who knows how best to.

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{
    Answer, Digest, Have, MessageId, Offer, Reply,
    wire::{End, ReplyFrame, Start},
};
use crate::wire;

/// Why an attempt failed. The stream is of no further use; the file may be offered again on another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The peer closed the stream where something had to follow.
    #[error("the stream ended early")]
    Ended,
    /// The reply is for another file than the one that was offered.
    #[error("the reply is for file {answered}, not {sent}")]
    WrongReply {
        /// The file that was offered.
        sent: MessageId,
        /// The file that the reply names.
        answered: MessageId,
    },
    /// A reply is neither an answer nor an offset with its digest, or not the one of the two that had to follow.
    #[error("the reply is not one that may follow here")]
    Reply,
    /// The sender wants to begin where it was not told to.
    #[error("the sender begins at byte {offset}, which is neither 0 nor {offered}")]
    Offset {
        /// Where it wants to begin.
        offset: u64,
        /// What the receiver has.
        offered: u64,
    },
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// Sender, first: offers a file and waits for the reply.
///
/// The receiver may take long: it reads what it has of the file to compute the digest.
///
/// # Errors
///
/// [`Error`]; the offset of a reply is not checked against the size of the file.
pub async fn offer<S>(stream: &mut S, offer: &Offer) -> Result<Reply, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_message(stream, offer, wire::CONTROL_FRAME).await?;
    stream.flush().await?;
    receive_reply(stream, &offer.id).await
}

/// Sender, second: says where the bytes begin. Does not flush, since they follow.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn start<S>(stream: &mut S, offset: u64) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    Ok(wire::write_message(stream, &Start { offset }, wire::CONTROL_FRAME).await?)
}

/// Sender, last: sends the digest of the whole file, and waits for the answer.
///
/// # Errors
///
/// [`Error`]; whether the receiver has the file is not known then.
pub async fn finish<S>(stream: &mut S, id: &MessageId, digest: Digest) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::write_message(stream, &End { digest }, wire::CONTROL_FRAME).await?;
    stream.flush().await?;
    receive_answer(stream, id).await
}

/// Sender, when a write fails before the end: reads the answer with which the receiver gave up, if there is one.
///
/// # Errors
///
/// [`Error`] if there is none.
pub async fn receive_answer<S>(stream: &mut S, id: &MessageId) -> Result<Answer, Error>
where
    S: AsyncRead + Unpin,
{
    match receive_reply(stream, id).await? {
        Reply::Answer(answer) => Ok(answer),
        Reply::Have(_) => Err(Error::Reply),
    }
}

async fn receive_reply<S>(stream: &mut S, id: &MessageId) -> Result<Reply, Error>
where
    S: AsyncRead + Unpin,
{
    let frame: Option<ReplyFrame> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    let frame = frame.ok_or(Error::Ended)?;
    if frame.id != *id {
        return Err(Error::WrongReply { sent: *id, answered: frame.id });
    }
    frame.reply().ok_or(Error::Reply)
}

/// Receiver, first: reads the offer, or `None` when the sender has closed its half without one.
///
/// The offer is not validated yet: call [`Offer::validate`], and [`reply`] in either case.
///
/// # Errors
///
/// [`Error::Wire`] for a malformed or truncated frame.
pub async fn receive_offer<S>(stream: &mut S) -> Result<Option<Offer>, Error>
where
    S: AsyncRead + Unpin,
{
    Ok(wire::read_message(stream, wire::CONTROL_FRAME).await?)
}

/// Receiver, second and last: replies, and flushes. After an answer nothing follows.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn reply<S>(stream: &mut S, id: &MessageId, reply: Reply) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    wire::write_message(stream, &ReplyFrame::new(*id, reply), wire::CONTROL_FRAME).await?;
    Ok(stream.flush().await?)
}

/// Receiver, third: reads where the bytes begin, which is 0 or what was offered as `have`. Then as many bytes follow as
/// the file still lacks.
///
/// # Errors
///
/// [`Error::Offset`] for any other place, [`Error::Ended`] and [`Error::Wire`] if nothing was read.
pub async fn receive_start<S>(stream: &mut S, have: &Have) -> Result<u64, Error>
where
    S: AsyncRead + Unpin,
{
    let start: Option<Start> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    let Start { offset } = start.ok_or(Error::Ended)?;
    if offset == 0 || offset == have.offset {
        Ok(offset)
    } else {
        Err(Error::Offset { offset, offered: have.offset })
    }
}

/// Receiver, after the bytes: reads the digest of the whole file.
///
/// # Errors
///
/// [`Error::Ended`] and [`Error::Wire`] if nothing was read.
pub async fn receive_end<S>(stream: &mut S) -> Result<Digest, Error>
where
    S: AsyncRead + Unpin,
{
    let end: Option<End> = wire::read_message(stream, wire::CONTROL_FRAME).await?;
    Ok(end.ok_or(Error::Ended)?.digest)
}

#[cfg(test)]
mod tests;
