//! What the swarm asks and tells.

use std::task::{Context, Poll};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm, behaviour::AddressChange,
    },
};

use super::{Admission, Event, Handler, Order, State};
use crate::gate::Policy;

impl<B: NetworkBehaviour, P: Policy> NetworkBehaviour for Admission<B, P> {
    type ConnectionHandler = Handler<THandler<B>>;
    type ToSwarm = Event<B::ToSwarm>;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let Some(inner) = &mut self.inner else { return Ok(()) };
        inner.handle_pending_inbound_connection(connection, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let handler = match &mut self.inner {
            Some(inner) if self.policy.admits(&peer) => {
                Some(inner.handle_established_inbound_connection(id, peer, local, remote)?)
            }
            _ => None,
        };
        Ok(self.begin(peer, id, handler))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        let Some(inner) = &mut self.inner else { return Ok(Vec::new()) };
        let known = inner.handle_pending_outbound_connection(connection, peer, addresses, role)?;
        Ok(known.into_iter().map(|address| without(address, peer.as_ref())).collect())
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let handler = match &mut self.inner {
            Some(inner) if self.policy.admits(&peer) => {
                Some(inner.handle_established_outbound_connection(id, peer, address, role, port_use)?)
            }
            _ => None,
        };
        Ok(self.begin(peer, id, handler))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(established) => return self.on_established(established),
            FromSwarm::ConnectionClosed(closed) => return self.on_closed(closed),
            FromSwarm::DialFailure(failure) => return self.on_dial_failure(failure),
            FromSwarm::AddressChange(AddressChange { peer_id, connection_id, new, .. }) => {
                if let Some(connection) = self.connections.find(&peer_id, connection_id) {
                    connection.endpoint = Some(new.clone());
                }
                if self.connections.state(&peer_id, connection_id) != Some(State::Open) {
                    return;
                }
            }
            // Another behaviour denied a connection after we had made a handler for it.
            FromSwarm::ListenFailure(failure) => {
                if let Some(peer) = failure.peer_id {
                    self.connections.remove(&peer, failure.connection_id);
                }
            }
            _ => {}
        }
        if let Some(inner) = &mut self.inner {
            inner.on_swarm_event(event);
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        // Of a connection that is over, it is an answer to somebody who does not ask any more.
        if self.connections.state(&peer, connection) == Some(State::Open)
            && let Some(inner) = &mut self.inner
        {
            inner.on_connection_handler_event(peer, connection, event);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            // Before anything that inner has to say to handlers which are still to be installed.
            if let Some(order) = self.orders.pop_front() {
                return Poll::Ready(order);
            }
            let polled = self.inner.as_mut().map_or(Poll::Pending, |inner| inner.poll(cx));
            let Poll::Ready(order) = polled else {
                self.waker = Some(cx.waker().clone());
                return Poll::Pending;
            };
            match order {
                ToSwarm::NotifyHandler { peer_id, handler, event } => {
                    // An order for a connection that closed meanwhile has nobody to go to.
                    if let Some(connection) = self.connections.route(&peer_id, handler) {
                        self.notify(peer_id, connection, Order::Inner(event));
                    }
                }
                ToSwarm::Dial { opts } => {
                    if let Some(opts) = self.dial(opts) {
                        self.orders.push_back(ToSwarm::Dial { opts });
                    }
                }
                order => return Poll::Ready(order.map_out(Event::Inner).map_in(Order::Inner)),
            }
        }
    }
}

impl<B: NetworkBehaviour, P: Policy> Admission<B, P> {
    /// Takes in a connection that is about to be established.
    fn begin(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        handler: Option<THandler<B>>,
    ) -> Handler<THandler<B>> {
        let state = if handler.is_some() { State::Made } else { State::Shut };
        self.connections.insert(peer, id, state);
        handler.map_or_else(Handler::shut, Handler::open)
    }
}

/// An address without the name of the peer at its end. Kademlia has it there and the relay client has not, and the swarm
/// would dial both: two connections, of which the peer takes the second for a sign that the first is lost.
fn without(mut address: Multiaddr, peer: Option<&PeerId>) -> Multiaddr {
    if let Some(Protocol::P2p(named)) = address.iter().last()
        && Some(&named) == peer
    {
        address.pop();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_alone_loses_its_name() {
        let [peer, relay] = [PeerId::random(), PeerId::random()];
        let address = |text: String| text.parse::<Multiaddr>().unwrap();
        let direct = "/ip4/192.0.2.1/udp/1/quic-v1";
        let circuit = format!("{direct}/p2p/{relay}/p2p-circuit");
        for (named, expected) in [
            (format!("{direct}/p2p/{peer}"), direct),
            (direct.into(), direct),
            (format!("{circuit}/p2p/{peer}"), &circuit),
            (circuit.clone(), &circuit),
            (format!("{direct}/p2p/{relay}"), &format!("{direct}/p2p/{relay}")),
        ] {
            assert_eq!(without(address(named), Some(&peer)).to_string(), *expected);
        }
    }
}
