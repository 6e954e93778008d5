//! What relays see of us, for those who try whether it is true.

use airway_protocols::streams::is_relayed;
use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};

use super::{super::candidates, EventLoop};

impl EventLoop {
    /// Takes in from where a peer sees us. Relays of our own alone are listened to, and they alone on connections that we
    /// made: another one shows a port that nothing comes back to.
    pub(super) fn observe(&mut self, peer: PeerId, connection: ConnectionId, observed: &Multiaddr) {
        let Some(connection) = self.peers.get(connection) else { return };
        if !connection.dialled || !self.relays.contains(&peer) {
            return;
        }
        let listening = self.listening.borrow().clone();
        // Who listens nowhere cannot be dialled, and wants nobody to know where it is.
        if listening.iter().all(is_relayed) {
            return;
        }
        let behaviour = self.swarm.behaviour_mut();
        for candidate in candidates::from_observed(&connection.address, observed, &listening) {
            behaviour.reachable.inner().0.offer(&candidate);
            behaviour.punch.inner().0.offer(&candidate);
        }
    }
}
