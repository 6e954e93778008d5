//! The first byte that a responder sends, and what an opener makes of it.

use std::io;

use multistream_select::NegotiationError;

/// The first byte of every stream, from the responder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Go ahead.
    Ok = 0,
    /// Too many streams, of this peer or in all; try again later.
    Busy = 1,
    /// The responder does not want this stream from this peer.
    Refused = 2,
    /// Nobody listens here any more.
    Closed = 3,
}

impl Status {
    /// Reads the byte; a number of a later version is `None`.
    pub fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ok, Self::Busy, Self::Refused, Self::Closed].into_iter().find(|status| *status as u8 == byte)
    }
}

/// Why a responder did not take a stream.
///
/// Travels as the inner error of an [`io::Error`]; [`Refusal::of`] finds it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many streams; try again later.
    #[error("the peer is busy")]
    Busy,
    /// The responder does not want this stream from us.
    #[error("the peer refused the stream")]
    Refused,
    /// Nobody listens there.
    #[error("nobody listens on that port")]
    Closed,
    /// The responder does not speak the protocol, or not with us.
    #[error("the peer does not speak this protocol with us")]
    Unsupported,
    /// The responder answered with a byte that this version does not know.
    #[error("the peer answered with the unknown status {0}")]
    Unknown(u8),
}

impl Refusal {
    /// What a status byte says, if it is not [`Status::Ok`].
    pub fn of_byte(byte: u8) -> Option<Self> {
        match Status::from_byte(byte) {
            Some(Status::Ok) => None,
            Some(Status::Busy) => Some(Self::Busy),
            Some(Status::Refused) => Some(Self::Refused),
            Some(Status::Closed) => Some(Self::Closed),
            None => Some(Self::Unknown(byte)),
        }
    }

    /// The refusal behind a failed read or write, if it was one.
    pub fn of(error: &io::Error) -> Option<Self> {
        let inner = error.get_ref()?;
        if let Some(refusal) = inner.downcast_ref::<Self>() {
            return Some(*refusal);
        }
        // A lazily negotiated protocol is refused at the first read.
        match inner.downcast_ref::<NegotiationError>() {
            Some(NegotiationError::Failed) => Some(Self::Unsupported),
            _ => None,
        }
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::ConnectionRefused, refusal)
    }
}
