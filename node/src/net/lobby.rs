//! Strangers wait here: few at a time, and not for long.
//!
//! Whoever is blocked does not get in.
//!
//! On a relay server those stay who have a reservation or a circuit; every [`STAY`] it is looked at anew.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
    },
};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{hop::InUse, tiers::Tiers};

/// Connections that strangers may hold in all; the oldest makes room for the next.
const MAX_STRANGERS: usize = 32;

/// The same on a relay server: all reservations, the sources of all circuits, and as many again that only come and go.
pub(crate) const MAX_CLIENTS: usize = 384;

/// How long a stranger's connection is kept: long enough for one request.
const STAY: Duration = Duration::from_secs(15);

/// The owner wants to hear nothing of the peer.
#[derive(Debug, thiserror::Error)]
#[error("the peer is blocked")]
struct Blocked;

#[derive(Debug, Clone, Copy)]
struct Stranger {
    peer: PeerId,
    connection: ConnectionId,
    until: Instant,
}

/// Closes the connections of strangers. See the module.
#[derive(Debug)]
pub(crate) struct Behaviour {
    tiers: Tiers,
    most: usize,
    in_use: InUse,
    /// Whose time is over first comes first.
    waiting: VecDeque<Stranger>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Behaviour {
    /// The lobby of an agent.
    pub(crate) fn new(tiers: Tiers) -> Self {
        Self { tiers, most: MAX_STRANGERS, in_use: InUse::default(), waiting: VecDeque::new(), timer: None }
    }

    /// The lobby of a relay server.
    pub(crate) fn of_relay(tiers: Tiers, in_use: InUse) -> Self {
        Self { most: MAX_CLIENTS, in_use, ..Self::new(tiers) }
    }

    fn enter(&mut self, peer: PeerId, connection: ConnectionId) -> Result<(), ConnectionDenied> {
        if self.tiers.is_blocked(&peer) {
            return Err(ConnectionDenied::new(Blocked));
        }
        if self.tiers.is_stranger(&peer) {
            let until = Instant::now() + STAY;
            self.waiting.push_back(Stranger { peer, connection, until });
        }
        Ok(())
    }

    fn leave(&mut self, connection: ConnectionId) {
        self.waiting.retain(|stranger| stranger.connection != connection);
    }

    /// Who has to go now, if anybody.
    fn next_to_go(&mut self) -> Option<Stranger> {
        let now = Instant::now();
        while let Some(due) = self.waiting.front().copied().filter(|stranger| stranger.until <= now) {
            self.waiting.pop_front();
            // It may have proved to be a member meanwhile.
            if self.tiers.is_member(&due.peer) {
                continue;
            }
            if !self.in_use.contains(&due.peer) {
                return Some(due);
            }
            self.waiting.push_back(Stranger { until: now + STAY, ..due });
        }
        if self.waiting.len() <= self.most {
            return None;
        }
        self.waiting.retain(|stranger| !self.tiers.is_member(&stranger.peer));
        if self.waiting.len() <= self.most {
            return None;
        }
        let oldest = self.waiting.iter().position(|stranger| !self.in_use.contains(&stranger.peer))?;
        self.waiting.remove(oldest)
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.enter(peer, connection)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.enter(peer, connection)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionClosed(closed) => self.leave(closed.connection_id),
            FromSwarm::ListenFailure(failure) => self.leave(failure.connection_id),
            FromSwarm::DialFailure(failure) => self.leave(failure.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            if let Some(Stranger { peer, connection, .. }) = self.next_to_go() {
                let connection = CloseConnection::One(connection);
                return Poll::Ready(ToSwarm::CloseConnection { peer_id: peer, connection });
            }
            let Some(until) = self.waiting.front().map(|stranger| stranger.until) else {
                return Poll::Pending;
            };
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
            timer.as_mut().reset(until);
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
