//! A port that counts what comes and says what it was, and a caller that checks it.

use std::io;

use airway::{
    Node,
    protocols::{port::Port, streams::Stream},
};
use data_encoding::HEXLOWER;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use rand::{RngCore as _, SeedableRng as _, rngs::SmallRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::{Answer, WAIT, done};

/// Bytes that are written or read at once.
const BUFFER: usize = 64 * 1024;

/// Most bytes of the line that comes back.
const LINE: u64 = 256;

/// The line that the port answers with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    bytes: u64,
    sha256: String,
}

impl Sum {
    fn of(bytes: u64, hash: Sha256) -> Self {
        Self { bytes, sha256: HEXLOWER.encode(&hash.finalize()) }
    }
}

/// Answers each stream on the port, for as long as the node runs.
pub(super) fn serve(node: &Node, port: Port) -> Answer {
    let mut listener = node.listen(port)?;
    tokio::spawn(async move {
        while let Some((from, stream)) = listener.accept().await {
            tokio::spawn(async move {
                if let Err(error) = sum_up(stream).await {
                    tracing::warn!(from = %from.label(), %error, "a call broke");
                }
            });
        }
    });
    done()
}

async fn sum_up(mut stream: Stream) -> io::Result<()> {
    let (mut bytes, mut hash, mut buffer) = (0, Sha256::new(), vec![0; BUFFER]);
    loop {
        match stream.read(&mut buffer).await? {
            0 => break,
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    let line = serde_json::to_string(&Sum::of(bytes, hash))? + "\n";
    stream.write_all(line.as_bytes()).await?;
    stream.close().await
}

/// Sends so many bytes to a port of another, and checks what it says about them.
pub(super) async fn call(node: &Node, who: &str, port: Port, bytes: u64) -> Answer {
    let contact = node.meet(who, WAIT).await?;
    let stream = node.open(&contact, port, WAIT).await?;
    let (sent, said) = timeout(WAIT, exchange(stream, bytes)).await??;
    if said != sent {
        return Err(format!("sent {sent:?}, and there came {said:?}").into());
    }
    Ok(serde_json::to_value(said)?)
}

async fn exchange(mut stream: Stream, bytes: u64) -> io::Result<(Sum, Sum)> {
    let (mut source, mut hash, mut buffer) = (SmallRng::from_os_rng(), Sha256::new(), vec![0; BUFFER]);
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
        source.fill_bytes(&mut buffer[..part]);
        hash.update(&buffer[..part]);
        stream.write_all(&buffer[..part]).await?;
        left -= part as u64;
    }
    stream.close().await?;
    let mut line = String::new();
    stream.take(LINE).read_to_string(&mut line).await?;
    Ok((Sum::of(bytes, hash), serde_json::from_str(&line)?))
}
