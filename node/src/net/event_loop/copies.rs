//! Finds out whether another process runs with our key.
//!
//! ```text
//! a dial meets our own key ───┐
//! an address we had before ───┤► probe: dial there under a key made for the moment
//! our key dials us, and we ───┘     └─ our key answers, and nobody came in here ─► alarm, and dial there under
//!   are dialling ourselves                                                     our own key: the other hears of us
//! our key dials us, and we are not dialling anybody ─► alarm
//! ```
//!
//! Nothing is taken for a copy that may be ourselves: a NAT can lead an address back to us. A probe that leads back
//! comes in here under its own key; and whoever comes in while we dial nobody is not us.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use libp2p::{
    Multiaddr, PeerId,
    identity::Keypair,
    multiaddr::Protocol,
    pnet::PreSharedKey,
    swarm::{ConnectionId, DialError, ListenError, SwarmEvent, dial_opts::DialOpts},
};
use tokio::task::JoinSet;

use super::{super::probe, BehaviourEvent, Event, EventLoop};
use crate::places::MAX_FORMER;

/// Probes at once: all former addresses, and a few that came up by chance. Each has a socket of its own.
const MAX_PROBES: usize = MAX_FORMER + 4;

/// After a dial of ours ended, its other end may be heard of so much later: the handshake is given up by then.
const ECHO: Duration = Duration::from_secs(15);

/// An address where a copy was found is not probed again for so long: two copies would wake each other for ever.
const SETTLED: Duration = Duration::from_secs(5 * 60);

/// Addresses remembered where a copy was found; beyond it all are forgotten and may be probed again.
const MAX_FOUND: usize = 64;

/// What the event loop knows of dials, probes and copies.
#[derive(Debug)]
pub(in crate::net) struct Copies {
    own: PeerId,
    swarm_key: Option<PreSharedKey>,
    dialling: HashSet<ConnectionId>,
    /// When the last dial of ours ended.
    dialled: Option<Instant>,
    /// By the key that each probe dials with.
    probing: HashMap<PeerId, Probing>,
    probes: JoinSet<(PeerId, bool)>,
    found: HashMap<Multiaddr, Instant>,
}

/// A probe under way.
#[derive(Debug)]
struct Probing {
    address: Multiaddr,
    /// Whether it came in here, or may have.
    came_home: bool,
}

impl Copies {
    pub(in crate::net) fn new(own: PeerId, swarm_key: Option<PreSharedKey>) -> Self {
        Self {
            own,
            swarm_key,
            dialling: HashSet::new(),
            dialled: None,
            probing: HashMap::new(),
            probes: JoinSet::new(),
            found: HashMap::new(),
        }
    }

    /// The next probe that is done; never if none is under way.
    pub(super) async fn probed(&mut self) -> (PeerId, bool) {
        loop {
            match self.probes.join_next().await {
                Some(Ok(probed)) => return probed,
                // A probe that panicked says nothing.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    fn dial_ended(&mut self, connection: ConnectionId) {
        if self.dialling.remove(&connection) {
            self.dialled = Some(Instant::now());
        }
    }

    /// Whether no connection that comes in can be one of ours.
    fn is_not_dialling(&self) -> bool {
        self.dialling.is_empty() && self.dialled.is_none_or(|ended| ended.elapsed() > ECHO)
    }

    fn came_in(&mut self, peer: Option<PeerId>) {
        match peer {
            Some(peer) => {
                if let Some(probing) = self.probing.get_mut(&peer) {
                    probing.came_home = true;
                }
            }
            // Whoever it was: it may have been any of them.
            None => self.probing.values_mut().for_each(|probing| probing.came_home = true),
        }
    }
}

impl EventLoop {
    /// Looks at every event for what it says about copies.
    pub(super) fn watch_for_copies(&mut self, event: &SwarmEvent<BehaviourEvent>) {
        let own = self.copies.own;
        match event {
            SwarmEvent::Dialing { connection_id, .. } => drop(self.copies.dialling.insert(*connection_id)),
            SwarmEvent::ConnectionEstablished { connection_id, peer_id, .. } => {
                self.copies.dial_ended(*connection_id);
                self.copies.came_in(Some(*peer_id));
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.copies.dial_ended(*connection_id);
                if let DialError::WrongPeerId { obtained, address } = error
                    && *obtained == own
                {
                    self.probe(address.clone());
                }
            }
            SwarmEvent::IncomingConnectionError { error, send_back_addr, peer_id, .. } => match error {
                ListenError::LocalPeerId { .. } if self.copies.is_not_dialling() => {
                    self.found_copy(send_back_addr);
                }
                ListenError::LocalPeerId { .. } => self.probe(send_back_addr.clone()),
                _ => self.copies.came_in(*peer_id),
            },
            _ => {}
        }
    }

    /// Asks at an address for a copy, unless it is ours or was settled lately.
    pub(super) fn probe(&mut self, address: Multiaddr) {
        let address: Multiaddr = address.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect();
        let Copies { own, swarm_key, probing, probes, found, .. } = &mut self.copies;
        let is_settled = found.get(&address).is_some_and(|found| found.elapsed() < SETTLED);
        let is_probed = probing.values().any(|probing| probing.address == address);
        let is_ours = self.listening.borrow().contains(&address);
        if is_settled || is_probed || is_ours || probing.len() >= MAX_PROBES {
            return;
        }
        tracing::debug!(%address, "asking for another copy of this agent");
        let key = Keypair::generate_ed25519();
        let (peer, own, swarm_key) = (key.public().to_peer_id(), *own, *swarm_key);
        probing.insert(peer, Probing { address: address.clone(), came_home: false });
        probes.spawn(async move { (peer, probe::answers(key, own, address, swarm_key).await) });
    }

    /// What a probe has found.
    pub(super) fn on_probed(&mut self, (peer, answered): (PeerId, bool)) {
        let Some(Probing { address, came_home }) = self.copies.probing.remove(&peer) else { return };
        tracing::debug!(%address, answered, came_home, "asked for another copy of this agent");
        if !answered || came_home {
            return;
        }
        self.found_copy(&address);
        // Under our own key this time: the other is to know as well.
        let dial = DialOpts::unknown_peer_id().address(address).build();
        let connection = dial.connection_id();
        if self.swarm.dial(dial).is_ok() {
            self.copies.dialling.insert(connection);
        }
    }

    fn found_copy(&mut self, address: &Multiaddr) {
        if self.copies.found.len() >= MAX_FOUND {
            self.copies.found.clear();
        }
        self.copies.found.insert(address.clone(), Instant::now());
        // Full queue: it is found again.
        let _ = self.events.try_send(Event::OwnCopy(address.clone()));
    }
}
