//! Airway with a file in place of a stream: what it costs that the bytes are safe on the other side.
//!
//! The sender reads the file and computes its BLAKE3; the receiver computes it, too, writes the file, syncs it and its
//! directory, notes it in the database, and only then answers. Both sides lie in memory where that has room, so that
//! the figure is one of Airway and not of a disk.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use airway::{Node, Overrides, protocols::streams::Stream, store::Clear};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, future::BoxFuture};
use tempfile::TempDir;

use super::{
    Contestant, Figure, Measurement, Runtime, Size, Stack, Transport,
    airway::{Airway, serve_port},
    child::{Ready, Server},
    contest::{Contest, Measured},
    measure::mib_per_second,
    service::{Service, Side as _},
};
use crate::agent::{Agent, QUIC};

/// Most bytes of the file: more show nothing else, and take memory twice.
const BYTES: u64 = 256 << 20;

/// Where memory shows as a directory, on Linux.
const MEMORY: &str = "/dev/shm";

/// The least room there: for the file on both sides, and half as much for whoever else needs some.
const ROOM: u64 = 3 * BYTES;

/// Longer than any file takes on a machine that works.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node here with a file, and one in a process of its own.
#[derive(Debug)]
pub(super) struct Files {
    side: Airway,
    dir: TempDir,
    _lives: (Agent, Server),
}

impl Files {
    /// Starts both nodes and connects them.
    pub(super) async fn connect(runtime: Runtime) -> io::Result<Self> {
        let (side, lives) = Airway::connect(runtime, Stack::AirwayFiles, Transport::Quic).await?;
        let files = Self { side, dir: TempDir::with_prefix_in("airway-", directory()?)?, _lives: lives };
        files.clear().await?;
        Ok(files)
    }

    /// Sends a file of so many bytes until the server has it; in MiB per second.
    async fn send(&self, bytes: u64) -> io::Result<f64> {
        let bytes = bytes.min(BYTES);
        let path = self.dir.path().join("file");
        if path.metadata().map_or(0, |file| file.len()) != bytes {
            fs::write(&path, vec![0xa5; usize::try_from(bytes).map_err(io::Error::other)?])?;
        }
        let (node, server) = (self.side.node().clone(), self.side.server().clone());
        let sending = self.side.spawn(async move {
            let start = Instant::now();
            let sent = node.try_send_file(&server, path, None, |_| {});
            let sent = tokio::time::timeout(PATIENCE, sent).await?.map_err(io::Error::other)?;
            Ok::<_, io::Error>((sent, start.elapsed()))
        });
        let (sent, taken) = sending.await??;
        if !sent.is_delivered() || sent.is_duplicate() {
            return Err(io::Error::other("the file was not sent anew"));
        }
        // Now, so that it falls into nobody's round.
        self.clear().await?;
        Ok(mib_per_second(bytes, taken))
    }

    /// Has the server delete what it received.
    async fn clear(&self) -> io::Result<()> {
        let mut stream = self.side.open(Service::Sink).await?;
        stream.close().await?;
        // Reset, in place of closed, if that failed.
        stream.read_to_end(&mut Vec::new()).await?;
        Ok(())
    }
}

impl Contest for Files {
    fn contestant(&self) -> Contestant {
        Contestant::AirwayFile
    }

    fn measure(&self, what: Measurement, size: Size) -> BoxFuture<'_, io::Result<Measured>> {
        Box::pin(async move {
            match what {
                Measurement::Throughput => {
                    Ok(Measured::one(Figure::Throughput, self.send(size.bytes).await?))
                }
                _ => Ok(Measured::default()),
            }
        })
    }
}

/// Runs the server until the client is gone. Whoever opens its port has it delete what it received.
pub(super) async fn serve(trust: &str, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let agent = Agent::start_in(&directory()?, "server", &[QUIC], Overrides::default()).await?;
    let node = agent.node.clone();
    serve_port(agent, trust, ready, move |stream| clear(node.clone(), stream)).await
}

async fn clear(node: Node, mut stream: Stream) -> io::Result<()> {
    node.clear(Clear::All).await.map_err(io::Error::other)?;
    stream.close().await
}

/// Memory if it has room, or else the directory for what is temporary.
fn directory() -> io::Result<PathBuf> {
    let memory = Path::new(MEMORY);
    if !memory.is_dir() {
        return Ok(env::temp_dir());
    }
    let about = rustix::fs::statvfs(memory)?;
    let room = about.f_bavail.saturating_mul(about.f_frsize);
    Ok(if room >= ROOM { memory.to_owned() } else { env::temp_dir() })
}
