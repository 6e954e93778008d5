//! A stream to a peer, and what is known of it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use libp2p::{PeerId, StreamProtocol, swarm::ConnectionId};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    handshake::Line,
    leash::{CutWatch, Half, Tether},
    status::Status,
};

/// A stream between two peers.
///
/// Bytes go straight to the connection's own state: no task of the swarm stands between. Dropping a stream
/// that was not closed resets it.
#[derive(Debug)]
pub struct Stream {
    line: Line,
    /// Held at every use of the line.
    tether: Tether,
    origin: Origin,
    /// Its place among the peer's streams, given back on drop.
    _permit: OwnedSemaphorePermit,
}

impl Stream {
    pub(super) fn inbound(
        io: libp2p::Stream,
        origin: Origin,
        permit: OwnedSemaphorePermit,
        tether: Tether,
    ) -> Self {
        Self { line: Line::responder(io), tether, origin, _permit: permit }
    }

    pub(super) fn outbound(
        io: libp2p::Stream,
        origin: Origin,
        permit: OwnedSemaphorePermit,
        tether: Tether,
    ) -> Self {
        Self { line: Line::opener(io), tether, origin, _permit: permit }
    }

    /// The other side, as authenticated by the transport.
    pub fn peer(&self) -> PeerId {
        self.origin.peer
    }

    /// The connection that carries the stream.
    pub fn connection(&self) -> ConnectionId {
        self.origin.connection
    }

    /// What was negotiated.
    pub fn protocol(&self) -> &StreamProtocol {
        &self.origin.protocol
    }

    /// Whether the stream was cut, so that every use of it fails with [`super::Cut`].
    pub fn is_cut(&self) -> bool {
        self.tether.is_cut()
    }

    /// Tells whether the stream was cut even when it is split or gone.
    pub fn cut_watch(&self) -> CutWatch {
        self.tether.watch()
    }

    /// Waits for the responder's word that it takes the stream.
    ///
    /// Need not be called: the first read does the same. It is for an opener that wants to know before it
    /// has anything to say.
    ///
    /// # Errors
    /// A [`Refusal`](super::Refusal) if the responder does not take it, else whatever broke the connection.
    pub async fn accepted(&mut self) -> io::Result<()> {
        // Negotiation is lazy: without a flush nothing has been sent.
        self.flush().await?;
        std::future::poll_fn(|cx| self.poll(Half::Read, cx, Line::poll_status)).await
    }

    /// Tells the opener, instead of `Ok`, that this stream is not taken.
    pub fn refuse(mut self, status: Status) {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let _ = self.poll(Half::Write, &mut cx, |line, _| {
            line.refuse(status);
            Poll::Ready(Ok(()))
        });
    }

    /// Uses the line, unless the stream was cut.
    fn poll<T>(
        &mut self,
        half: Half,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Line, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Self { line, tether, .. } = self;
        tether.poll(half, cx, |cx| poll(line, cx))
    }
}

/// Where a stream comes from or goes to.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) protocol: StreamProtocol,
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(Half::Read, cx, |line, cx| line.poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(Half::Write, cx, |line, cx| line.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll(Half::Write, cx, Line::poll_flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll(Half::Write, cx, Line::poll_close)
    }
}
