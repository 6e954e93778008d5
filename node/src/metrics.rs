//! What the agent counts of itself, for `GET /metrics`.
//!
//! Counters are handed to the parts that count; whatever can be looked up is looked up when somebody asks
//! ([`Snapshot`]). Labels come from closed sets: no peer, name or number that a peer chooses is among them.
//!
//! The bytes that connections carry are not counted: that takes a layer around every stream of the transport.

mod snapshot;

use std::sync::{Arc, Mutex, PoisonError};

use libp2p::metrics::{Metrics as Libp2p, Registry};
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Unit,
};

pub(crate) use self::snapshot::Snapshot;

/// Upper bounds of the time that a commit takes, in seconds: from memory to a disk that hangs.
const COMMIT_SECONDS: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// The counters; clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    /// Messages from peers, by what they heard.
    pub(crate) received: Count,
    /// Messages to peers, by what became of them.
    pub(crate) sent: Count,
    /// Streams from peers that were taken, by service.
    pub(crate) inbound: Count,
    /// Streams from peers that a service had no room for.
    pub(crate) busy: Counter,
    /// Round trips to peers, by whether they came back.
    pub(crate) pings: Count,
    /// Events that were taken in, by whose they are.
    pub(crate) published: Count,
    /// Events that went to subscribers among our contacts, and gaps in place of some.
    pub(crate) delivered: Count,
    /// Subscriptions that there are, by what to.
    pub(crate) subscriptions: Level,
    /// Broadcasts of members, by what was found about them.
    pub(crate) broadcasts: Count,
    /// What happened to tasks, and what was refused.
    pub(crate) tasks: Count,
    /// Requests about tasks, by what was answered.
    pub(crate) task_answers: Count,
    registry: Arc<Mutex<Registry>>,
}

/// A counter for each value of one label.
#[derive(Debug, Clone)]
pub(crate) struct Count {
    label: &'static str,
    family: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Count {
    fn register(registry: &mut Registry, name: &str, help: &str, label: &'static str) -> Self {
        let family = Family::default();
        registry.register(name, help, family.clone());
        Self { label, family }
    }

    /// Counts one with this value of the label, which comes from a closed set.
    pub(crate) fn one(&self, value: &'static str) {
        self.some(value, 1);
    }

    /// Counts several with this value of the label.
    pub(crate) fn some(&self, value: &'static str, count: u64) {
        self.family.get_or_create(&[(self.label, value)]).inc_by(count);
    }
}

/// How many of something there are, for each value of one label.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    label: &'static str,
    family: Family<[(&'static str, &'static str); 1], Gauge>,
}

impl Level {
    fn register(registry: &mut Registry, name: &str, help: &str, label: &'static str) -> Self {
        let family = Family::default();
        registry.register(name, help, family.clone());
        Self { label, family }
    }

    /// Counts one with this value of the label, which comes from a closed set, for as long as it is there.
    pub(crate) fn enter(&self, value: &'static str) -> Counted {
        let gauge = self.family.get_or_create(&[(self.label, value)]).clone();
        gauge.inc();
        Counted(gauge)
    }
}

/// One that is counted until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What the network counts: the events of the swarm, and its own.
pub(crate) struct Recorder {
    pub(crate) swarm: Libp2p,
    pub(crate) queries: Queries,
    /// Messages to all members, by what became of them.
    pub(crate) gossip: Count,
}

/// Queries of the DHT, by kind and outcome; both come from closed sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queries(Family<[(&'static str, &'static str); 2], Counter>);

impl Queries {
    /// Counts one that has ended.
    pub(crate) fn one(&self, kind: &'static str, outcome: &'static str) {
        self.0.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
    }
}

/// The times of commits, for the store to fill.
pub(crate) fn commit_seconds() -> Histogram {
    Histogram::new(COMMIT_SECONDS)
}

impl Metrics {
    /// All counters at zero, and those that the network fills.
    pub(crate) fn new(commits: Histogram) -> (Self, Recorder) {
        let mut registry = Registry::default();
        let (swarm, queries) = (Libp2p::new(&mut registry), Queries::default());
        let ours = registry.sub_registry_with_prefix("airway");
        let count = Count::register;
        let received = count(ours, "messages_received", "Messages from peers, by our answer", "answer");
        let sent = count(ours, "messages_sent", "Messages to peers, by outcome", "outcome");
        let inbound = count(ours, "streams_inbound", "Streams from peers that were taken", "service");
        let pings = count(ours, "pings", "Round trips to peers, by outcome", "outcome");
        let published = count(ours, "events_published", "Events that were taken in, by whose they are", "by");
        let delivered = count(ours, "events_delivered", "What subscribers among contacts were told", "what");
        let subscriptions = Level::register(ours, "subscriptions", "Subscriptions, by what to", "to");
        let broadcasts = count(ours, "broadcasts", "Broadcasts of members, by what was found", "finding");
        let tasks = count(ours, "task_events", "What happened to tasks, and what was refused", "what");
        let task_answers = count(ours, "task_requests", "Requests about tasks, by our answer", "answer");
        let gossip = count(ours, "gossip_messages", "Messages to all members, by outcome", "outcome");
        ours.register("dht_queries", "Queries of the DHT that ended", queries.0.clone());
        let help = "Time for one group of changes to reach the disk";
        ours.register_with_unit("commit", help, Unit::Seconds, commits);
        let registry = Arc::new(Mutex::new(registry));
        let recorder = Recorder { swarm, queries, gossip };
        let busy = Counter::default();
        let ours = Self {
            received,
            sent,
            inbound,
            busy,
            pings,
            published,
            delivered,
            subscriptions,
            broadcasts,
            tasks,
            task_answers,
            registry,
        };
        (ours, recorder)
    }

    /// Everything as OpenMetrics text.
    pub(crate) fn render(&self, snapshot: &Snapshot) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let written = encode_registry(&mut text, &registry)
            .and_then(|()| encode_registry(&mut text, &snapshot.registry(self.busy.get())))
            .and_then(|()| encode_eof(&mut text));
        if let Err(error) = written {
            // A string takes everything; only a collector of libp2p could fail.
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_units_and_the_text_ends_as_it_has_to() {
        let commits = commit_seconds();
        let (metrics, recorder) = Metrics::new(commits.clone());
        recorder.queries.one("lookup", "found");
        metrics.received.one("stored");
        metrics.received.one("stored");
        metrics.pings.one("answered");
        metrics.busy.inc();
        commits.observe(0.002);
        let text = metrics.render(&Snapshot::default());
        for line in [
            "airway_messages_received_total{answer=\"stored\"} 2",
            "airway_dht_queries_total{kind=\"lookup\",outcome=\"found\"} 1",
            "airway_pings_total{outcome=\"answered\"} 1",
            "airway_streams_refused_total{reason=\"busy\"} 1",
            "airway_commit_seconds_count 1",
            "airway_inbox_quota_bytes 0",
            "airway_uptime_seconds 0.0",
            concat!("airway_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in:\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        assert_eq!(text.matches("# EOF").count(), 1);
    }
}
