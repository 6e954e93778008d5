//! What the swarm asks and tells.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use airway_protocols::gate::admission::Handler;
use either::Either;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};

use super::{
    super::book,
    Behaviour, Inner, Served,
    handler::{Asking, Hearing, Spoke, Told},
    probes::Sources,
};

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler<Inner>;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let Some(served) = self.admit(peer, connection, remote) else { return Ok(Handler::shut()) };
        self.served.insert(connection, (peer, served));
        Ok(Handler::open(Either::Right(Hearing::new(self.numbers.clone()))))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if !self.tiers.is_own_relay(&peer) {
            return Ok(Handler::shut());
        }
        let mut sources = Sources::default();
        sources.add(book::direct_ip(address));
        sources.add(self.tiers.relay_addresses(&peer).iter().filter_map(book::direct_ip));
        self.served.insert(connection, (peer, Served::Relay(sources, false)));
        Ok(Handler::open(Either::Left(Asking::default())))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionClosed(closed) => self.on_closed(closed.connection_id),
            // Another behaviour denied a connection after we had made a handler for it.
            FromSwarm::ListenFailure(failure) => self.on_closed(failure.connection_id),
            FromSwarm::DialFailure(failure) => self.on_closed(failure.connection_id),
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
        _: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {
            Either::Left(Told::Server) => {
                if let Some((_, Served::Relay(_, can_be_asked))) = self.served.get_mut(&connection) {
                    *can_be_asked = true;
                }
            }
            // One that comes after its time is no answer to what is asked by then.
            Either::Left(Told::Answer(number, answer)) => {
                if self.candidates.asked_over(connection) == Some(number) {
                    self.on_answer(connection, answer);
                }
            }
            Either::Right(Spoke) => self.probes.heard(connection),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while self.tick.poll_tick(cx).is_ready() {
            self.on_tick();
        }
        self.orders.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}
