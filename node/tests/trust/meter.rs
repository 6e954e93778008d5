//! Streams that notice when they are served for longer than they may be, and what is done with them.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use airway::protocols::streams::{Cut, Stream};
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, future::join};

/// A piece of what goes to and fro.
const PIECE: usize = 1024;

/// What all streams of one side have done together.
#[derive(Debug, Default)]
pub(super) struct Meter {
    over: AtomicBool,
    /// Streams on which something has moved.
    busy: AtomicUsize,
    bytes: AtomicU64,
    /// Uses that began when it was over, and that succeeded.
    late: AtomicU64,
    /// Uses that failed since the stream was cut.
    cut: AtomicU64,
}

impl Meter {
    /// From now on nothing may succeed. What has begun before is nobody's fault.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::SeqCst)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }

    pub(super) fn late(&self) -> u64 {
        self.late.load(Ordering::SeqCst)
    }

    pub(super) fn cuts(&self) -> u64 {
        self.cut.load(Ordering::SeqCst)
    }

    /// Notes something that succeeded although it began when it was over.
    pub(super) fn note_late(&self) {
        self.late.fetch_add(1, Ordering::SeqCst);
    }
}

/// A stream whose uses are counted.
#[derive(Debug)]
pub(super) struct Metered {
    stream: Stream,
    meter: Arc<Meter>,
    moved: bool,
}

impl Metered {
    pub(super) fn new(stream: Stream, meter: &Arc<Meter>) -> Self {
        Self { stream, meter: meter.clone(), moved: false }
    }

    fn count(&mut self, late: bool, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Ready(Ok(_)) if late => self.meter.note_late(),
            Poll::Ready(Ok(n)) => {
                self.meter.bytes.fetch_add(*n as u64, Ordering::SeqCst);
                if !std::mem::replace(&mut self.moved, true) {
                    self.meter.busy.fetch_add(1, Ordering::SeqCst);
                }
            }
            Poll::Ready(Err(error)) if Cut::is(error) => {
                self.meter.cut.fetch_add(1, Ordering::SeqCst);
            }
            Poll::Ready(Err(_)) | Poll::Pending => {}
        }
    }
}

impl AsyncRead for Metered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let late = self.meter.is_over();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.count(late, &outcome);
        outcome
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let late = self.meter.is_over();
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.count(late, &outcome);
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

/// What a task does with its stream, until that ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Asks, and waits for what comes back.
    Ask,
    /// Sends back what comes.
    Echo,
    /// Writes as fast as it goes, and reads whatever comes.
    Pour,
}

/// Plays a role to the end of the stream.
pub(super) async fn play(role: Role, stream: Metered) {
    let (mut reader, mut writer) = stream.split();
    let mut piece = [7; PIECE];
    match role {
        Role::Ask => {
            while writer.write_all(&piece).await.is_ok()
                && writer.flush().await.is_ok()
                && reader.read_exact(&mut piece).await.is_ok()
            {}
        }
        Role::Echo => {
            while let Ok(n @ 1..) = reader.read(&mut piece).await {
                if writer.write_all(&piece[..n]).await.is_err() || writer.flush().await.is_err() {
                    return;
                }
            }
        }
        Role::Pour => {
            let write = async { while writer.write_all(&[7; PIECE]).await.is_ok() {} };
            let read = async { while matches!(reader.read(&mut piece).await, Ok(1..)) {} };
            join(write, read).await;
        }
    }
}
