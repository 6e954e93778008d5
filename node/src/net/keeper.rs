//! Keeps the connections that matter: those of peers with recent use, up to a cap; redials them when they break.
//!
//! ```text
//!          used ──► kept ──(break)──► redial after 1 s, 2 s, … 60 s ──► kept
//!                    │                         │
//!   RECENT without use, or more recent ones: let go; the next use dials again
//! ```

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse, upgrade::DeniedUpgrade},
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
        dial_opts::{DialOpts, PeerCondition},
        handler::ConnectionEvent,
    },
};
use tokio::time::{Instant, Interval, interval};

use super::backoff::Backoff;
use crate::access::Access;

/// How long after its last use a peer is kept.
const RECENT: Duration = Duration::from_secs(60 * 60);

/// How often the peers to keep are chosen and redials looked at.
const TICK: Duration = Duration::from_millis(500);

/// When each peer was last used; shared with whoever opens and accepts streams.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recency(Arc<Mutex<HashMap<PeerId, Instant>>>);

impl Recency {
    fn lock(&self) -> MutexGuard<'_, HashMap<PeerId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a use.
    pub(crate) fn touch(&self, peer: PeerId) {
        self.lock().insert(peer, Instant::now());
    }

    /// The peers to keep, at most `cap`, the most recently used first; forgets the others.
    fn choose(&self, cap: usize, access: &Access) -> Vec<PeerId> {
        let mut uses = self.lock();
        uses.retain(|peer, used| used.elapsed() < RECENT && access.allows(peer));
        let mut recent: Vec<_> = uses.iter().map(|(peer, used)| (*used, *peer)).collect();
        recent.sort_unstable_by(|a, b| b.cmp(a));
        recent.truncate(cap);
        recent.into_iter().map(|(_, peer)| peer).collect()
    }
}

/// A peer's connections, or the wait for the next dial.
#[derive(Debug)]
struct Kept {
    connections: HashMap<ConnectionId, Arc<AtomicBool>>,
    backoff: Backoff,
    next_dial: Instant,
}

impl Kept {
    fn new() -> Self {
        Self { connections: HashMap::new(), backoff: Backoff::default(), next_dial: Instant::now() }
    }

    /// Puts the next dial off, by twice as much each time.
    fn put_off(&mut self) {
        self.next_dial = Instant::now() + self.backoff.failed();
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Behaviour {
    access: Access,
    recency: Recency,
    cap: usize,
    peers: HashMap<PeerId, Kept>,
    to_dial: Vec<PeerId>,
    tick: Pin<Box<Interval>>,
}

impl Behaviour {
    /// Keeps at most `cap` peers. Must be called on a tokio runtime.
    pub(crate) fn new(access: Access, recency: Recency, cap: usize) -> Self {
        let tick = Box::pin(interval(TICK));
        Self { access, recency, cap, peers: HashMap::new(), to_dial: Vec::new(), tick }
    }

    /// Dials a peer at once, whatever its backoff was.
    pub(crate) fn hurry(&mut self, peer: PeerId) {
        self.recency.touch(peer);
        let kept = self.peers.entry(peer).or_insert_with(Kept::new);
        kept.backoff.reset();
        if kept.connections.is_empty() && !self.to_dial.contains(&peer) {
            kept.put_off();
            self.to_dial.push(peer);
        }
    }

    fn handler(&mut self, peer: PeerId, connection: ConnectionId) -> Handler {
        let keep = Arc::new(AtomicBool::new(false));
        self.peers.entry(peer).or_insert_with(Kept::new).connections.insert(connection, keep.clone());
        Handler { keep }
    }

    fn on_lost(&mut self, peer: PeerId, connection: ConnectionId) {
        if let Some(kept) = self.peers.get_mut(&peer) {
            kept.connections.remove(&connection);
            if kept.connections.is_empty() {
                kept.put_off();
            }
        }
    }

    fn on_tick(&mut self) {
        let chosen = self.recency.choose(self.cap, &self.access);
        for kept in self.peers.values() {
            kept.connections.values().for_each(|keep| keep.store(false, Ordering::Relaxed));
        }
        for peer in &chosen {
            let kept = self.peers.entry(*peer).or_insert_with(Kept::new);
            kept.connections.values().for_each(|keep| keep.store(true, Ordering::Relaxed));
            if kept.connections.is_empty() && kept.next_dial <= Instant::now() {
                kept.put_off();
                self.to_dial.push(*peer);
            }
        }
        self.peers.retain(|peer, kept| !kept.connections.is_empty() || chosen.contains(peer));
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = std::convert::Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, connection))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, connection))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(event) => {
                if let Some(kept) = self.peers.get_mut(&event.peer_id) {
                    kept.backoff.reset();
                }
            }
            FromSwarm::ConnectionClosed(event) => self.on_lost(event.peer_id, event.connection_id),
            FromSwarm::ListenFailure(event) => {
                if let Some(peer) = event.peer_id {
                    self.on_lost(peer, event.connection_id);
                }
            }
            FromSwarm::DialFailure(event) => {
                if let Some(kept) = event.peer_id.and_then(|peer| self.peers.get_mut(&peer)) {
                    kept.connections.remove(&event.connection_id);
                }
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while self.tick.poll_tick(cx).is_ready() {
            self.on_tick();
        }
        let Some(peer) = self.to_dial.pop() else { return Poll::Pending };
        let opts = DialOpts::peer_id(peer).condition(PeerCondition::DisconnectedAndNotDialing).build();
        Poll::Ready(ToSwarm::Dial { opts })
    }
}

/// Speaks nothing; holds the connection open while it is told to.
#[derive(Debug)]
pub(crate) struct Handler {
    keep: Arc<AtomicBool>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = std::convert::Infallible;
    type ToBehaviour = std::convert::Infallible;
    type InboundProtocol = DeniedUpgrade;
    type OutboundProtocol = DeniedUpgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(DeniedUpgrade, ())
    }

    fn connection_keep_alive(&self) -> bool {
        self.keep.load(Ordering::Relaxed)
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        match event {}
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Self::ToBehaviour>> {
        Poll::Pending
    }

    fn on_connection_event(&mut self, _: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol>) {}
}
