//! The benchmark: Airway beside plain libp2p, over QUIC on loopback, in one run.
//!
//! ```text
//! client process                                server processes
//! measure ─► Airway ─► airway::Node ──── QUIC ──── airway::Node: port 7, and a program on a port
//!    └─────► Plain ──► stock swarm ───── QUIC ──── stock swarm: libp2p-stream
//! ```
//!
//! Both sides run the same measuring code and the same services, as tasks on the runtime of a program with
//! `#[tokio::main]`. Plain libp2p is `SwarmBuilder` with QUIC and `libp2p-stream` at their defaults; its swarm runs in a
//! spawned task, the faster of the two usual places. A [`Node`](::airway::Node) brings a thread of its own for the
//! swarm, so Airway is measured twice: from a task of the program, which pays for a switch of threads with each
//! packet, and from one that [`Node::spawn`](::airway::Node::spawn) runs beside the network.
//!
//! A new stream takes plain libp2p two round trips and Airway one, so one request at a time cannot gain more than
//! the factor of two, less what a stream costs either of them in computing.
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
    figures::{Better, Round, Series},
    plain::Plain,
};

/// Outstanding requests of the parallel measurement.
const PARALLEL: usize = 64;

/// A round trip is to take no longer than that of plain libp2p.
const LATENCY_GOAL: f64 = 1.0;

/// Lazy negotiation saves one of two round trips; with many at once, streams are opened in parallel as well.
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
    /// About two minutes. Many rounds rather than long ones: the scheduler places the two processes on the same
    /// core in one round and on different ones in the next, which is a factor of three in a round trip.
    pub const STANDARD: Self = Self { rounds: 9, time: Duration::from_secs(1), bytes: 256 << 20 };
    /// A soak of about an hour.
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

/// Where a measuring task of Airway runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On the program's runtime, a switch of threads away from the network.
    Program,
    /// Beside the network, by [`Node::spawn`](::airway::Node::spawn).
    Network,
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
    let sides = Sides { program: airway.at(Place::Program), network: airway.at(Place::Network), plain };
    let mut measured = round_trips(size, &sides).await?;
    for outstanding in [1, PARALLEL] {
        measured.push(requests(size, outstanding, &sides).await?);
    }
    measured.push(bulk(size, &sides).await?);
    let rows = measured.into_iter().flat_map(Series::finish).collect();
    Ok(Report { rounds: size.rounds, runtime, rows })
}

/// The clients, in the order in which they take turns.
#[derive(Debug)]
struct Sides {
    program: Airway,
    network: Airway,
    plain: Plain,
}

async fn round_trips(size: Size, sides: &Sides) -> io::Result<Vec<Series>> {
    let [mut p50, mut p99] = ["p50", "p99"].map(|rank| {
        Series::new(format!("round trip on a kept stream, {rank}"), "µs", Better::Lower, LATENCY_GOAL)
    });
    for _ in 0..size.rounds {
        let program = measure::round_trips(&sides.program, size.time).await?;
        let network = measure::round_trips(&sides.network, size.time).await?;
        let plain = measure::round_trips(&sides.plain, size.time).await?;
        p50.push(Round { program: program.p50, network: network.p50, plain: plain.p50 });
        p99.push(Round { program: program.p99, network: network.p99, plain: plain.p99 });
    }
    Ok(vec![p50, p99])
}

async fn requests(size: Size, outstanding: usize, sides: &Sides) -> io::Result<Series> {
    let what = format!("new stream for each request, {outstanding} at once");
    let mut series = Series::new(what, "/s", Better::Higher, STREAMS_GOAL);
    for _ in 0..size.rounds {
        let program = measure::requests(&sides.program, size.time, outstanding).await?;
        let network = measure::requests(&sides.network, size.time, outstanding).await?;
        let plain = measure::requests(&sides.plain, size.time, outstanding).await?;
        series.count(Round { program: program.lost, network: network.lost, plain: plain.lost });
        series.push(Round {
            program: program.per_second,
            network: network.per_second,
            plain: plain.per_second,
        });
    }
    Ok(series)
}

async fn bulk(size: Size, sides: &Sides) -> io::Result<Series> {
    let mut series = Series::new("one stream, one way".into(), "MiB/s", Better::Higher, BULK_GOAL);
    for _ in 0..size.rounds {
        let program = measure::bulk(&sides.program, size.bytes).await?;
        let network = measure::bulk(&sides.network, size.bytes).await?;
        let plain = measure::bulk(&sides.plain, size.bytes).await?;
        series.push(Round { program, network, plain });
    }
    Ok(series)
}
