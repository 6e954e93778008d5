//! What all protocols share on a stream: frames with a length in front, and strict CBOR inside.
//!
//! ```text
//! frame    unsigned-varint length ‖ that many bytes
//! object   a CBOR map with text keys, in the strict subset of [`cbor`]
//! ```
//!
//! Each protocol passes its own cap; a longer frame is refused on its prefix. None of the functions here is safe to
//! cancel: a stream with half a frame read or written is of no further use. None has a timeout of its own.

use std::io;

use futures::{AsyncRead, AsyncWrite};
use serde::{Serialize, de::DeserializeOwned};

pub mod cbor;
mod frame;
mod read;
mod scan;

pub use cbor::{decode, encode};
pub(crate) use frame::read_body;
pub use frame::{frame, read_frame, write_frame};

/// Cap of a frame that controls something and carries no payload, in bytes.
pub const CONTROL_FRAME: usize = 4 * 1024;

/// Why a frame or a message was not read or written. The stream is of no further use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[from] io::Error),
    /// The stream ended inside a frame.
    #[error("the stream ended inside a frame")]
    Truncated,
    /// The length in front of a frame is not the shortest varint for any length that a frame may have.
    #[error("the length of a frame is not a minimal varint")]
    Prefix,
    /// The frame is longer than its protocol allows; nothing of it was read or written.
    #[error("a frame of {size} bytes is over the limit of {max}")]
    TooLarge {
        /// Bytes that the frame has or claims to have.
        size: u64,
        /// Bytes allowed.
        max: usize,
    },
    /// The frame does not hold the message that was expected.
    #[error("a frame holds no valid message")]
    Cbor(#[from] cbor::Error),
}

/// Reads one message, or `None` if the stream ended before it.
///
/// # Errors
///
/// As [`read_frame`], and [`Error::Cbor`] if the frame does not decode as a `T`.
pub async fn read_message<T, S>(stream: &mut S, max: usize) -> Result<Option<T>, Error>
where
    T: DeserializeOwned,
    S: AsyncRead + Unpin,
{
    match read_frame(stream, max).await? {
        Some(bytes) => Ok(Some(decode(&bytes)?)),
        None => Ok(None),
    }
}

/// Writes one message. Does not flush: the caller may have more to send.
///
/// # Errors
///
/// As [`write_frame`], and [`Error::Cbor`] if `message` has no encoding.
pub async fn write_message<T, S>(stream: &mut S, message: &T, max: usize) -> Result<(), Error>
where
    T: Serialize,
    S: AsyncWrite + Unpin,
{
    write_frame(stream, &encode(message)?, max).await
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Greeting {
        text: String,
    }

    #[test]
    fn messages_follow_each_other_until_the_end() {
        let mut bytes = Vec::new();
        let sent: Vec<_> = ["hello", "again"].map(|text| Greeting { text: text.into() }).into();
        for message in &sent {
            block_on(write_message(&mut bytes, message, CONTROL_FRAME)).unwrap();
        }

        let mut stream = Cursor::new(bytes);
        for message in sent {
            assert_eq!(block_on(read_message(&mut stream, CONTROL_FRAME)).unwrap(), Some(message));
        }
        assert!(block_on(read_message::<Greeting, _>(&mut stream, CONTROL_FRAME)).unwrap().is_none());
    }

    #[test]
    fn a_frame_with_something_else_inside_is_refused() {
        let mut stream = Cursor::new([1, 0xF6]);
        let refused = block_on(read_message::<Greeting, _>(&mut stream, CONTROL_FRAME));
        assert!(matches!(refused, Err(Error::Cbor(_))));
    }
}
