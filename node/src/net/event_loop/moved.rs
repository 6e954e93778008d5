//! What goes with an address of ours when the machine loses it.

use libp2p::Multiaddr;

use super::{super::book, EventLoop};

impl EventLoop {
    /// Ends the connections that stood on an address which is gone, if it was the last one that they can have stood on: QUIC
    /// finds out only in its own time, and TCP, which waits for an answer, in minutes. Until then the peer counts as connected,
    /// and nobody dials it from where we are now.
    pub(super) fn on_address_gone(&mut self, gone: &Multiaddr) {
        let Some(ip) = book::direct_ip(gone).filter(|ip| !ip.is_loopback()) else { return };
        let is_alike = |address: &Multiaddr| {
            book::direct_ip(address)
                .is_some_and(|other| !other.is_loopback() && other.is_ipv4() == ip.is_ipv4())
        };
        if self.swarm.listeners().any(is_alike) {
            return;
        }
        for connection in self.peers.list().iter().filter(|connection| is_alike(&connection.address)) {
            tracing::debug!(peer = %connection.peer, %gone, "the connection went with our address");
            self.swarm.close_connection(connection.id);
        }
    }
}
