//! A stream that may be slow, but not stand still.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};

/// Fails with [`io::ErrorKind::TimedOut`] when a read or write has waited for `idle`.
///
/// As far as is needed here: a reader and a writer that wait at the same time share the clock.
#[derive(Debug)]
pub(super) struct Patient<S> {
    inner: S,
    idle: Duration,
    alarm: Pin<Box<Sleep>>,
    /// Whether the alarm is set for the wait that goes on.
    waiting: bool,
}

impl<S: Unpin> Patient<S> {
    pub(super) fn new(inner: S, idle: Duration) -> Self {
        Self { inner, idle, alarm: Box::pin(sleep(idle)), waiting: false }
    }

    /// Lets `act` go on, or fails it if it stood still for too long.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        act: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(done) = act(Pin::new(&mut self.inner), cx) {
            self.waiting = false;
            return Poll::Ready(done);
        }
        if !self.waiting {
            self.alarm.as_mut().reset(Instant::now() + self.idle);
            self.waiting = true;
        }
        self.alarm.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, |inner, cx| inner.poll_read(cx, buffer))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll(cx, |inner, cx| inner.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll(cx, |inner, cx| inner.poll_close(cx))
    }
}

#[cfg(test)]
mod tests {
    use futures::{AsyncReadExt as _, AsyncWriteExt as _, poll};
    use tokio_util::compat::TokioAsyncReadCompatExt as _;

    use super::*;

    #[tokio::test]
    async fn whoever_stands_still_is_given_up() {
        let (near, _far) = tokio::io::duplex(8);
        let mut near = Patient::new(near.compat(), Duration::from_millis(20));
        let failed = near.read(&mut [0]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        let failed = near.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn every_byte_buys_new_time() {
        let (near, far) = tokio::io::duplex(8);
        let (mut near, mut far) = (Patient::new(near.compat(), Duration::from_secs(3600)), far.compat());
        let mut deadlines = Vec::new();
        for _ in 0..2 {
            let mut byte = [0];
            let mut read = near.read(&mut byte);
            assert!(poll!(&mut read).is_pending());
            far.write_all(b"x").await.unwrap();
            assert_eq!(read.await.unwrap(), 1);
            deadlines.push(near.alarm.deadline());
        }
        assert!(deadlines[0] < deadlines[1], "{deadlines:?}");
    }
}
