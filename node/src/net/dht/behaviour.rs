//! Kademlia as we run it, and for whom.

use std::{num::NonZeroUsize, time::Duration};

use airway_protocols::gate::{
    Policy,
    admission::{self, Admission},
};
use libp2p::{PeerId, kad};

use super::{
    Dht,
    records::{Limits, Records},
};
use crate::members::Members;

/// Whole frames of the protocol: a value and the addresses of 20 servers fit.
const MAX_PACKET: usize = 16 * 1024;

/// How long one query may take.
const QUERY: Duration = Duration::from_secs(20);

/// How long one request of it may take.
const REQUEST: Duration = Duration::from_secs(5);

/// Paths of a query that share no server, so that one liar does not lead all of it astray. A request is under way on each.
const PATHS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// The DHT behind its gate; with nothing behind it as long as we take part in none.
pub(crate) type Behaviour = Admission<kad::Behaviour<Records>, Admitted>;

/// What it says.
pub(crate) type Event = admission::Event<kad::Event>;

/// Who is served from the start: everyone where there is no authority to say who is a member, and otherwise nobody. Members
/// prove it to each other on every connection: one that was a member a moment ago may have been expelled since, and one
/// that has restarted does not know us any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted {
    pub(crate) everyone: bool,
}

impl Policy for Admitted {
    fn admits(&self, _: &PeerId) -> bool {
        self.everyone
    }
}

/// Kademlia for a network, with an empty store and nobody in its table.
pub(in crate::net) fn build(own: PeerId, dht: &Dht, members: Members) -> kad::Behaviour<Records> {
    let mut config = kad::Config::new(dht.protocol.clone());
    config
        .set_max_packet_size(MAX_PACKET)
        .set_query_timeout(QUERY)
        .set_substreams_timeout(REQUEST)
        .set_parallelism(PATHS)
        .disjoint_query_paths(true)
        // Each agent says again itself what it says; nobody else speaks for it.
        .set_publication_interval(None)
        .set_replication_interval(None)
        .set_provider_publication_interval(None)
        .set_caching(kad::Caching::Disabled)
        // Where a server is comes from itself, or from having asked it.
        .set_kbucket_inserts(kad::BucketInserts::Manual)
        // Ours is quiet where there is nobody to ask.
        .set_periodic_bootstrap_interval(None);
    let records = Records::new(own, dht.realm.clone(), members, Limits::DEFAULT);
    let records = records.with_providers(dht.provides);
    let mut kad = kad::Behaviour::with_config(own, records, config);
    kad.set_mode(Some(mode(dht.server)));
    kad
}

/// What kad calls it.
pub(in crate::net) fn mode(serves: bool) -> kad::Mode {
    if serves { kad::Mode::Server } else { kad::Mode::Client }
}
