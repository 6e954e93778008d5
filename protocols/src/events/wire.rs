//! What the opener of a stream says.

use serde::{Deserialize, Serialize};

use super::{MAX_PAYLOAD, MAX_SUBSCRIBED, Pattern, Position, Topic};

/// The first frame of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RequestFrame", into = "RequestFrame")]
pub enum Request {
    /// Send me events.
    Subscribe(Subscribe),
    /// [Publications](Publication) follow.
    Publish,
}

/// Which events are wanted. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Those whose topic one of these matches: at least one, at most [`MAX_SUBSCRIBED`].
    pub patterns: Vec<Pattern>,
    /// Where to begin.
    pub since: Since,
}

/// Where a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SinceFrame", into = "SinceFrame")]
pub enum Since {
    /// With what happens next.
    Now,
    /// With the oldest that is there.
    Start,
    /// With what the broker took in at this time or later, in milliseconds since the Unix epoch by the broker's clock.
    Time(u64),
    /// With what follows this position.
    After(Position),
}

/// An event that a publisher hands to the broker. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// What it is about.
    pub topic: Topic,
    /// At most [`MAX_PAYLOAD`] bytes of anything.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
}

/// Which rule a request or a publication breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// There is no pattern, or there are more than [`MAX_SUBSCRIBED`].
    #[error("a subscription has 1 to {max} patterns, not {found}", max = MAX_SUBSCRIBED)]
    Patterns {
        /// Patterns that were given.
        found: usize,
    },
    /// The payload is over [`MAX_PAYLOAD`].
    #[error("a payload of {size} bytes is over the limit of {max}", max = MAX_PAYLOAD)]
    Payload {
        /// Bytes of the payload.
        size: usize,
    },
}

impl Subscribe {
    /// Checks the number of patterns.
    ///
    /// # Errors
    ///
    /// [`Invalid::Patterns`]; a broker answers [`Denied::Invalid`](super::Denied::Invalid).
    pub const fn validate(&self) -> Result<(), Invalid> {
        match self.patterns.len() {
            1..=MAX_SUBSCRIBED => Ok(()),
            found => Err(Invalid::Patterns { found }),
        }
    }
}

impl Publication {
    /// Checks the size of the payload.
    ///
    /// # Errors
    ///
    /// [`Invalid::Payload`]; a broker answers [`Denied::Invalid`](super::Denied::Invalid).
    pub fn validate(&self) -> Result<(), Invalid> {
        within_limit(&self.payload)
    }
}

/// Checks the size of a payload.
pub(super) const fn within_limit(payload: &[u8]) -> Result<(), Invalid> {
    match payload.len() {
        0..=MAX_PAYLOAD => Ok(()),
        size => Err(Invalid::Payload { size }),
    }
}

/// A request as it travels: a map with one key, which is what `Publish` alone is not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RequestFrame {
    Subscribe(Subscribe),
    Publish {},
}

impl From<Request> for RequestFrame {
    fn from(request: Request) -> Self {
        match request {
            Request::Subscribe(subscribe) => Self::Subscribe(subscribe),
            Request::Publish => Self::Publish {},
        }
    }
}

impl From<RequestFrame> for Request {
    fn from(frame: RequestFrame) -> Self {
        match frame {
            RequestFrame::Subscribe(subscribe) => Self::Subscribe(subscribe),
            RequestFrame::Publish {} => Self::Publish,
        }
    }
}

/// Where a subscription begins as it travels: a map with one key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SinceFrame {
    Now {},
    Start {},
    Time { at: u64 },
    After(Position),
}

impl From<Since> for SinceFrame {
    fn from(since: Since) -> Self {
        match since {
            Since::Now => Self::Now {},
            Since::Start => Self::Start {},
            Since::Time(at) => Self::Time { at },
            Since::After(position) => Self::After(position),
        }
    }
}

impl From<SinceFrame> for Since {
    fn from(frame: SinceFrame) -> Self {
        match frame {
            SinceFrame::Now {} => Self::Now,
            SinceFrame::Start {} => Self::Start,
            SinceFrame::Time { at } => Self::Time(at),
            SinceFrame::After(position) => Self::After(position),
        }
    }
}

#[cfg(test)]
mod tests;
