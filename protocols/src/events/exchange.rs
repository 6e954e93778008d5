//! Both sides of a stream, step by step.

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};
use serde::{Deserialize, Serialize};

use super::{
    Denied, EVENT_FRAME, Invalid, Position, Publication, REQUEST_FRAME, Request, Subscribe, Told,
    wire::within_limit,
};
use crate::wire::{self, CONTROL_FRAME};

/// Why an exchange failed. The stream is of no further use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame was not read or written.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The opener closed the stream before it had said anything.
    #[error("the stream ended before the request")]
    Ended,
    /// The broker closed the stream in place of an answer. Whether it took the publication in is not known.
    #[error("the stream ended before the answer")]
    NoAnswer,
    /// What was to be sent, or was told, breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The broker does not grant the subscription.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The frame is none that may follow here.
    #[error("the broker says something that may not follow here")]
    Unexpected,
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// What became of a publication: it has this position now, or was not taken in.
pub type Published = Result<Position, Denied>;

/// The same as it travels: a map with one key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PublishedFrame {
    Published(Position),
    Denied { why: Denied },
}

/// Broker, first: reads what the stream is for. Does not [`validate`](Subscribe::validate) it.
///
/// # Errors
///
/// [`Error::Ended`] if there is nothing, [`Error::Wire`] for a malformed or truncated frame or one over [`REQUEST_FRAME`].
pub async fn receive_request<S>(stream: &mut S) -> Result<Request, Error>
where
    S: AsyncRead + Unpin,
{
    wire::read_message(stream, REQUEST_FRAME).await?.ok_or(Error::Ended)
}

/// Subscriber, first: asks for events, and waits until the subscription is live. Returns the newest position that the broker
/// has given out by then; [`told`] reads what follows.
///
/// # Errors
///
/// [`Error::Denied`] if the broker does not grant it, [`Error::Invalid`] before anything is written, [`Error::NoAnswer`] if
/// the stream ends first, [`Error::Unexpected`] and [`Error::Wire`] for an answer that is none.
pub async fn subscribe<S>(stream: &mut S, what: &Subscribe) -> Result<Position, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    what.validate()?;
    wire::write_message(stream, &Request::Subscribe(what.clone()), REQUEST_FRAME).await?;
    stream.flush().await?;
    match wire::read_message(stream, EVENT_FRAME).await?.ok_or(Error::NoAnswer)? {
        Told::Subscribed(position) => Ok(position),
        Told::Denied(why) => Err(Error::Denied(why)),
        Told::Event(_) | Told::Gap(_) => Err(Error::Unexpected),
    }
}

/// Subscriber, next: reads an event, a gap or a denial, or `None` when the broker has ended the stream. After a denial
/// nothing follows.
///
/// # Errors
///
/// [`Error::Unexpected`] if the subscription is said to be live once more, [`Error::Invalid`] for an event with too large a
/// payload, [`Error::Wire`] for a malformed or truncated frame or one over [`EVENT_FRAME`].
pub async fn told<S>(stream: &mut S) -> Result<Option<Told>, Error>
where
    S: AsyncRead + Unpin,
{
    let told = wire::read_message(stream, EVENT_FRAME).await?;
    match &told {
        Some(Told::Subscribed(_)) => return Err(Error::Unexpected),
        Some(Told::Event(event)) => within_limit(&event.payload)?,
        _ => {}
    }
    Ok(told)
}

/// Broker: tells a subscriber something, and flushes. For one thing alone; what goes to many subscribers, or along with more,
/// is [encoded](encode) once.
///
/// # Errors
///
/// As [`encode`], and [`Error::Wire`] if the stream fails.
pub async fn tell<S>(stream: &mut S, told: &Told) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    stream.write_all(&encode(told)?).await?;
    Ok(stream.flush().await?)
}

/// What [`tell`] writes: the whole frame, with the length in front.
///
/// # Errors
///
/// [`Error::Invalid`] for an event with too large a payload. Nothing else that a subscriber is told has no encoding.
pub fn encode(told: &Told) -> Result<Vec<u8>, Error> {
    if let Told::Event(event) = told {
        within_limit(&event.payload)?;
    }
    let body = wire::encode(told).map_err(wire::Error::from)?;
    Ok(wire::frame(&body, EVENT_FRAME)?)
}

/// Publisher, first: says that publications follow. Does not flush, since they do.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn start<S>(stream: &mut S) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    Ok(wire::write_message(stream, &Request::Publish, REQUEST_FRAME).await?)
}

/// Publisher, next: hands over an event, and flushes. Further ones may follow before it is answered.
///
/// # Errors
///
/// [`Error::Invalid`] before anything is written, [`Error::Wire`] if the stream fails.
pub async fn publish<S>(stream: &mut S, publication: &Publication) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    publication.validate()?;
    wire::write_message(stream, publication, EVENT_FRAME).await?;
    Ok(stream.flush().await?)
}

/// Broker, of a publisher: reads the next event, or `None` when the publisher has closed its half. Does not
/// [`validate`](Publication::validate) it: call that, and [`answer`] in either case.
///
/// # Errors
///
/// [`Error::Wire`] for a malformed or truncated frame or one over [`EVENT_FRAME`].
pub async fn receive_publication<S>(stream: &mut S) -> Result<Option<Publication>, Error>
where
    S: AsyncRead + Unpin,
{
    Ok(wire::read_message(stream, EVENT_FRAME).await?)
}

/// Broker: answers a publication, and flushes. Answers go out in the order of the publications.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn answer<S>(stream: &mut S, published: &Published) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    let frame = match *published {
        Ok(position) => PublishedFrame::Published(position),
        Err(why) => PublishedFrame::Denied { why },
    };
    wire::write_message(stream, &frame, CONTROL_FRAME).await?;
    Ok(stream.flush().await?)
}

/// Publisher: reads the answer to the oldest publication that has none yet.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, [`Error::Wire`] for a malformed answer or a failed stream. Whether the
/// broker took in what has no answer is not known then.
pub async fn read_published<S>(stream: &mut S) -> Result<Published, Error>
where
    S: AsyncRead + Unpin,
{
    match wire::read_message(stream, CONTROL_FRAME).await?.ok_or(Error::NoAnswer)? {
        PublishedFrame::Published(position) => Ok(Ok(position)),
        PublishedFrame::Denied { why } => Ok(Err(why)),
    }
}

#[cfg(test)]
mod tests;
