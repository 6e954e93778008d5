//! An agent that reads what the publisher publishes.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use airway::{
    Contact, Delivery, Source, Subscription,
    protocols::events::{Since, Subscribe},
};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};

use super::{PATIENCE, PAYLOAD};
use crate::agent::Agent;

/// Events after which a reader says how far it is.
const STEP: u64 = 64;

/// See the module.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) agent: Agent,
    pub(super) publisher: Contact,
}

/// How far a reader is, and who is to be woken when it goes on.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) read: Arc<AtomicU64>,
    pub(super) moved: Arc<Notify>,
}

/// What a reader has read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) latencies: Vec<Duration>,
    /// Events that came a second time, or behind a later one.
    pub(super) astray: u64,
    /// Gaps that it was told of.
    pub(super) gaps: u64,
}

/// An event: its number, and when it was published, and as much as it takes.
pub(super) fn payload(number: u64, start: Instant) -> Vec<u8> {
    let at = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut payload = [number.to_be_bytes(), at.to_be_bytes()].concat();
    payload.resize(PAYLOAD, 0xA5);
    payload
}

/// The number, and how long after `start` it was published.
fn open(payload: &[u8]) -> Option<(u64, Duration)> {
    let (number, rest) = payload.split_first_chunk()?;
    let at = u64::from_be_bytes(*rest.first_chunk()?);
    Some((u64::from_be_bytes(*number), Duration::from_nanos(at)))
}

impl Reader {
    /// A subscription to the topic, live.
    pub(super) async fn subscribe(&self, topic: &str) -> Result<Subscription, Box<dyn Error + Send + Sync>> {
        let what = Subscribe { patterns: vec![topic.parse()?], since: Since::Now };
        Ok(self.agent.node.subscribe(&Source::Contact(self.publisher.clone()), what, PATIENCE).await?)
    }

    /// Reads so many events beside the network, or up to the last of them.
    pub(super) fn read(
        &self,
        mut subscription: Subscription,
        events: u64,
        start: Instant,
        progress: Progress,
    ) -> JoinHandle<Result<Read, String>> {
        self.agent.node.spawn(async move {
            let mut read = Read::default();
            let mut next = 0;
            while next < events {
                let delivery = timeout(PATIENCE, subscription.next()).await;
                match delivery.map_err(|_| format!("nothing came behind event {next}"))? {
                    Some(Ok(Delivery::Event(event))) => {
                        let Some((number, at)) = open(&event.payload) else { continue };
                        read.latencies.push(start.elapsed().saturating_sub(at));
                        read.astray += u64::from(number < next);
                        next = next.max(number + 1);
                        if next % STEP == 0 || next == events {
                            progress.read.store(next, Ordering::Relaxed);
                            progress.moved.notify_one();
                        }
                    }
                    Some(Ok(Delivery::Gap(_))) => read.gaps += 1,
                    Some(Err(error)) => return Err(error.to_string()),
                    None => return Err("the subscription has ended".to_owned()),
                }
            }
            Ok(read)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_which_it_is_and_when_it_was_published() {
        let start = Instant::now();
        let payload = payload(7, start);
        assert_eq!(payload.len(), PAYLOAD);
        let (number, at) = open(&payload).unwrap();
        assert!(number == 7 && at <= start.elapsed());
        assert_eq!(open(&payload[..15]), None);
    }
}
