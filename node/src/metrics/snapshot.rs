//! What is looked up when somebody asks.

use std::time::Duration;

use libp2p::metrics::Registry;
use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        info::Info,
    },
    registry::Unit,
};

use crate::{net::Connection, protocols::streams::Refused, store::InboxUsage};

/// The state of the node at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) uptime: Duration,
    /// Agents that we trust.
    pub(crate) contacts: usize,
    /// Every connection, and whether it is to an agent that we trust.
    pub(crate) connections: Vec<(Connection, bool)>,
    /// Ports that programs listen on.
    pub(crate) ports: usize,
    pub(crate) inbox: InboxUsage,
    /// Bytes that the inbox may take.
    pub(crate) quota: u64,
    /// What waits in the outbox, and what was given up.
    pub(crate) outbox: (u64, u64),
    /// Streams that the network refused.
    pub(crate) refused: Refused,
}

impl Snapshot {
    /// The same as metrics; `busy` streams more were refused by services.
    pub(super) fn registry(&self, busy: u64) -> Registry {
        let mut registry = Registry::with_prefix("airway");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        let uptime = ConstGauge::new(self.uptime.as_secs_f64());
        registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, uptime);
        for (name, help, value) in [
            ("contacts", "Agents that are trusted", self.contacts as u64),
            ("ports", "Ports that programs listen on", self.ports as u64),
            ("inbox_messages", "Messages in the inbox", self.inbox.messages),
            ("inbox_unread", "Messages in the inbox that nobody has read", self.inbox.unread),
            ("outbox_waiting", "Things in the outbox that wait for their receivers", self.outbox.0),
            ("outbox_given_up", "Things in the outbox that were given up", self.outbox.1),
        ] {
            registry.register(name, help, ConstGauge::new(value));
        }
        let bytes = |value: u64| ConstGauge::new(value);
        registry.register_with_unit("inbox", "What the inbox takes", Unit::Bytes, bytes(self.inbox.bytes));
        let help = "What the inbox may take";
        registry.register_with_unit("inbox_quota", help, Unit::Bytes, bytes(self.quota));
        registry.register("connections", "Open connections", self.connections());
        registry.register("streams_refused", "Streams from peers that were not taken", self.refused(busy));
        registry
    }

    fn connections(&self) -> Family<[(&'static str, &'static str); 2], Gauge> {
        let family = Family::<_, Gauge>::default();
        for tier in ["trusted", "stranger"] {
            for transport in ["quic", "tcp"] {
                let matches = |(connection, trusted): &&(Connection, bool)| {
                    connection.transport() == transport && *trusted == (tier == "trusted")
                };
                let count = self.connections.iter().filter(matches).count();
                family
                    .get_or_create(&[("tier", tier), ("transport", transport)])
                    .set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        family
    }

    fn refused(&self, busy: u64) -> Family<[(&'static str, &'static str); 1], Counter> {
        let family = Family::<_, Counter>::default();
        let busy = self.refused.busy.saturating_add(busy);
        for (reason, count) in [("busy", busy), ("closed", self.refused.closed)] {
            family.get_or_create(&[("reason", reason)]).inc_by(count);
        }
        family
    }
}
