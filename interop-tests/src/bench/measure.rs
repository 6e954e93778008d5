//! The measurements, each over any stack.

use std::{
    io,
    time::{Duration, Instant},
};

use airway::protocols::echo;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, future::try_join_all};
use tokio::time::timeout;

use super::{
    figures::{Lost, percentile},
    service::{CHUNK, Service, Side},
};

/// What a request and its answer carry.
const PAYLOAD: [u8; 64] = [0xa5; 64];

/// A request without an answer after this is lost.
const PATIENCE: Duration = Duration::from_secs(10);

const MIB: f64 = 1024.0 * 1024.0;

/// Round trips of one round, in microseconds.
#[derive(Debug)]
pub(super) struct RoundTrips {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// Requests of one round.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) per_second: f64,
    pub(super) lost: Lost,
}

/// One round trip after the other, on one stream.
pub(super) async fn round_trips<S: Side>(side: &S, time: Duration) -> io::Result<RoundTrips> {
    let client = side.clone();
    let measuring = side.spawn(async move {
        let mut stream = client.open(Service::Echo).await?;
        // The first one may still negotiate.
        echo::ping(&mut stream, &PAYLOAD).await.map_err(io::Error::other)?;
        let mut taken = Vec::new();
        let start = Instant::now();
        while start.elapsed() < time {
            let sent = Instant::now();
            echo::ping(&mut stream, &PAYLOAD).await.map_err(io::Error::other)?;
            taken.push(sent.elapsed());
        }
        stream.close().await?;
        Ok::<_, io::Error>(taken)
    });
    let mut taken = measuring.await??;
    taken.sort_unstable();
    let micros = |rank| percentile(&taken, rank).as_secs_f64() * 1e6;
    Ok(RoundTrips { p50: micros(50), p99: micros(99) })
}

/// Requests with a stream of its own for each, so many at once.
pub(super) async fn requests<S: Side>(side: &S, time: Duration, outstanding: usize) -> io::Result<Requests> {
    let start = Instant::now();
    let clients = (0..outstanding).map(|_| {
        let client = side.clone();
        side.spawn(async move {
            let mut lost = Lost::default();
            while start.elapsed() < time {
                lost.attempted += 1;
                if !matches!(timeout(PATIENCE, request(&client)).await, Ok(Ok(()))) {
                    lost.lost += 1;
                }
            }
            lost
        })
    });
    let lost: Lost = try_join_all(clients).await?.into_iter().sum();
    let answered = (lost.attempted - lost.lost) as f64;
    Ok(Requests { per_second: answered / start.elapsed().as_secs_f64(), lost })
}

/// Connections one after the other, each until the first byte has been answered: the median, in milliseconds.
pub(super) async fn set_ups<S: Side>(side: &S, dials: usize) -> io::Result<f64> {
    let client = side.clone();
    let measuring = side.spawn(async move {
        let mut taken = Vec::with_capacity(dials);
        for _ in 0..dials {
            client.hang_up().await?;
            let start = Instant::now();
            timeout(PATIENCE, client.connect()).await??;
            let mut stream = client.open(Service::Echo).await?;
            timeout(PATIENCE, echo::ping(&mut stream, &PAYLOAD)).await?.map_err(io::Error::other)?;
            taken.push(start.elapsed());
            stream.close().await?;
        }
        Ok::<_, io::Error>(taken)
    });
    let mut taken = measuring.await??;
    taken.sort_unstable();
    Ok(percentile(&taken, 50).as_secs_f64() * 1e3)
}

async fn request<S: Side>(side: &S) -> io::Result<()> {
    let mut stream = side.open(Service::Echo).await?;
    stream.write_all(&PAYLOAD).await?;
    stream.close().await?;
    let mut answer = Vec::with_capacity(PAYLOAD.len());
    stream.read_to_end(&mut answer).await?;
    if answer == PAYLOAD { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Bytes over one stream until the server has counted all, in MiB per second.
pub(super) async fn bulk<S: Side>(side: &S, bytes: u64) -> io::Result<f64> {
    let client = side.clone();
    let measuring = side.spawn(async move {
        let chunk = vec![0xa5; CHUNK];
        let mut stream = client.open(Service::Sink).await?;
        let start = Instant::now();
        for _ in 0..bytes / CHUNK as u64 {
            stream.write_all(&chunk).await?;
        }
        stream.close().await?;
        let mut count = [0; size_of::<u64>()];
        stream.read_exact(&mut count).await?;
        Ok::<_, io::Error>((u64::from_be_bytes(count), start.elapsed()))
    });
    let (arrived, taken) = measuring.await??;
    if arrived != bytes {
        return Err(io::Error::other(format!("{arrived} of {bytes} bytes arrived")));
    }
    Ok(mib_per_second(arrived, taken))
}

pub(super) fn mib_per_second(bytes: u64, taken: Duration) -> f64 {
    bytes as f64 / MIB / taken.as_secs_f64()
}
