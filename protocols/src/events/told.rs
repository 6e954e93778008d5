//! What a broker says.

use serde::{Deserialize, Serialize};

use super::{Position, Topic};
use crate::{agent::AgentId, data::UnknownNumber};

/// What a subscriber is told, one frame each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Frame", into = "Frame")]
pub enum Told {
    /// First, and once: the subscription is live. The position is the newest that the broker has given out, to any event.
    Subscribed(Position),
    /// Something happened.
    Event(Event),
    /// Something is missing here.
    Gap(Gap),
    /// There is no subscription, or none any more; last.
    Denied(Denied),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What it is about.
    pub topic: Topic,
    /// Who published it, as the broker knows it: the broker itself, or whoever its stream was from.
    pub publisher: AgentId,
    /// Its place among all events of the broker.
    pub position: Position,
    /// When the broker took it in, in milliseconds since the Unix epoch by the broker's clock.
    pub at: u64,
    /// At most [`MAX_PAYLOAD`](super::MAX_PAYLOAD) bytes of anything.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
}

/// What stands where events that matched were, or may have been, lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// All until here was delivered, or was not asked for.
    pub after: Position,
    /// All that matched from here on follows.
    pub next: Position,
    /// Why.
    pub reason: Reason,
}

/// Why events are missing. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Reason {
    /// The broker no longer kept them.
    Forgotten = 1,
    /// The position is of another start of the broker, which keeps nothing across starts. All that it has since follows.
    Restarted = 2,
}

/// Why a broker does not do what it was asked. Closed: a number that is not here is a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Denied {
    /// The scope does not allow it.
    #[error("the broker does not allow it")]
    NotAllowed = 1,
    /// It breaks a rule. Asking again will not help.
    #[error("the broker calls it invalid")]
    Invalid = 2,
    /// There are as many subscriptions, or topics, as there may be.
    #[error("the broker has no room for it")]
    Full = 3,
}

impl TryFrom<u8> for Reason {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Forgotten),
            2 => Ok(Self::Restarted),
            _ => Err(UnknownNumber { what: "reason", number }),
        }
    }
}

impl From<Reason> for u8 {
    fn from(reason: Reason) -> Self {
        reason as Self
    }
}

impl TryFrom<u8> for Denied {
    type Error = UnknownNumber;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::NotAllowed),
            2 => Ok(Self::Invalid),
            3 => Ok(Self::Full),
            _ => Err(UnknownNumber { what: "denial", number }),
        }
    }
}

impl From<Denied> for u8 {
    fn from(denied: Denied) -> Self {
        denied as Self
    }
}

/// What a subscriber is told as it travels: a map with one key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Frame {
    Subscribed(Position),
    Event(Event),
    Gap(Gap),
    Denied { why: Denied },
}

impl From<Told> for Frame {
    fn from(told: Told) -> Self {
        match told {
            Told::Subscribed(position) => Self::Subscribed(position),
            Told::Event(event) => Self::Event(event),
            Told::Gap(gap) => Self::Gap(gap),
            Told::Denied(why) => Self::Denied { why },
        }
    }
}

impl From<Frame> for Told {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Subscribed(position) => Self::Subscribed(position),
            Frame::Event(event) => Self::Event(event),
            Frame::Gap(gap) => Self::Gap(gap),
            Frame::Denied { why } => Self::Denied(why),
        }
    }
}

#[cfg(test)]
mod tests;
