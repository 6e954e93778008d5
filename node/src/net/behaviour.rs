//! All behaviours of the swarm. Those that tell anything stand behind the gate; streams ask for access at each one.

use std::time::Duration;

use airway_protocols::{gate::Gate, streams};
use libp2p::{
    connection_limits::{self, ConnectionLimits},
    identify,
    identity::PublicKey,
    ping, relay,
    swarm::{NetworkBehaviour, behaviour::toggle::Toggle},
};

use super::{
    Config, arrivals, book,
    boxed::Boxed,
    dht::{self, Admitted},
    dial_back, gossip, hop,
    instances::Instance,
    keeper, lobby, punch, quiet, reachable, relays,
    tiers::{Rule, Tiers},
};
use crate::{access::Access, members::Members};

/// What identify calls the protocol family; read by nobody but people.
pub(super) const PROTOCOL_VERSION: &str = "airway/1";

/// Handshakes that peers may have under way with us: each costs us a signature.
const PENDING_INCOMING: u32 = 32;

/// The same on a relay server, which all its clients come back to at once.
const PENDING_CLIENTS: u32 = 128;

/// Dials that we may have under way.
const PENDING_OUTGOING: u32 = 64;

/// Connections of one peer: one direct and one relayed each way.
const PER_PEER: u32 = 4;

/// How often a connection is tried: over TCP nothing else notices a peer that vanished.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// See the module.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) arrivals: arrivals::Behaviour,
    limits: connection_limits::Behaviour,
    lobby: lobby::Behaviour,
    book: book::Behaviour,
    pub(crate) keeper: keeper::Behaviour,
    pub(crate) streams: streams::Behaviour,
    identify: Gate<identify::Behaviour, Access>,
    ping: Gate<ping::Behaviour, Rule>,
    pub(crate) relays: relays::Behaviour,
    circuits: Gate<Boxed<relay::client::Behaviour>, Rule>,
    quiet: Gate<Boxed<quiet::Behaviour>, Rule>,
    hop: Toggle<Boxed<hop::Behaviour>>,
    dial_back: Toggle<Boxed<dial_back::Behaviour>>,
    pub(crate) reachable: reachable::Behaviour,
    // The last three deny nothing: a connection that another denies after them would have a handler of theirs. Gossip comes
    // before the DHT: of what both are told at once, it is what is done first.
    pub(crate) gossip: gossip::Behaviour,
    pub(crate) dht: dht::Behaviour,
    /// libp2p's never forgets a connection that another behaviour denies after it.
    pub(crate) punch: Gate<Boxed<punch::Behaviour, false>, Rule>,
}

/// What the behaviours share with the rest of the node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) members: Members,
    pub(crate) book: book::Book,
    pub(crate) recency: keeper::Recency,
}

impl Behaviour {
    pub(crate) fn new(key: PublicKey, circuits: relay::client::Behaviour, config: &Config) -> Self {
        let Config { shared, relays, relay_server, .. } = config;
        let (access, own) = (&shared.access, key.to_peer_id());
        let pending_incoming = if *relay_server { PENDING_CLIENTS } else { PENDING_INCOMING };
        let limits = ConnectionLimits::default()
            .with_max_pending_incoming(Some(pending_incoming))
            .with_max_pending_outgoing(Some(PENDING_OUTGOING))
            .with_max_established(Some(config.connections))
            .with_max_established_per_peer(Some(PER_PEER));
        let identify = identify::Config::new(PROTOCOL_VERSION.into(), key.clone())
            .with_agent_version(Instance::random().agent_version())
            .with_push_listen_addr_updates(true)
            // The address book is ours to keep; what a peer says of itself goes through the contacts.
            .with_cache_size(0);
        let ping = ping::Config::new().with_interval(PING_INTERVAL);
        let tiers = Tiers::new(
            access.clone(),
            shared.members.clone(),
            shared.book.clone(),
            relays.clone(),
            *relay_server,
        );
        let in_use = hop::InUse::default();
        let (lobby, hop) = if *relay_server {
            let hop = hop::Behaviour::new(own, in_use.clone());
            (lobby::Behaviour::of_relay(tiers.clone(), in_use), Some(hop))
        } else {
            (lobby::Behaviour::new(tiers.clone()), None)
        };
        Self {
            arrivals: arrivals::Behaviour::new(
                tiers.clone(),
                config.expected.clone(),
                config.stealth,
                *relay_server,
                pending_incoming,
            ),
            limits: connection_limits::Behaviour::new(limits),
            lobby,
            book: book::Behaviour(shared.book.clone()),
            keeper: keeper::Behaviour::new(
                access.clone(),
                shared.recency.clone(),
                config.kept_connections as usize,
            ),
            streams: streams::Behaviour::new(streams::Limits::default(), access.clone()),
            identify: Gate::new(identify::Behaviour::new(identify), access.clone()),
            ping: Gate::new(ping::Behaviour::new(ping), tiers.rule(Tiers::is_pinged)),
            relays: relays::Behaviour::new(tiers.clone(), relays.clone(), *relay_server),
            circuits: Gate::new(Boxed(circuits), tiers.rule(Tiers::carries)),
            quiet: Gate::new(Boxed(quiet::Behaviour::new(key)), tiers.rule(Tiers::is_introduced)),
            hop: hop.map(Boxed).into(),
            reachable: reachable::Behaviour::new(tiers.clone()),
            punch: Gate::new(Boxed(punch::Behaviour::new(own)), tiers.rule(Tiers::goes_direct)),
            dial_back: relay_server.then(dial_back::Behaviour::new).map(Boxed).into(),
            gossip: gossip::Behaviour::new(None, gossip::Members),
            dht: dht::Behaviour::new(None, Admitted { everyone: false }),
        }
    }
}
