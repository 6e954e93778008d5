//! The benchmark of events: one publisher, and up to a hundred contacts that subscribe to it over QUIC on loopback.
//!
//! ```text
//! publisher ─► Node::publish ─► its broker ─┬─ QUIC ─► reader 1 ─► Subscription
//!  1 KiB each                               ├─ QUIC ─► reader 2 ─► …
//!                                           └─ QUIC ─► one that has stalled: holds a subscription and reads nothing
//! ```
//!
//! All agents are whole nodes in one process, each with threads of its own, so that one clock measures how long an event is
//! under way. Readers read beside their networks.
//!
//! - **Unpaced**: the publisher is never more than [`AHEAD`] events ahead of the slowest reader that is well, which the
//!   broker holds for all of them. So nothing is lost unless something is wrong, and latencies are those of a full
//!   pipe.
//! - **Paced**: so many events a second, far below what the machine can do.
//! - **Stalled**: the same readers unpaced, alone and beside others that have stalled, taking turns. What the stalled ones
//!   do not read is more than any window between them and the publisher.

mod reader;
mod report;
mod run;

use std::{error::Error, time::Duration};

use airway::{Overrides, TICKET_LIFE, Terms};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use self::{
    reader::Reader,
    run::{Flow, Pace},
};
pub use self::{
    report::{Report, Row, Stalls},
    run::Tally,
};
use crate::agent::{Agent, QUIC};

/// Bytes of an event's payload.
pub const PAYLOAD: usize = 1024;

/// Events that the publisher may be ahead of the slowest reader: less than the broker keeps of a topic.
pub const AHEAD: u64 = 4096;

/// How long anything may take, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// Readers that come to be trusted at once.
const AT_ONCE: usize = 8;

/// How much to measure.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Rounds, of which the medians are shown.
    rounds: usize,
    /// Readers in each run.
    readers: &'static [usize],
    /// Events that are delivered in an unpaced run, to all readers together.
    deliveries: u64,
    /// Events a second where they are paced.
    rate: u32,
    /// Events of a paced run.
    paced: u64,
    /// Of the most readers, how many stall.
    stalled: usize,
    /// Events of a run beside which they do.
    beside: u64,
}

impl Size {
    /// Shows that everything works; the figures mean nothing.
    pub const QUICK: Self = Self {
        rounds: 1,
        readers: &[1, 3, 8],
        deliveries: 6_000,
        rate: 200,
        paced: 100,
        stalled: 2,
        beside: 20_000,
    };
    /// Some minutes.
    pub const STANDARD: Self = Self {
        rounds: 3,
        readers: &[1, 10, 100],
        deliveries: 200_000,
        rate: 100,
        paced: 1_000,
        stalled: 10,
        beside: 20_000,
    };

    fn most(&self) -> usize {
        self.readers.iter().copied().max().unwrap_or(0)
    }
}

/// Starts all agents and measures.
///
/// # Errors
/// If an agent does not start, or a subscription ends. Events that are lost are counted instead.
pub async fn measure(size: Size) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let (publisher, readers) = start(size.most()).await?;
    let mut report = Report::new(size);
    for round in 0..size.rounds {
        for count in size.readers {
            let (readers, events) = (&readers[..*count], size.deliveries / *count as u64);
            let flow = Flow { readers, stalled: &[], events, pace: Pace::Reading };
            report.unpaced(*count, flow.measure(&publisher).await?);
            let flow = Flow { events: size.paced, pace: Pace::Rate(size.rate), ..flow };
            report.paced(*count, flow.measure(&publisher).await?);
        }
        let (stalled, well) = readers.split_at(size.stalled);
        let alone = Flow { readers: well, stalled: &[], events: size.beside, pace: Pace::Reading };
        let beside = Flow { stalled, ..alone };
        // Another one begins in each round.
        if round % 2 == 0 {
            report.alone(alone.measure(&publisher).await?);
            report.beside(beside.measure(&publisher).await?);
        } else {
            report.beside(beside.measure(&publisher).await?);
            report.alone(alone.measure(&publisher).await?);
        }
    }
    Ok(report)
}

/// A publisher, and so many that it trusts.
async fn start(readers: usize) -> Result<(Agent, Vec<Reader>), Box<dyn Error + Send + Sync>> {
    let room = Some(2 * readers as u64 + 16);
    let limits = Overrides { connections: room, kept_connections: room, ..Overrides::default() };
    let publisher = Agent::start_with("publisher", &[QUIC], limits).await?;
    let node = &publisher.node;
    let starting = stream::iter(0..readers).map(async |number| {
        let agent = Agent::start(&format!("reader-{number}"), &[QUIC]).await?;
        let ticket = node.ticket(Terms::default(), TICKET_LIFE, false).await?;
        let publisher = agent.node.pair(&ticket, Terms::default(), PATIENCE).await?;
        Ok::<_, Box<dyn Error + Send + Sync>>(Reader { agent, publisher })
    });
    let readers = starting.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok((publisher, readers))
}
