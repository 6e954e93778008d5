//! What relays see of us, for those who try whether it is true.

use airway_protocols::streams::is_relayed;
use libp2p::{PeerId, identify, swarm::ConnectionId};

use super::{super::candidates, EventLoop};

impl EventLoop {
    /// Takes in from where a peer sees us. Relays of our own alone are listened to, and they alone on connections that we
    /// made: another one shows a port that nothing comes back to.
    pub(super) fn observe(&mut self, peer: PeerId, connection: ConnectionId, said: &identify::Info) {
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
        behaviour.reachable.may_come_from(connection.id, &said.listen_addrs);
        for candidate in candidates::from_observed(&connection.address, &said.observed_addr, &listening) {
            behaviour.reachable.offer(&candidate);
            behaviour.punch.inner().0.offer(&candidate);
        }
    }
}
