//! The AutoNAT client: has our own relays dial us where we may be, and knows whether anybody can.
//!
//! ```text
//! listening, observed ──► candidate ──(a relay dials it, and says a number that we chose)──► confirmed: told to contacts, on our card
//!                             └──(it cannot)──► refuted
//! ```
//!
//! A relay is asked over the connection that we made to it; its dial comes in like any other. Each candidate is tried
//! once as long as a relay is connected; when none is any more, as after a change of network, all begins anew.
//!
//! A relay that lies can have us name an address where nobody answers, or keep silent about one that works: neither lets
//! anybody else pass for us. Behind a router that lets in whoever was spoken to before, a relay's dial proves too much:
//! who is told such an address finds a relay on our card as well.

use std::{
    collections::{HashMap, VecDeque},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use libp2p::{
    Multiaddr, PeerId,
    autonat::v2::client,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NewExternalAddrCandidate, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};
use tokio::sync::watch;

use super::candidates::{self, MAX_CANDIDATES};

/// How often a candidate is tried, on average. The client repeats a request without an answer every 5 s, for ever, and may
/// have to send 100 KB each time.
const ATTEMPTS: usize = 3;

/// How long a relay may take to dial us once it was asked; the whole request takes at most 10 s.
const DIAL: Duration = Duration::from_secs(15);

/// See the module.
#[derive(Default)]
pub(crate) struct Behaviour {
    client: client::Behaviour,
    /// All that the client was told. It forgets none, and takes whatever it is told.
    tried: Vec<Multiaddr>,
    listening: Vec<Multiaddr>,
    connections: usize,
    /// Requests since the client began.
    attempts: usize,
    /// When each relay was last asked to dial us.
    asked: HashMap<PeerId, Instant>,
    /// A candidate was refuted.
    refuted: bool,
    confirmed: Vec<Multiaddr>,
    reachable: watch::Sender<Option<bool>>,
    orders: VecDeque<ToSwarm<client::Event, THandlerInEvent<client::Behaviour>>>,
}

impl Behaviour {
    /// Whether a relay could dial us at one address at least; `None` as long as none has tried.
    pub(super) fn reachable(&self) -> watch::Receiver<Option<bool>> {
        self.reachable.subscribe()
    }

    /// Whether a connection of this relay is likely to be the dial that it was asked for.
    pub(super) fn is_asked(&self, relay: &PeerId) -> bool {
        self.asked.get(relay).is_some_and(|asked| asked.elapsed() < DIAL)
    }

    /// Has a candidate tried, unless it was already, or there is no room.
    pub(super) fn offer(&mut self, candidate: &Multiaddr) {
        if self.tried.contains(candidate) || self.tried.len() >= MAX_CANDIDATES {
            return;
        }
        self.tried.push(candidate.clone());
        let candidate = NewExternalAddrCandidate { addr: candidate };
        self.client.on_swarm_event(FromSwarm::NewExternalAddrCandidate(candidate));
    }

    fn offer_listening(&mut self) {
        for address in self.listening.clone() {
            if candidates::is_public(&address) {
                self.offer(&address);
            }
        }
    }

    fn on_confirmed(&mut self, address: &Multiaddr) {
        tracing::info!(%address, "reachable from outside");
        self.confirmed.push(address.clone());
        self.tell();
    }

    fn on_refuted(&mut self) {
        self.refuted = true;
        self.tell();
    }

    /// What was confirmed is so no longer.
    fn expire(&mut self, is_gone: impl Fn(&Multiaddr) -> bool) {
        let mut gone: Vec<_> = self.confirmed.extract_if(.., |address| is_gone(address)).collect();
        gone.retain(|address| !self.listening.contains(address));
        self.orders.extend(gone.into_iter().map(ToSwarm::ExternalAddrExpired));
        self.tell();
    }

    fn tell(&self) {
        let reachable = match (self.confirmed.is_empty(), self.refuted) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        };
        self.reachable.send_if_modified(|known| std::mem::replace(known, reachable) != reachable);
    }

    /// No relay is left to ask: what they said is of a network that we may have left.
    fn reset(&mut self) {
        self.client = client::Behaviour::default();
        self.tried.clear();
        self.asked.clear();
        (self.attempts, self.refuted) = (0, false);
        self.expire(|_| true);
        self.offer_listening();
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = THandler<client::Behaviour>;
    type ToSwarm = client::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.client.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.client.handle_established_outbound_connection(connection, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(_) => {
                self.connections += 1;
                self.client.on_swarm_event(event);
            }
            FromSwarm::ConnectionClosed(_) => {
                self.connections -= 1;
                self.client.on_swarm_event(event);
                if self.connections == 0 {
                    self.reset();
                }
            }
            FromSwarm::NewListenAddr(new) => {
                self.listening.push(new.addr.clone());
                self.offer_listening();
            }
            FromSwarm::ExpiredListenAddr(gone) => {
                self.listening.retain(|known| known != gone.addr);
                self.expire(|known| known == gone.addr);
            }
            // Candidates come by `offer` alone: contacts may say of us what they like.
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.client.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some(order) = self.orders.pop_front() {
            return Poll::Ready(order);
        }
        loop {
            let order = self.client.poll(cx);
            match &order {
                Poll::Ready(ToSwarm::NotifyHandler { .. })
                    if self.attempts >= ATTEMPTS * self.tried.len() =>
                {
                    // No answer is none that helps anybody.
                    self.on_refuted();
                    continue;
                }
                Poll::Ready(ToSwarm::NotifyHandler { peer_id, .. }) => {
                    self.attempts += 1;
                    self.asked.insert(*peer_id, Instant::now());
                }
                Poll::Ready(ToSwarm::ExternalAddrConfirmed(address)) => {
                    self.on_confirmed(address);
                    // Contacts are told what we listen on, and a relay server has a list of its own.
                    if self.listening.contains(address) {
                        continue;
                    }
                }
                Poll::Ready(ToSwarm::GenerateEvent(client::Event {
                    tested_addr,
                    result: Err(error),
                    ..
                })) => {
                    tracing::debug!(address = %tested_addr, %error, "not reachable from outside");
                    self.on_refuted();
                }
                _ => {}
            }
            return order;
        }
    }
}
