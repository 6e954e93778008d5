//! Raw streams between a program on this machine and a port of an agent.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::UnixStream,
};

use super::{
    follow::{Lines, parse},
    transport::broken,
};
use crate::api::{Accepted, Code, Error};

/// How much is read at once while the line that announces a peer is awaited.
const LINE_READ: usize = 1024;

/// The longest line that announces a peer: an address and a name.
const LINE: usize = 16 * 1024;

/// A raw stream to or from a peer. Either direction ends on its own: shutting it down for writing leaves it
/// open for reading, and reading to the end leaves it open for writing.
#[derive(Debug)]
pub struct PortStream {
    /// What arrived together with the answer; read first.
    head: Bytes,
    io: UnixStream,
    found: Option<String>,
}

impl PortStream {
    pub(crate) fn new(head: Bytes, io: UnixStream) -> Self {
        Self { head, io, found: None }
    }

    /// The same with the full address of whom it leads to.
    pub(super) fn found(self, found: Option<String>) -> Self {
        Self { found, ..self }
    }

    /// The full address of whom it leads to, where the network was asked who is meant.
    pub fn leads_to(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// The bytes that arrived already, and the socket with all that follows.
    pub fn into_parts(self) -> (Bytes, UnixStream) {
        (self.head, self.io)
    }
}

impl AsyncRead for PortStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.head.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let len = self.head.len().min(buf.remaining());
        buf.put_slice(&self.head[..len]);
        self.head.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PortStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A port that is ours until a peer comes. Dropping it frees the port.
#[derive(Debug)]
pub struct Listening(PortStream);

impl Listening {
    pub(super) fn new(stream: PortStream) -> Self {
        Self(stream)
    }

    /// Waits for a peer, and returns who it is with the stream to it.
    pub async fn accept(mut self) -> Result<(Accepted, PortStream), Error> {
        let mut lines = Lines::default();
        let mut seen = 0;
        loop {
            if let Some(line) = lines.take() {
                let head = Bytes::from(lines.into_rest());
                // Had the old head not been used up, its rest would come next.
                let head = if self.0.head.is_empty() { head } else { [head, self.0.head].concat().into() };
                return Ok((parse(&line)?, PortStream::new(head, self.0.io)));
            }
            let mut buffer = [0; LINE_READ];
            let len = self.0.read(&mut buffer).await.map_err(broken)?;
            seen += len;
            if len == 0 {
                return Err(Error::new(Code::NotRunning, "the daemon ended while it was waited for a peer"));
            }
            if seen > LINE {
                return Err(broken("no end of the line that names the peer"));
            }
            lines.push(&buffer[..len])?;
        }
    }
}
