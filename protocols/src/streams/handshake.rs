//! The status byte in front of a stream: sent by the responder, awaited by the opener, seen by neither's user.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use futures::{AsyncRead, AsyncWrite};

use super::status::{Refusal, Status};

/// A stream of libp2p and what is left to do about its status byte.
#[derive(Debug)]
pub(super) struct Line {
    io: libp2p::Stream,
    handshake: Handshake,
}

/// What is left to do about the status byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handshake {
    /// We are the responder and have not said `Ok` yet: it goes out with the first use of the stream.
    Send,
    /// We are the opener and have not read the byte yet: it is the first one that a read sees.
    Expect,
    Done,
    /// The byte did not come, or is a refusal. The stream is of no use: below it may be a negotiation that failed,
    /// which must not be touched again.
    Failed(Option<Refusal>),
}

impl Line {
    pub(super) fn responder(io: libp2p::Stream) -> Self {
        Self { io, handshake: Handshake::Send }
    }

    pub(super) fn opener(io: libp2p::Stream) -> Self {
        Self { io, handshake: Handshake::Expect }
    }

    /// Answers with something else than `Ok`; the caller drops it next.
    pub(super) fn refuse(&mut self, status: Status) {
        debug_assert!(self.handshake == Handshake::Send, "only a responder that has said nothing refuses");
        refuse(&mut self.io, status);
    }

    /// Does what is to be done before any use of the stream.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.handshake {
            Handshake::Send => match ready!(Pin::new(&mut self.io).poll_write(cx, &[Status::Ok as u8]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                _ => self.handshake = Handshake::Done,
            },
            Handshake::Failed(Some(refusal)) => return Poll::Ready(Err(refusal.into())),
            Handshake::Failed(None) => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Handshake::Expect | Handshake::Done => {}
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_status(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.handshake != Handshake::Expect {
            return Poll::Ready(Ok(()));
        }
        let mut byte = [0];
        ready!(self.poll_first(cx, &mut byte))?;
        Poll::Ready(Ok(()))
    }

    /// Reads the status byte and what comes with it; returns how much came, the byte included.
    fn poll_first(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = match ready!(Pin::new(&mut self.io).poll_read(cx, buf)) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => Refusal::of_byte(buf[0]).map_or(Ok(n), |refusal| Err(refusal.into())),
            Err(error) => Err(explain(error)),
        };
        self.handshake = match &read {
            Ok(_) => Handshake::Done,
            Err(error) => Handshake::Failed(Refusal::of(error)),
        };
        Poll::Ready(read)
    }

    /// A responder that refuses stops reading: the opener's write fails before it has read why.
    fn poll_reason(&mut self, cx: &mut Context<'_>, error: io::Error) -> Poll<io::Error> {
        if self.handshake != Handshake::Expect {
            return Poll::Ready(error);
        }
        match ready!(self.poll_status(cx)) {
            Err(reason) if Refusal::of(&reason).is_some() => Poll::Ready(reason),
            _ => Poll::Ready(error),
        }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(cx))?;
        if self.handshake == Handshake::Done || buf.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        // The status byte and the first bytes behind it come in one read.
        let n = ready!(self.poll_first(cx, buf))?;
        if n == 1 {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        buf.copy_within(1..n, 0);
        Poll::Ready(Ok(n - 1))
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(cx))?;
        match ready!(Pin::new(&mut self.io).poll_write(cx, buf)) {
            Ok(n) => Poll::Ready(Ok(n)),
            Err(error) => self.poll_reason(cx, error).map(Err),
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(cx))?;
        match ready!(Pin::new(&mut self.io).poll_flush(cx)) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(error) => self.poll_reason(cx, error).map(Err),
        }
    }

    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(cx))?;
        Pin::new(&mut self.io).poll_close(cx)
    }
}

/// Answers a stream that nobody takes; the caller drops it next.
///
/// One byte always fits into a new stream's window, so this needs no task to wait in; should it not, the
/// opener sees a reset. The stream is dropped rather than closed: over yamux the peer of a closed stream could
/// go on writing for ever.
pub(super) fn refuse(io: &mut libp2p::Stream, status: Status) {
    let mut cx = Context::from_waker(Waker::noop());
    if let Poll::Ready(Ok(1)) = Pin::new(&mut *io).poll_write(&mut cx, &[status as u8]) {
        let _ = Pin::new(io).poll_flush(&mut cx);
    }
}

/// Gives the failure of a lazy negotiation its name.
fn explain(error: io::Error) -> io::Error {
    Refusal::of(&error).map_or(error, Into::into)
}
