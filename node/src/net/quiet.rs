//! Identify for relays and their clients: which protocols there are, and nothing of the agent behind them.
//!
//! libp2p's own switch hides the addresses that are listened on and goes on telling those confirmed as external; so no
//! event about our addresses gets through to it. What remains is the key, which the handshake has proved already, a
//! fixed name, the protocols of this very connection, and the address under which the peer itself was seen. What a relay
//! of ours says of that is a candidate, and no more (see [`super::candidates`]).

use std::task::{Context, Poll};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    identify,
    identity::PublicKey,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};

use super::behaviour::PROTOCOL_VERSION;

/// What every agent is called here, whatever its version.
const AGENT_VERSION: &str = "airway";

/// See the module.
pub(crate) struct Behaviour(identify::Behaviour);

impl Behaviour {
    pub(super) fn new(key: PublicKey) -> Self {
        let config = identify::Config::new(PROTOCOL_VERSION.into(), key)
            .with_agent_version(AGENT_VERSION.into())
            .with_hide_listen_addrs(true)
            .with_cache_size(0);
        Self(identify::Behaviour::new(config))
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = THandler<identify::Behaviour>;
    type ToSwarm = identify::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.0.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.0.handle_established_outbound_connection(connection, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(_)
            | FromSwarm::ConnectionClosed(_)
            | FromSwarm::AddressChange(_)
            | FromSwarm::DialFailure(_)
            | FromSwarm::ListenFailure(_) => self.0.on_swarm_event(event),
            // All others are about addresses.
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.0.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            match self.0.poll(cx) {
                // Nothing that a relay or a stranger says about addresses is taken in here.
                Poll::Ready(ToSwarm::NewExternalAddrCandidate(_) | ToSwarm::NewExternalAddrOfPeer { .. }) => {
                }
                order => return order,
            }
        }
    }
}
