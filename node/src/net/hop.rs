//! The relay server: libp2p's, within limits, and with a word for the lobby who uses it.
//!
//! A relay carries ciphertext between two agents that cannot dial each other. It serves strangers, since to it every
//! client is one: it has to be worth little to whoever wants to carry something else, and no way to occupy the machine.

use std::{
    collections::HashSet,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
    time::Duration,
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    relay,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};

/// Agents that may be reached through us at once. A reservation costs an idle connection, some 80 KiB.
const RESERVATIONS: usize = 128;

/// Reservations of one agent; libp2p lets one more through. The second is for a connection whose end we have not noticed.
const RESERVATIONS_PER_PEER: usize = 1;

/// How long a reservation holds; clients renew it after three quarters.
const RESERVATION: Duration = Duration::from_secs(60 * 60);

/// Circuits at once. Each is copied through two buffers of 8 KiB, and has two streams.
const CIRCUITS: usize = 64;

/// Circuits of one peer beyond which it may open no more. Those that lead to it count, too, so this is room for an agent
/// with a few contacts behind the relay, and an eighth of all circuits.
const CIRCUITS_PER_PEER: usize = 8;

/// How long a circuit lasts. Agents that go on without a direct path open the next one.
const CIRCUIT: Duration = Duration::from_secs(60 * 60);

/// Bytes of one circuit each way. libp2p's 128 KiB are for finding a direct path; where there is none a circuit has to
/// carry messages of 1 MiB and files, which go on where a circuit ended.
const CIRCUIT_BYTES: u64 = 128 * 1024 * 1024;

/// How often something may be asked for: so many at once, and one more after each interval.
struct Rate {
    burst: NonZeroU32,
    interval: Duration,
}

impl Rate {
    const fn new(burst: NonZeroU32, interval: Duration) -> Self {
        Self { burst, interval }
    }
}

/// Reservations asked for by one peer: one an hour is enough, but connections break, and networks change.
const RESERVING_PEER: Rate = Rate::new(NonZeroU32::new(30).unwrap(), Duration::from_secs(2 * 60));

/// The same for one IP address: agents in one house, and all that come back at once when the relay was restarted.
const RESERVING_IP: Rate = Rate::new(NonZeroU32::new(60).unwrap(), Duration::from_secs(60));

/// Circuits asked for by one peer. An agent that keeps contacts asks once a minute for each that is away, and each
/// attempt counts: upstream's one in two minutes would leave nothing for those that are there.
const DIALLING_PEER: Rate = Rate::new(NonZeroU32::new(60).unwrap(), Duration::from_secs(5));

/// The same for one IP address.
const DIALLING_IP: Rate = Rate::new(NonZeroU32::new(120).unwrap(), Duration::from_secs(2));

/// Peers that have had a reservation or a circuit since they are connected; shared with the lobby. Once they have neither
/// any more, the swarm closes their connection as an idle one.
#[derive(Debug, Clone, Default)]
pub(super) struct InUse(Arc<RwLock<HashSet<PeerId>>>);

impl InUse {
    /// Whether the relay is of use to a peer.
    pub(super) fn contains(&self, peer: &PeerId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(peer)
    }

    fn enter(&self, peer: PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(peer);
    }

    fn leave(&self, peer: &PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(peer);
    }
}

/// See the module.
pub(crate) struct Behaviour {
    relay: relay::Behaviour,
    in_use: InUse,
}

impl Behaviour {
    pub(super) fn new(own: PeerId, in_use: InUse) -> Self {
        let config = relay::Config {
            max_reservations: RESERVATIONS,
            max_reservations_per_peer: RESERVATIONS_PER_PEER,
            reservation_duration: RESERVATION,
            reservation_rate_limiters: Vec::new(),
            max_circuits: CIRCUITS,
            max_circuits_per_peer: CIRCUITS_PER_PEER - 1,
            max_circuit_duration: CIRCUIT,
            max_circuit_bytes: CIRCUIT_BYTES,
            circuit_src_rate_limiters: Vec::new(),
        };
        let config = config
            .reservation_rate_per_peer(RESERVING_PEER.burst, RESERVING_PEER.interval)
            .reservation_rate_per_ip(RESERVING_IP.burst, RESERVING_IP.interval)
            .circuit_src_per_peer(DIALLING_PEER.burst, DIALLING_PEER.interval)
            .circuit_src_per_ip(DIALLING_IP.burst, DIALLING_IP.interval);
        let mut relay = relay::Behaviour::new(own, config);
        // Whoever starts a relay server knows that it can be reached.
        relay.set_status(Some(relay::Status::Enable));
        Self { relay, in_use }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = THandler<relay::Behaviour>;
    type ToSwarm = relay::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.relay.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.relay.handle_established_outbound_connection(connection, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        if let FromSwarm::ConnectionClosed(closed) = &event
            && closed.remaining_established == 0
        {
            self.in_use.leave(&closed.peer_id);
        }
        self.relay.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.relay.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        let order = self.relay.poll(cx);
        if let Poll::Ready(ToSwarm::GenerateEvent(
            relay::Event::ReservationReqAccepted { src_peer_id, .. }
            | relay::Event::CircuitReqAccepted { src_peer_id, .. },
        )) = &order
        {
            self.in_use.enter(*src_peer_id);
        }
        order
    }
}
