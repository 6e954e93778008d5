//! All behaviours of the swarm. Those that tell anything stand behind the gate; streams ask for access at each one.

use std::time::Duration;

use airway_protocols::{gate::Gate, streams};
use libp2p::{
    connection_limits::{self, ConnectionLimits},
    identify,
    identity::PublicKey,
    ping,
    swarm::NetworkBehaviour,
};

use super::{blocked, book, instances::Instance, keeper, lobby};
use crate::access::Access;

/// What identify calls the protocol family; read by nobody but people.
const PROTOCOL_VERSION: &str = "airway/1";

/// Handshakes that peers may have under way with us: each costs us a signature.
const PENDING_INCOMING: u32 = 32;

/// Dials that we may have under way.
const PENDING_OUTGOING: u32 = 64;

/// Connections of one peer: one direct and one relayed each way.
const PER_PEER: u32 = 4;

/// How often a connection is tried: over TCP nothing else notices a peer that vanished.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// See the module.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    /// First: the others need not know of what it denies.
    blocked: blocked::Behaviour,
    limits: connection_limits::Behaviour,
    lobby: lobby::Behaviour,
    book: book::Behaviour,
    pub(crate) keeper: keeper::Behaviour,
    pub(crate) streams: streams::Behaviour,
    identify: Gate<identify::Behaviour, Access>,
    ping: Gate<ping::Behaviour, Access>,
}

/// What the behaviours share with the rest of the node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) book: book::Book,
    pub(crate) recency: keeper::Recency,
}

impl Behaviour {
    pub(crate) fn new(key: PublicKey, shared: &Shared, connections: u32, kept: u32) -> Self {
        let access = &shared.access;
        let limits = ConnectionLimits::default()
            .with_max_pending_incoming(Some(PENDING_INCOMING))
            .with_max_pending_outgoing(Some(PENDING_OUTGOING))
            .with_max_established(Some(connections))
            .with_max_established_per_peer(Some(PER_PEER));
        let identify = identify::Config::new(PROTOCOL_VERSION.into(), key)
            .with_agent_version(Instance::random().agent_version())
            .with_push_listen_addr_updates(true)
            // The address book is ours to keep; what a peer says of itself goes through the contacts.
            .with_cache_size(0);
        let ping = ping::Config::new().with_interval(PING_INTERVAL);
        Self {
            blocked: blocked::Behaviour(access.clone()),
            limits: connection_limits::Behaviour::new(limits),
            lobby: lobby::Behaviour::new(access.clone()),
            book: book::Behaviour(shared.book.clone()),
            keeper: keeper::Behaviour::new(access.clone(), shared.recency.clone(), kept as usize),
            streams: streams::Behaviour::new(streams::Limits::default(), access.clone()),
            identify: Gate::new(identify::Behaviour::new(identify), access.clone()),
            ping: Gate::new(ping::Behaviour::new(ping), access.clone()),
        }
    }
}
