//! Echo (port 7): bytes come back as they were sent, until the remote half closes.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, future};
use libp2p::StreamProtocol;

/// The protocol behind [`Port::ECHO`](crate::port::Port::ECHO).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/echo/1.0.0");

/// Bytes held for one stream: what is read at once, and all that a peer who does not read can make us keep.
const BUFFER: usize = 64 * 1024;

/// Why a payload did not come back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[from] io::Error),
    /// The peer closed its half before the whole payload was back.
    #[error("the peer closed the stream after {received} bytes of the echo")]
    Closed {
        /// Bytes that came back.
        received: usize,
    },
    /// What came back is not what was sent.
    #[error("the echo differs from byte {at} on")]
    Differs {
        /// Offset of the first chunk or byte that differs.
        at: usize,
    },
}

/// Echoes `stream` until the remote half closes, closes the own half, and returns the byte count.
///
/// # Errors
///
/// Whatever the stream fails with.
pub async fn serve<S>(mut stream: S) -> io::Result<u64>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; BUFFER];
    let mut echoed = 0;
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            stream.close().await?;
            return Ok(echoed);
        }
        stream.write_all(&buffer[..read]).await?;
        // The peer may wait for this part before it sends more.
        stream.flush().await?;
        echoed += read as u64;
    }
}

/// One round trip: sends `payload` and waits until it is back. The stream stays open for the next.
///
/// Reads while it writes, so that a payload larger than the buffers on the way does not block itself.
///
/// # Errors
///
/// [`Error::Closed`] if the peer closes early, [`Error::Differs`] if something else comes back, [`Error::Io`] if the
/// stream fails. The stream is then of no further use.
pub async fn ping<S>(stream: &mut S, payload: &[u8]) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut reader, mut writer) = stream.split();
    let send = async {
        writer.write_all(payload).await?;
        writer.flush().await?;
        Ok(())
    };
    future::try_join(send, compare(&mut reader, payload)).await?;
    Ok(())
}

/// Reads as many bytes as `expected` has, and compares.
async fn compare<S>(reader: &mut S, expected: &[u8]) -> Result<(), Error>
where
    S: AsyncRead + Unpin,
{
    let mut buffer = vec![0; expected.len().min(BUFFER)];
    let mut received = 0;
    while received < expected.len() {
        let wanted = buffer.len().min(expected.len() - received);
        let read = reader.read(&mut buffer[..wanted]).await?;
        if read == 0 {
            return Err(Error::Closed { received });
        }
        let expected = &expected[received..received + read];
        if let Some(offset) = expected.iter().zip(&buffer).position(|(sent, back)| sent != back) {
            return Err(Error::Differs { at: received + offset });
        }
        received += read;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio_util::compat::TokioAsyncReadCompatExt;

    use super::*;

    /// Far less than the larger payloads, so that writing all before reading would never end.
    const PIPE: usize = 1024;

    #[tokio::test]
    async fn payloads_of_any_size_come_back() {
        let (near, far) = tokio::io::duplex(PIPE);
        let mut near = near.compat();
        let server = tokio::spawn(serve(far.compat()));

        let sizes = [0, 1, PIPE, 3 * BUFFER + 1];
        for size in sizes {
            let payload: Vec<_> = (0..size).map(|i| (i % 251) as u8).collect();
            ping(&mut near, &payload).await.unwrap();
        }
        near.close().await.unwrap();

        assert_eq!(server.await.unwrap().unwrap(), sizes.iter().sum::<usize>() as u64);
    }

    #[tokio::test]
    async fn another_echo_is_noticed() {
        let (near, far) = tokio::io::duplex(PIPE);
        let mut far = far.compat();
        far.write_all(b"pang").await.unwrap();

        let answer = ping(&mut near.compat(), b"ping").await;
        assert!(matches!(answer, Err(Error::Differs { at: 1 })));
    }

    #[tokio::test]
    async fn a_peer_that_closes_early_is_noticed() {
        let (near, far) = tokio::io::duplex(PIPE);
        let mut far = far.compat();
        far.write_all(b"pi").await.unwrap();
        far.close().await.unwrap();

        let answer = ping(&mut near.compat(), b"ping").await;
        assert!(matches!(answer, Err(Error::Closed { received: 2 })));
    }
}
