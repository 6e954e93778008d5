//! Strangers wait here: few at a time, and not for long.

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

use crate::access::Access;

/// Connections that strangers may hold in all; the oldest makes room for the next.
const MAX_STRANGERS: usize = 32;

/// How long a stranger's connection is kept: long enough for one request.
const STAY: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Copy)]
struct Stranger {
    peer: PeerId,
    connection: ConnectionId,
    until: Instant,
}

/// Closes the connections of strangers. See the module.
#[derive(Debug)]
pub(crate) struct Behaviour {
    access: Access,
    /// Oldest first.
    waiting: VecDeque<Stranger>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Behaviour {
    pub(crate) fn new(access: Access) -> Self {
        Self { access, waiting: VecDeque::new(), timer: None }
    }

    fn leave(&mut self, connection: ConnectionId) {
        self.waiting.retain(|stranger| stranger.connection != connection);
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
        if !self.access.allows(&peer) {
            self.waiting.push_back(Stranger { peer, connection, until: Instant::now() + STAY });
        }
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionClosed(closed) => self.leave(closed.connection_id),
            FromSwarm::ListenFailure(failure) => self.leave(failure.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while let Some(&Stranger { peer, connection, until }) = self.waiting.front() {
            if self.waiting.len() > MAX_STRANGERS || until <= Instant::now() {
                self.waiting.pop_front();
                let connection = CloseConnection::One(connection);
                return Poll::Ready(ToSwarm::CloseConnection { peer_id: peer, connection });
            }
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
            timer.as_mut().reset(until);
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Pending
    }
}
