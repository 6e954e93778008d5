//! Join: how an agent becomes a member, stays one, and ceases to be.
//!
//! ```text
//! opener                                          inviter
//!   {join {invite, proof, name?}}         ──────►   counts the use, durably
//!   {renew {certificate, name?}}          ──────►
//!   {leave {certificate}}                 ──────►
//!   ◄────── {granted {certificate, revocations?, cards}} | {done {}} | {refused {why}}
//! ```
//!
//! One request a stream. Agents speak the protocol whether they invite or not, so that to be offered it says nothing; who proves
//! nothing is not answered. The proof is that of an [invite](crate::invite): its secret does not travel, and the proof is good for the key of the joiner alone,
//! which the connection has authenticated. A lost answer is harmless: who asks again with the same invite is given the same
//! certificate.
//!
//! | limit | why |
//! |---|---|
//! | a request has at most [`CONTROL_FRAME`] | it comes from strangers |
//! | a reply has at most [`MAX_REPLY`], of it [`MAX_CARDS`] cards | the joiner holds it in memory |

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use serde::{Deserialize, Deserializer, Serialize};

pub use crate::exchange::Error;
use crate::{card, certificate, exchange, invite::InviteId, name::Name, revocations, wire::CONTROL_FRAME};

mod refusal;

pub use refusal::Refusal;

/// The protocol. It belongs to no [`Port`](crate::port::Port).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/join/1.0.0");

/// Cards in one reply: where a new member begins to look for others.
pub const MAX_CARDS: usize = 8;

/// Cap of a reply, in bytes: a certificate, a revocation list, [`MAX_CARDS`] cards, and the frame around them.
pub const MAX_REPLY: usize =
    certificate::MAX_BYTES + revocations::MAX_BYTES + MAX_CARDS * card::MAX_BYTES + 512;

/// What is asked of an inviter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// Take me in.
    Join {
        /// By this invite.
        invite: InviteId,
        /// What [`Invite::prove`](crate::invite::Invite::prove) made.
        #[serde(with = "serde_bytes")]
        proof: [u8; 32],
        /// What the joiner wants to be called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
    },
    /// Give me a certificate that lasts longer.
    Renew {
        /// The one that is to be replaced.
        #[serde(with = "serde_bytes")]
        certificate: Vec<u8>,
        /// What the member wants to be called from now on, or no name any more. `None` leaves the name as it is.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
        name: Option<Option<Name>>,
    },
    /// I am a member no more: my name and my address are free.
    Leave {
        /// The one that ends.
        #[serde(with = "serde_bytes")]
        certificate: Vec<u8>,
    },
}

/// What the inviter says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Frame", into = "Frame")]
pub enum Reply {
    /// A certificate, for a join or a renewal.
    Granted(Granted),
    /// The leave is noted.
    Done,
    /// Nothing has changed.
    Refused(Refusal),
}

/// What a member needs. Nothing of it is verified yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The envelope of a [`Certificate`](certificate::Certificate).
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
    /// The envelope of the newest [`Revocations`](revocations::Revocations) that the inviter has.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub revocations: Option<Vec<u8>>,
    /// The envelopes of [cards](card::Card) of members that serve the DHT or relay, at most [`MAX_CARDS`].
    #[serde(with = "cards")]
    pub cards: Vec<Vec<u8>>,
}

/// A reply as it travels: a map with one key, which is what `Done` alone is not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Frame {
    Granted(Granted),
    Done {},
    Refused { why: Refusal },
}

impl From<Reply> for Frame {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Granted(granted) => Self::Granted(granted),
            Reply::Done => Self::Done {},
            Reply::Refused(why) => Self::Refused { why },
        }
    }
}

impl From<Frame> for Reply {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Granted(granted) => Self::Granted(granted),
            Frame::Done {} => Self::Done,
            Frame::Refused { why } => Self::Refused(why),
        }
    }
}

/// Opener: asks, waits for the reply, and closes.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the stream ends first, which is how an inviter meets a proof that proves nothing; [`Error::Wire`]
/// for a malformed reply or a failed stream. Whether the inviter has acted is not known then.
pub async fn ask<S>(stream: &mut S, request: &Request) -> Result<Reply, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let reply = exchange::ask(stream, request, CONTROL_FRAME, MAX_REPLY).await?;
    // The close tells the inviter that its reply has arrived; that it fails takes nothing back.
    stream.close().await.ok();
    within_limit(&reply)?;
    Ok(reply)
}

/// Inviter, first: reads what is asked. Nothing of it is verified yet.
///
/// # Errors
///
/// [`Error::Ended`] if there is nothing, [`Error::Wire`] for a malformed or truncated frame or one over [`CONTROL_FRAME`].
pub async fn hear<S>(stream: &mut S) -> Result<Request, Error>
where
    S: AsyncRead + Unpin,
{
    exchange::hear(stream, CONTROL_FRAME).await
}

/// Inviter, second and last: replies, closes, and waits for the opener to close, so that the reply is not lost if the
/// connection is closed next.
///
/// # Errors
///
/// [`Error::TooMany`] before anything is written, [`Error::Wire`] if the stream fails, [`Error::Trailing`] if the opener has
/// more to say. The reply may have arrived all the same.
pub async fn answer<S>(stream: &mut S, reply: &Reply) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    within_limit(reply)?;
    exchange::say(stream, reply, MAX_REPLY).await?;
    exchange::finish(stream).await
}

fn within_limit(reply: &Reply) -> Result<(), Error> {
    match reply {
        Reply::Granted(Granted { cards, .. }) if cards.len() > MAX_CARDS => {
            Err(Error::TooMany { what: "cards in a reply", found: cards.len(), max: MAX_CARDS })
        }
        _ => Ok(()),
    }
}

/// What stands there, also if it is null; what does not is left to the default.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Name>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A list of byte strings.
mod cards {
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_bytes::{ByteBuf, Bytes};

    pub(super) fn serialize<S: Serializer>(cards: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cards.iter().map(|card| Bytes::new(card)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let cards = Vec::<ByteBuf>::deserialize(deserializer)?;
        Ok(cards.into_iter().map(ByteBuf::into_vec).collect())
    }
}

#[cfg(test)]
mod tests;
