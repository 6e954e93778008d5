//! What the swarm asks and tells.

use std::{
    task::{Context, Poll},
    time::Instant,
};

use airway_protocols::gate::admission::Handler;
use libp2p::{
    Multiaddr, PeerId,
    autonat::v2::client,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};

use super::{super::book, Behaviour, Inner, Served, probes::Sources};

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler<Inner>;
    type ToSwarm = client::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let Some(served) = self.admit(peer, connection, remote) else { return Ok(Handler::shut()) };
        let handler = self.client.handle_established_inbound_connection(connection, peer, local, remote)?;
        self.served.insert(connection, served);
        Ok(Handler::open(handler))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if !self.tiers.is_own_relay(&peer) {
            return Ok(Handler::shut());
        }
        let handler =
            self.client.handle_established_outbound_connection(connection, peer, address, role, port_use)?;
        let mut sources = Sources::default();
        sources.add(book::direct_ip(address));
        sources.add(self.tiers.relay_addresses(&peer).iter().filter_map(book::direct_ip));
        self.served.insert(connection, Served::Relay(sources));
        Ok(Handler::open(handler))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(established)
                if self.served.contains_key(&established.connection_id) =>
            {
                self.client.on_swarm_event(event);
            }
            FromSwarm::ConnectionClosed(closed) => self.on_closed(event, closed.connection_id),
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
        if !self.served.contains_key(&connection) {
            return;
        }
        // A relay says that it can be asked before it is, and after that nothing but what came of it.
        let is_number = event.is_right();
        self.client.on_connection_handler_event(peer, connection, event);
        if is_number {
            self.probes.heard(connection);
        } else {
            let visitors = self.probes.end(connection);
            self.see_off(visitors);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            // The client looks for something to do every 5 s: that is soon enough.
            let overdue = self.probes.end_overdue(Instant::now());
            self.see_off(overdue);
            self.ask();
            if let Some(order) = self.orders.pop_front() {
                return Poll::Ready(order);
            }
            match self.client.poll(cx) {
                Poll::Ready(order) => {
                    if let Some(order) = self.on_order(order) {
                        return Poll::Ready(order);
                    }
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
