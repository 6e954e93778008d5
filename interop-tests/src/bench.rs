//! The benchmark: Airway beside plain libp2p, over QUIC on loopback, in one run.
//!
//! ```text
//! client process                                server processes
//! measure ─► Airway ─► airway::Node ──── QUIC ──── airway::Node: port 7, and a program on a port
//!    └─────► Plain ──► stock swarm ───── QUIC ──── stock swarm: libp2p-stream
//! ```
//!
//! Both sides run the same measuring code and the same services. Plain libp2p is `SwarmBuilder` with QUIC and
//! `libp2p-stream` at their defaults; its swarm and the measuring task are spawned on the program's runtime, the
//! faster of the two usual places. Airway is an [`Node`](::airway::Node), which brings a thread
//! of its own for the swarm; the measuring task is spawned there ([`Node::spawn`](::airway::Node::spawn)).
//!
//! Rounds alternate between the two, so that a busy machine is unfair to neither. A ratio above 1 means that
//! Airway is better, whichever way the unit counts.

mod airway;
mod child;
mod figures;
mod measure;
mod plain;
mod report;
mod service;

use std::{io, time::Duration};

use ::airway::protocols::card::Card;
pub use child::Ready;
use clap::ValueEnum;
pub use figures::{Lost, Row, Summary};
pub use report::Report;
use serde::Serialize;
use tokio::runtime::Builder;

use self::{
    airway::Airway,
    figures::{Better, Series},
    plain::Plain,
};

/// Outstanding requests of the parallel measurement.
const PARALLEL: usize = 64;

/// A round trip is to take no longer than that of plain libp2p.
const LATENCY_GOAL: f64 = 1.0;

/// Lazy negotiation saves one of two round trips.
const STREAMS_GOAL: f64 = 2.0;

/// Bulk data meets the same code on both sides.
const BULK_GOAL: f64 = 1.0;

/// How much to measure.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    rounds: usize,
    /// Of each round that counts requests.
    time: Duration,
    /// Of each round that counts bytes.
    bytes: u64,
}

impl Size {
    /// Shows that everything works; the figures mean nothing.
    pub const QUICK: Self = Self { rounds: 2, time: Duration::from_millis(100), bytes: 4 << 20 };
    /// Under two minutes.
    pub const STANDARD: Self = Self { rounds: 7, time: Duration::from_millis(1500), bytes: 256 << 20 };
    /// A soak of about half an hour.
    pub const FULL: Self = Self { rounds: 25, time: Duration::from_secs(10), bytes: 2 << 30 };
}

/// The runtime of the measuring tasks and of the servers' programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// As `#[tokio::main]` makes it.
    MultiThread,
    /// One thread, for plain libp2p its swarm included.
    CurrentThread,
}

impl Runtime {
    /// Builds it.
    ///
    /// # Errors
    /// If the system has no more threads or descriptors.
    pub fn build(self) -> io::Result<tokio::runtime::Runtime> {
        let mut builder = match self {
            Self::MultiThread => Builder::new_multi_thread(),
            Self::CurrentThread => Builder::new_current_thread(),
        };
        builder.enable_all().build()
    }
}

/// Serves a client until its end: an Airway node that trusts the holder of the card, or without one plain
/// libp2p. Calls `ready` with the line to print.
///
/// # Errors
/// If the server does not start.
pub async fn serve(trust: Option<Card>, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    match trust {
        Some(card) => airway::serve(&card, ready).await,
        None => plain::serve(ready).await,
    }
}

/// Starts both servers and measures. `runtime` is what they run on, as this process does.
///
/// # Errors
/// If a process, a connection or a stream that is kept fails; lost requests are counted instead.
pub async fn run(size: Size, runtime: Runtime) -> io::Result<Report> {
    let (airway, _airway_server) = Airway::connect(runtime).await?;
    let (plain, _plain_server) = Plain::connect(runtime).await?;
    let mut rows = round_trips(size, &airway, &plain).await?;
    for outstanding in [1, PARALLEL] {
        rows.push(requests(size, outstanding, &airway, &plain).await?);
    }
    rows.push(bulk(size, &airway, &plain).await?);
    Ok(Report { rounds: size.rounds, runtime, rows })
}

async fn round_trips(size: Size, airway: &Airway, plain: &Plain) -> io::Result<Vec<Row>> {
    let [mut p50, mut p99] = ["p50", "p99"].map(|rank| {
        Series::new(format!("round trip on a kept stream, {rank}"), "µs", Better::Lower, LATENCY_GOAL)
    });
    for _ in 0..size.rounds {
        let ours = measure::round_trips(airway, size.time).await?;
        let theirs = measure::round_trips(plain, size.time).await?;
        p50.push(ours.p50, theirs.p50);
        p99.push(ours.p99, theirs.p99);
    }
    Ok(vec![p50.finish(), p99.finish()])
}

async fn requests(size: Size, outstanding: usize, airway: &Airway, plain: &Plain) -> io::Result<Row> {
    let what = format!("new stream for each request, {outstanding} at once");
    let mut series = Series::new(what, "/s", Better::Higher, STREAMS_GOAL);
    for _ in 0..size.rounds {
        let ours = measure::requests(airway, size.time, outstanding).await?;
        let theirs = measure::requests(plain, size.time, outstanding).await?;
        series.push(ours.per_second, theirs.per_second);
        series.count(ours.lost, theirs.lost);
    }
    Ok(series.finish())
}

async fn bulk(size: Size, airway: &Airway, plain: &Plain) -> io::Result<Row> {
    let mut series = Series::new("one stream, one way".into(), "MiB/s", Better::Higher, BULK_GOAL);
    for _ in 0..size.rounds {
        let ours = measure::bulk(airway, size.bytes).await?;
        series.push(ours, measure::bulk(plain, size.bytes).await?);
    }
    Ok(series.finish())
}
