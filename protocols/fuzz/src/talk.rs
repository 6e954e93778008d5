//! A stream whose other end has said all that it will ever say.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{AsyncRead, AsyncWrite};

/// What the own side may say. Some protocols have it send as much as the other asks for.
const ROOM: usize = 256 * 1024;

/// Never pends: a future over it is done at its first poll.
#[derive(Debug)]
pub struct Talk<'a> {
    /// What is left to hear.
    pub heard: &'a [u8],
    /// What was said.
    pub said: Vec<u8>,
    /// Bytes that one read gives at most.
    piece: usize,
}

impl<'a> Talk<'a> {
    /// A stream that gives as much as it is asked for.
    pub fn new(heard: &'a [u8]) -> Self {
        Self { heard, said: Vec::new(), piece: usize::MAX }
    }

    /// The same a byte at a time: no decoder may depend on how its input was cut.
    pub fn trickle(heard: &'a [u8]) -> Self {
        Self { piece: 1, ..Self::new(heard) }
    }
}

impl AsyncRead for Talk<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = buffer.len().min(self.piece).min(self.heard.len());
        let (now, later) = self.heard.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.heard = later;
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Talk<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = bytes.len().min(ROOM.saturating_sub(self.said.len()));
        if count == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.said.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
