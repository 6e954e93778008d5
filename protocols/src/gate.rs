//! One gate for any behaviour: a peer that is not admitted meets a handler that speaks nothing.
//!
//! What a behaviour offers is decided when a connection is established, from the authenticated [`PeerId`], and
//! holds for the life of the connection: to admit a peer, let it connect again; to expel one, change the
//! policy first, then close its connections. Streams need no gate: they ask a [policy](crate::streams::Policy) of their
//! own, each anew.
//!
//! The behaviour inside never hears of connections that it does not serve. Were it told, request-response
//! would send to a handler that is not there, and gossipsub, which greets a peer at its *first* connection,
//! would never greet one whose first connection was not admitted. So events of such connections stop here, and
//! the counts of other connections are those of admitted ones alone.
//!
//! [`admission`] is a gate that opens for connections which are there already.

pub mod admission;

use std::{
    collections::HashMap,
    task::{Context, Poll},
};

use either::Either;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NotifyHandler, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
        behaviour::{ConnectionClosed, ConnectionEstablished},
        dummy,
    },
};

/// Who may speak what a behaviour offers.
pub trait Policy: Send + 'static {
    /// Whether the behaviour serves this peer. Asked once for every connection; must not block.
    fn admits(&self, peer: &PeerId) -> bool;
}

impl<F: Fn(&PeerId) -> bool + Send + 'static> Policy for F {
    fn admits(&self, peer: &PeerId) -> bool {
        self(peer)
    }
}

/// Serves `B` to those whom `P` admits and nothing to others.
#[derive(Debug)]
pub struct Gate<B, P> {
    inner: B,
    policy: P,
    /// Connections that got a real handler; `true` once the inner behaviour was told of them. A peer has one or two: a
    /// list is a third of a map.
    admitted: HashMap<PeerId, Vec<(ConnectionId, bool)>>,
}

impl<B, P: Policy> Gate<B, P> {
    /// Puts a behaviour behind a policy.
    pub fn new(inner: B, policy: P) -> Self {
        Self { inner, policy, admitted: HashMap::new() }
    }

    /// The behaviour behind the gate.
    pub fn inner(&mut self) -> &mut B {
        &mut self.inner
    }

    fn is_admitted(&self, peer: &PeerId, connection: ConnectionId) -> bool {
        self.admitted.get(peer).is_some_and(|all| all.iter().any(|(known, _)| *known == connection))
    }

    fn announced(&self, peer: &PeerId) -> usize {
        self.admitted.get(peer).map_or(0, |all| all.iter().filter(|(_, announced)| *announced).count())
    }

    fn admit(&mut self, peer: PeerId, connection: ConnectionId) {
        self.admitted.entry(peer).or_insert_with(|| Vec::with_capacity(1)).push((connection, false));
    }

    /// Forgets a connection; `true` if it was admitted.
    fn forget(&mut self, peer: &PeerId, connection: ConnectionId) -> bool {
        let Some(connections) = self.admitted.get_mut(peer) else { return false };
        let known = connections.extract_if(.., |(known, _)| *known == connection).count() > 0;
        if connections.is_empty() {
            self.admitted.remove(peer);
        }
        known
    }

    /// A connection on which the inner behaviour may be heard by the peer.
    fn route(&self, peer: &PeerId, to: NotifyHandler) -> Option<ConnectionId> {
        match to {
            NotifyHandler::One(connection) => self.is_admitted(peer, connection).then_some(connection),
            NotifyHandler::Any => self.admitted.get(peer)?.first().map(|(connection, _)| *connection),
        }
    }
}

impl<B: NetworkBehaviour, P: Policy> NetworkBehaviour for Gate<B, P> {
    type ConnectionHandler = Either<THandler<B>, dummy::ConnectionHandler>;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.inner.handle_pending_inbound_connection(connection, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if !self.policy.admits(&peer) {
            return Ok(Either::Right(dummy::ConnectionHandler));
        }
        let handler = self.inner.handle_established_inbound_connection(connection, peer, local, remote)?;
        self.admit(peer, connection);
        Ok(Either::Left(handler))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.inner.handle_pending_outbound_connection(connection, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if !self.policy.admits(&peer) {
            return Ok(Either::Right(dummy::ConnectionHandler));
        }
        let handler =
            self.inner.handle_established_outbound_connection(connection, peer, address, role, port_use)?;
        self.admit(peer, connection);
        Ok(Either::Left(handler))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(established) => {
                let ConnectionEstablished { peer_id, connection_id, .. } = established;
                if !self.is_admitted(&peer_id, connection_id) {
                    return;
                }
                let other_established = self.announced(&peer_id);
                let connections = self.admitted.get_mut(&peer_id).into_iter().flatten();
                connections
                    .filter(|(known, _)| *known == connection_id)
                    .for_each(|(_, announced)| *announced = true);
                let established = ConnectionEstablished { other_established, ..established };
                self.inner.on_swarm_event(FromSwarm::ConnectionEstablished(established));
            }
            FromSwarm::ConnectionClosed(closed) => {
                if !self.forget(&closed.peer_id, closed.connection_id) {
                    return;
                }
                let remaining_established = self.announced(&closed.peer_id);
                let closed = ConnectionClosed { remaining_established, ..closed };
                self.inner.on_swarm_event(FromSwarm::ConnectionClosed(closed));
            }
            FromSwarm::AddressChange(change) => {
                if self.is_admitted(&change.peer_id, change.connection_id) {
                    self.inner.on_swarm_event(FromSwarm::AddressChange(change));
                }
            }
            // Another behaviour denied a connection after we had admitted it.
            FromSwarm::DialFailure(failure) => {
                if let Some(peer) = failure.peer_id {
                    self.forget(&peer, failure.connection_id);
                }
                self.inner.on_swarm_event(FromSwarm::DialFailure(failure));
            }
            FromSwarm::ListenFailure(failure) => {
                if let Some(peer) = failure.peer_id {
                    self.forget(&peer, failure.connection_id);
                }
                self.inner.on_swarm_event(FromSwarm::ListenFailure(failure));
            }
            other => self.inner.on_swarm_event(other),
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {
            Either::Left(event) => self.inner.on_connection_handler_event(peer, connection, event),
            Either::Right(never) => match never {},
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while let Poll::Ready(order) = self.inner.poll(cx) {
            if let ToSwarm::NotifyHandler { peer_id, handler, event } = order {
                // An order for a connection that closed meanwhile has nobody to go to.
                let Some(connection) = self.route(&peer_id, handler) else { continue };
                let handler = NotifyHandler::One(connection);
                return Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler, event: Either::Left(event) });
            }
            return Poll::Ready(order.map_in(Either::Left));
        }
        Poll::Pending
    }
}
