//! The open connections, for whoever wants to look at them.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use airway_protocols::streams::is_relayed;
use libp2p::{
    Multiaddr, PeerId,
    core::{ConnectedPoint, multiaddr::Protocol},
    swarm::ConnectionId,
};

/// An established connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// As authenticated.
    pub peer: PeerId,
    /// Its number in this process.
    pub id: ConnectionId,
    /// The remote address.
    pub address: Multiaddr,
    /// Whether we dialled it.
    pub dialled: bool,
    /// When it was established.
    pub since: Instant,
}

impl Connection {
    /// Whether it goes through a relay.
    pub fn is_relayed(&self) -> bool {
        is_relayed(&self.address)
    }

    /// `quic` or `tcp`.
    pub fn transport(&self) -> &'static str {
        let quic = self.address.iter().any(|part| matches!(part, Protocol::QuicV1));
        if quic { "quic" } else { "tcp" }
    }
}

/// All open connections; written by the event loop alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers(Arc<RwLock<HashMap<ConnectionId, Connection>>>);

impl Peers {
    pub(super) fn insert(&self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let connection = Connection {
            peer,
            id,
            address: endpoint.get_remote_address().clone(),
            dialled: endpoint.is_dialer(),
            since: Instant::now(),
        };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, connection);
    }

    pub(super) fn remove(&self, id: ConnectionId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub(crate) fn list(&self) -> Vec<Connection> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn get(&self, id: ConnectionId) -> Option<Connection> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}
