//! What stands between gossipsub and its peers: what it never sees, how fast it is talked to, and when it is given up.
//!
//! Gossipsub remembers every message for some seconds and every id for two minutes, whatever topic it names, as fast as they
//! come; keeps each connection open on which it has a stream; and leaves a peer with which it has given up speaking where it
//! was, in the mesh as well. Here
//!
//! - nothing passes that names another topic than ours, but for control messages, which it does not remember;
//! - a connection is read no faster than its [meter] allows;
//! - a connection stays open for gossip's sake while its peer is in the mesh, and not through a relay: whoever has found a
//!   direct way too would stay on the other one;
//! - a handler that has given up [says so](Event::Over).

mod handler;
mod meter;
mod unkept;

use std::{
    collections::VecDeque,
    task::{Context, Poll},
    time::Instant,
};

use handler::{Handler, InnerEvent, Said};
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    gossipsub::{self, IdentTopic, IdentityTransform, WhitelistSubscriptionFilter},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};

use airway_protocols::streams::is_relayed;

use super::floods::Floods;

/// Gossipsub with one topic.
pub(super) type Gossipsub = gossipsub::Behaviour<IdentityTransform, WhitelistSubscriptionFilter>;

/// See the module.
pub(crate) struct Guard {
    pub(crate) inner: Gossipsub,
    pub(crate) topic: IdentTopic,
    /// Messages that have come, each as often as a peer has sent it.
    pub(crate) copies: u64,
    /// Who has passed on too much.
    floods: Floods,
    /// To be said.
    over: VecDeque<(PeerId, ConnectionId)>,
}

/// What it says.
#[derive(Debug)]
pub(crate) enum Event {
    /// Gossipsub says so.
    Inner(gossipsub::Event),
    /// Nothing more is said on this connection: the peer does not speak gossip, or has opened stream after stream.
    Over(PeerId, ConnectionId),
}

impl Guard {
    pub(super) fn new(inner: Gossipsub, topic: IdentTopic) -> Self {
        Self { inner, topic, copies: 0, floods: Floods::default(), over: VecDeque::new() }
    }

    /// Notes that a peer has passed on more than it should.
    pub(crate) fn flooded(&mut self, peer: PeerId) {
        let forgiven = self.floods.note(peer, Instant::now());
        [Some(peer), forgiven].iter().flatten().for_each(|peer| self.think_of(peer));
    }

    fn think_of(&mut self, peer: &PeerId) {
        self.inner.set_application_score(peer, self.floods.score(peer));
    }

    fn guarded(&self, inner: THandler<Gossipsub>, relayed: bool) -> Handler {
        Handler::new(inner, self.topic.hash(), !relayed)
    }
}

impl NetworkBehaviour for Guard {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.inner.handle_established_inbound_connection(connection, peer, local, remote)?;
        Ok(self.guarded(inner, is_relayed(local)))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner =
            self.inner.handle_established_outbound_connection(connection, peer, address, role, port_use)?;
        Ok(self.guarded(inner, is_relayed(address)))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        said: THandlerOutEvent<Self>,
    ) {
        match said {
            Said::Inner(event) => {
                if let InnerEvent::Message { rpc, .. } = &event {
                    self.copies += rpc.messages.len() as u64;
                }
                self.inner.on_connection_handler_event(peer, connection, event);
            }
            Said::Over => self.over.push_back((peer, connection)),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some((peer, connection)) = self.over.pop_front() {
            return Poll::Ready(ToSwarm::GenerateEvent(Event::Over(peer, connection)));
        }
        // At least with each heartbeat of gossipsub.
        for peer in self.floods.forgive(Instant::now()) {
            self.think_of(&peer);
        }
        self.inner.poll(cx).map(|order| order.map_out(Event::Inner))
    }
}
