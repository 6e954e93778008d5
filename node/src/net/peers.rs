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
use tokio::sync::watch;

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
    /// Whether the peer was trusted then: identify and ping go over it.
    pub trusted: bool,
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
pub(crate) struct Peers {
    open: Arc<RwLock<HashMap<ConnectionId, Connection>>>,
    /// Changes when one is established or closed.
    changes: watch::Sender<u64>,
}

impl Peers {
    pub(super) fn insert(&self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint, trusted: bool) {
        let connection = Connection {
            peer,
            id,
            address: remote(endpoint),
            dialled: endpoint.is_dialer(),
            since: Instant::now(),
            trusted,
        };
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(id, connection);
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(super) fn remove(&self, id: ConnectionId) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(crate) fn list(&self) -> Vec<Connection> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn get(&self, id: ConnectionId) -> Option<Connection> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Tells whenever a connection was established or closed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether the peer has connections, and was trusted at the begin of none of them.
    pub(super) fn is_met_as_stranger(&self, peer: &PeerId) -> bool {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let mut known = open.values().filter(|known| known.peer == *peer).peekable();
        known.peek().is_some() && known.all(|known| !known.trusted)
    }

    /// Returns when the peer has a connection that is newer than `since`. Cancel-safe.
    pub(crate) async fn arrival(&self, peer: &PeerId, since: Instant) {
        self.until(|known| known.peer == *peer && known.since > since).await;
    }

    /// Returns when there is a connection like this. Cancel-safe.
    pub(crate) async fn until(&self, is_like: impl Fn(&Connection) -> bool) {
        let mut changes = self.changes.subscribe();
        let has_come = || self.open.read().unwrap_or_else(PoisonError::into_inner).values().any(&is_like);
        while !has_come() {
            // We hold the sender, so there is always one more to wait for.
            changes.changed().await.ok();
        }
    }
}

/// Where the other end is. Of a circuit that came in libp2p names the relay and the peer apart.
fn remote(endpoint: &ConnectedPoint) -> Multiaddr {
    match endpoint {
        ConnectedPoint::Listener { local_addr, send_back_addr } if endpoint.is_relayed() => {
            local_addr.iter().chain(send_back_addr.iter()).collect()
        }
        _ => endpoint.get_remote_address().clone(),
    }
}
