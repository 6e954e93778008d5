//! One run: a publisher, readers, and those that have stalled.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use airway::{Node, protocols::events::Topic};
use serde::Serialize;
use tokio::{sync::Notify, time::interval};

use super::{
    AHEAD, PATIENCE,
    reader::{Progress, Reader, payload},
};
use crate::{agent::Agent, bench::percentile};

/// Where all is published.
const TOPIC: &str = "bench/events";

/// Events between two looks at how far the readers are.
const STEP: u64 = 64;

/// How fast the publisher publishes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// As fast as those who are well read.
    Reading,
    /// So many a second.
    Rate(u32),
}

/// What a run consists of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow<'a> {
    /// Those who read.
    pub(super) readers: &'a [Reader],
    /// Those who hold a subscription and do not.
    pub(super) stalled: &'a [Reader],
    pub(super) events: u64,
    pub(super) pace: Pace,
}

/// What a run has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Events published a second.
    pub published: f64,
    /// Events delivered a second, to all readers together.
    pub delivered: f64,
    /// Half of the events were under way for no longer, in microseconds.
    pub p50: f64,
    /// And 99 of 100 for no longer than this.
    pub p99: f64,
    /// 99 of 100 calls to publish took no longer, in microseconds.
    pub call: f64,
    /// Events that a reader did not get.
    pub lost: u64,
    /// Events that came twice or out of order.
    pub astray: u64,
    /// Gaps that readers were told of.
    pub gaps: u64,
}

impl Flow<'_> {
    /// Lets the publisher publish until every reader has read to the end.
    pub(super) async fn measure(self, publisher: &Agent) -> Result<Tally, Box<dyn Error + Send + Sync>> {
        let (start, moved) = (Instant::now(), Arc::new(Notify::new()));
        let mut held = Vec::new();
        for reader in self.stalled {
            held.push(reader.subscribe(TOPIC).await?);
        }
        let mut reading = Vec::new();
        let mut all = Vec::new();
        for reader in self.readers {
            let progress = Progress { read: Arc::new(AtomicU64::new(0)), moved: moved.clone() };
            let subscription = reader.subscribe(TOPIC).await?;
            all.push(progress.read.clone());
            reading.push(reader.read(subscription, self.events, start, progress));
        }
        let begin = Instant::now();
        let mut calls = self.publish(&publisher.node, start, &all, &moved).await?;
        let published = begin.elapsed();
        let (mut tally, mut latencies) = (Tally::default(), Vec::new());
        for reader in reading {
            let read = reader.await??;
            tally.lost += self.events.saturating_sub(read.latencies.len() as u64 - read.astray);
            (tally.astray, tally.gaps) = (tally.astray + read.astray, tally.gaps + read.gaps);
            latencies.extend(read.latencies);
        }
        let delivered = begin.elapsed();
        drop(held);
        latencies.sort_unstable();
        calls.sort_unstable();
        let micros = |all: &[Duration], rank| percentile(all, rank).as_secs_f64() * 1e6;
        (tally.p50, tally.p99, tally.call) =
            (micros(&latencies, 50), micros(&latencies, 99), micros(&calls, 99));
        tally.published = rate(self.events, published);
        tally.delivered = rate(latencies.len() as u64, delivered);
        Ok(tally)
    }

    /// Publishes all events; returns how long each call took.
    async fn publish(
        self,
        node: &Node,
        start: Instant,
        readers: &[Arc<AtomicU64>],
        moved: &Notify,
    ) -> Result<Vec<Duration>, Box<dyn Error + Send + Sync>> {
        let topic: Topic = TOPIC.parse()?;
        let mut calls = Vec::new();
        let mut ticks = match self.pace {
            Pace::Reading => None,
            Pace::Rate(rate) => Some(interval(Duration::from_secs(1) / rate.max(1))),
        };
        for number in 0..self.events {
            match &mut ticks {
                Some(ticks) => drop(ticks.tick().await),
                None if number % STEP == 0 => {
                    tokio::time::timeout(PATIENCE, room(number, readers, moved)).await?
                }
                None => {}
            }
            let event = payload(number, start);
            let call = Instant::now();
            node.publish(&topic, event).await?;
            calls.push(call.elapsed());
        }
        Ok(calls)
    }
}

/// Waits until every reader is near enough.
async fn room(number: u64, readers: &[Arc<AtomicU64>], moved: &Notify) {
    let slowest = || readers.iter().map(|read| read.load(Ordering::Relaxed)).min().unwrap_or(number);
    while number.saturating_sub(slowest()) > AHEAD - STEP {
        moved.notified().await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few million")]
fn rate(events: u64, time: Duration) -> f64 {
    events as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE)
}
