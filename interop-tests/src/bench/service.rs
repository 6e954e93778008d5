//! What a server offers, and the client's way to it; the same for both stacks.

use std::{future::Future, io};

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinHandle;

/// Bytes of one write, and of one read, of bulk data.
pub(super) const CHUNK: usize = 256 * 1024;

/// A stream's purpose.
#[derive(Debug, Clone, Copy)]
pub(super) enum Service {
    /// Bytes come back.
    Echo,
    /// Bytes are counted; see [`sink`].
    Sink,
}

/// A connected client of one stack.
pub(super) trait Side: Clone + Send + Sync + 'static {
    /// Its streams.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Runs a measuring task where the side has it run.
    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        tokio::spawn(task)
    }

    /// Closes the connection, so that [`connect`](Self::connect) has to make a new one.
    fn hang_up(&self) -> impl Future<Output = io::Result<()>> + Send;

    /// Makes a connection in place of the one that was closed, unless [`open`](Self::open) does so by itself.
    fn connect(&self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Opens a stream as a program on the stack would.
    fn open(&self, service: Service) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// Reads a stream to its end and answers with the byte count, so that the sender knows when all has arrived.
pub(super) async fn sink<S>(mut stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; CHUNK];
    let mut count = 0_u64;
    loop {
        match stream.read(&mut buffer).await? {
            0 => break,
            read => count += read as u64,
        }
    }
    stream.write_all(&count.to_be_bytes()).await?;
    stream.close().await
}
