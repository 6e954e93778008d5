//! The address book: where known peers were last seen, for whoever dials them.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm, dummy,
    },
};

/// Multiaddrs by peer; shared between the swarm, which reads it, and the contacts, which write it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<RwLock<HashMap<PeerId, Vec<Multiaddr>>>>);

impl Book {
    pub(crate) fn set(&self, peer: PeerId, addresses: Vec<Multiaddr>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(peer, addresses);
    }

    pub(crate) fn remove(&self, peer: &PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(peer);
    }

    fn get(&self, peer: &PeerId) -> Vec<Multiaddr> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(peer).cloned().unwrap_or_default()
    }
}

/// Answers the swarm's question where to dial a peer.
#[derive(Debug)]
pub(crate) struct Behaviour(pub(crate) Book);

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        Ok(peer.map(|peer| self.0.get(&peer)).unwrap_or_default())
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

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
