//! The benchmark: Airway beside what else carries bytes between two programs, on loopback, in one run.
//!
//! ```text
//! client process                                   server processes, one for each
//! measure ─┬─► Airway ─► airway::Node ── QUIC, TCP ── airway::Node: port 7, and a program on a port
//!          ├─► Files ──► airway::Node ── QUIC ─────── airway::Node: its inbox
//!          ├─► Plain ──► stock swarm ─── QUIC, TCP ── stock swarm: libp2p-stream
//!          └─► Raw ────► quinn ───────── QUIC ─────── quinn: as it is made, and tuned
//! ```
//!
//! All run the same measuring code and the same services. They take turns within each round, and begin with another
//! one in each, so that a busy machine is unfair to none.
//!
//! - **Airway** brings a thread of its own for the swarm, so it is measured twice: from a task of the program, which
//!   pays for a switch of threads with each packet, and from one that [`Node::spawn`](::airway::Node::spawn) runs
//!   beside the network, where the servers' tasks run in either case. Over TCP once, beside the network.
//! - **A file** by Airway stands beside the streams, as what it adds to one: two passes of BLAKE3, writing, `fsync`.
//! - **Plain libp2p** is `SwarmBuilder` with `libp2p-stream`, all at the defaults, over QUIC and over TCP with Noise
//!   and yamux: what libp2p peers fall back to where UDP is blocked. Its swarm runs in a spawned task, the faster of
//!   the two usual places.
//! - **Raw quinn** authenticates the server alone, by a certificate, and negotiates no protocols. As quinn makes it,
//!   and set for speed: a ceiling.
//!
//! A new stream takes plain libp2p two round trips and Airway one, so one request at a time cannot gain more than
//! the factor of two, less what a stream costs either of them in computing.

mod airway;
mod child;
mod contest;
mod contestant;
mod figures;
mod files;
mod measure;
mod memory;
mod plain;
mod raw;
mod report;
mod service;

use std::{io, time::Duration};

pub use child::Ready;
use clap::ValueEnum;
pub use contestant::{Contestant, Figure, Measurement, Stack, Transport};
pub(crate) use figures::percentile;
pub use figures::{Lost, Row, Summary, Table};
pub use report::{Machine, Report};
use serde::Serialize;
use tokio::runtime::Builder;

use self::{
    airway::Airway,
    contest::{Contest, Entry, Measured},
    figures::Scores,
    files::Files,
    plain::Plain,
    raw::Raw,
};

/// Outstanding requests of the parallel measurement.
const PARALLEL: usize = 64;

/// How much to measure.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    rounds: usize,
    /// Of each round that counts requests.
    time: Duration,
    /// Of each round that counts bytes.
    bytes: u64,
    /// Connections made in each round.
    dials: usize,
    /// Idle connections of which the memory is read.
    connections: usize,
    /// Pings of each of them before it is: two are an interval of 15 s apart.
    pings: usize,
}

impl Size {
    /// Shows that everything works; the figures mean nothing.
    pub const QUICK: Self = Self {
        rounds: 2,
        time: Duration::from_millis(40),
        bytes: 1 << 20,
        dials: 2,
        connections: 50,
        pings: 1,
    };
    /// About five minutes. Many rounds rather than long ones: the scheduler places the two processes on the same
    /// core in one round and on different ones in the next, which is a factor of three in a round trip.
    pub const STANDARD: Self = Self {
        rounds: 9,
        time: Duration::from_millis(700),
        bytes: 256 << 20,
        dials: 20,
        connections: 1000,
        pings: 2,
    };
    /// A soak of about two hours.
    pub const FULL: Self = Self {
        rounds: 25,
        time: Duration::from_secs(10),
        bytes: 2 << 30,
        dials: 100,
        connections: 1000,
        pings: 8,
    };
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

/// Serves a client until its end; an Airway node uses the ticket in `trust`. Calls `ready` with the line to print.
///
/// # Errors
/// If the server does not start.
pub async fn serve(
    stack: Stack,
    transport: Transport,
    trust: Option<String>,
    ready: impl FnOnce(&Ready),
) -> io::Result<()> {
    match (stack, trust) {
        (Stack::Airway, Some(card)) => airway::serve(transport, &card, ready).await,
        (Stack::AirwayFiles, Some(card)) => files::serve(&card, ready).await,
        (Stack::Airway | Stack::AirwayFiles, None) => {
            Err(io::Error::other("a node serves nobody without trust"))
        }
        (Stack::Plain, _) => plain::serve(transport, ready).await,
        (Stack::QuinnDefault | Stack::QuinnTuned, _) => raw::serve(stack, ready).await,
    }
}

/// Holds idle connections until the client is gone. Calls `ready` with the line to print.
///
/// # Errors
/// If the server does not start.
pub async fn hold(stack: Stack, connections: usize, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    memory::hold(stack, connections, ready).await
}

/// Starts all servers and measures. `runtime` is what they run on, as this process does.
///
/// # Errors
/// If a process, a connection or a stream that is kept fails; lost requests are counted instead.
pub async fn run(size: Size, runtime: Runtime, measurements: &[Measurement]) -> io::Result<Report> {
    let mut scores = Scores::default();
    let (mut contest, servers) = contest(runtime).await?;
    let order: Vec<_> = contest.iter().map(|one| one.contestant()).collect();
    for what in measurements {
        streams(*what, size, &mut contest, &mut scores).await?;
    }
    // Alone on the machine, without the servers and clients of the others.
    drop((contest, servers));
    if measurements.contains(&Measurement::Memory) {
        for (contestant, kib) in memory::measure(size, runtime).await? {
            scores.add(contestant, Measured::one(Figure::Memory, kib));
        }
    }
    let tables = Figure::ALL.into_iter().map(|figure| scores.table(figure, &order));
    let figures = tables.filter(|table| !table.rows.is_empty()).collect();
    Ok(Report::new(size, runtime, figures))
}

/// All but memory, in the order of the tables, and what has to live as long.
async fn contest(runtime: Runtime) -> io::Result<(Vec<Box<dyn Contest>>, impl Sized)> {
    let (airway, server) = Airway::connect(runtime, Stack::Airway, Transport::Quic).await?;
    let (airway_tcp, server_tcp) = Airway::connect(runtime, Stack::Airway, Transport::Tcp).await?;
    let (plain, plain_server) = Plain::connect(runtime, Transport::Quic).await?;
    let (plain_tcp, plain_server_tcp) = Plain::connect(runtime, Transport::Tcp).await?;
    let (quinn, quinn_server) = Raw::connect(runtime, Stack::QuinnDefault).await?;
    let (tuned, tuned_server) = Raw::connect(runtime, Stack::QuinnTuned).await?;
    let [network, program] = airway.in_both_places();
    let contest: Vec<Box<dyn Contest>> = vec![
        Box::new(network),
        Box::new(program),
        Box::new(Entry { contestant: Contestant::AirwayTcp, side: airway_tcp }),
        Box::new(Files::connect(runtime).await?),
        Box::new(Entry { contestant: Contestant::Plain, side: plain }),
        Box::new(Entry { contestant: Contestant::PlainTcp, side: plain_tcp }),
        Box::new(Entry { contestant: Contestant::QuinnDefault, side: quinn }),
        Box::new(Entry { contestant: Contestant::QuinnTuned, side: tuned }),
    ];
    let plains = [plain_server, plain_server_tcp, quinn_server, tuned_server];
    Ok((contest, (server, server_tcp, plains)))
}

/// All rounds of one measurement.
async fn streams(
    what: Measurement,
    size: Size,
    contest: &mut [Box<dyn Contest>],
    scores: &mut Scores,
) -> io::Result<()> {
    for _ in 0..size.rounds {
        for one in &*contest {
            let measured = one.measure(what, size).await.map_err(|error| {
                io::Error::new(error.kind(), format!("{}, {what:?}: {error}", one.contestant().label()))
            })?;
            scores.add(one.contestant(), measured);
        }
        contest.rotate_left(1);
    }
    Ok(())
}
