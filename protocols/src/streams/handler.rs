//! One connection's part: opens streams in parallel, hands inbound ones to the registry.

use std::{
    cell::RefCell,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{StreamExt as _, channel::mpsc::UnboundedReceiver};
use libp2p::{
    PeerId, StreamProtocol,
    core::upgrade::ReadyUpgrade,
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, ConnectionId, StreamUpgradeError, SubstreamProtocol,
        handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
};
use tokio::sync::Semaphore;

use super::{
    Limits, OpenError,
    handshake::refuse,
    leash::Leash,
    links::{Entered, Opening},
    offer::{Offer, Offered},
    registry::Registry,
    status::{Refusal, Status},
    stream::{Origin, Stream},
};

/// See [`super::Behaviour`].
#[derive(Debug)]
pub struct Handler {
    peer: PeerId,
    connection: ConnectionId,
    limits: Limits,
    registry: Arc<Registry>,
    offered: RefCell<Offered>,
    orders: UnboundedReceiver<Opening>,
    inbound: Arc<Semaphore>,
    leash: Arc<Leash>,
}

impl Handler {
    pub(super) fn new(
        (peer, connection): (PeerId, ConnectionId),
        limits: Limits,
        registry: Arc<Registry>,
        Entered { orders, inbound, leash }: Entered,
    ) -> Self {
        let offered = RefCell::default();
        Self { peer, connection, limits, registry, offered, orders, inbound, leash }
    }

    fn origin(&self, protocol: StreamProtocol) -> Origin {
        Origin { peer: self.peer, connection: self.connection, protocol }
    }

    fn on_inbound(&self, mut io: libp2p::Stream, protocol: StreamProtocol) {
        // Negotiated under an answer that holds no longer: reset without a word, as on a connection that breaks.
        if self.leash.is_cut() || !self.registry.admits(&self.peer, &protocol) {
            tracing::debug!(peer = %self.peer, %protocol, "no longer offered");
            return;
        }
        match self.inbound.clone().try_acquire_owned() {
            Ok(permit) => {
                let stream = Stream::inbound(io, self.origin(protocol), permit, self.leash.tie());
                self.registry.deliver(stream);
            }
            Err(_) => {
                tracing::debug!(peer = %self.peer, %protocol, "too many streams from one peer");
                self.registry.count(Status::Busy);
                refuse(&mut io, Status::Busy);
            }
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = Offer;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Opening;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        let offer = self.registry.offer(&self.peer, &mut self.offered.borrow_mut());
        SubstreamProtocol::new(offer, ()).with_timeout(self.limits.negotiation)
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        // `None` means that the connection was taken out of the table: it is closing.
        let Poll::Ready(Some(opening)) = self.orders.poll_next_unpin(cx) else { return Poll::Pending };
        let upgrade = ReadyUpgrade::new(opening.protocol.clone());
        let protocol = SubstreamProtocol::new(upgrade, opening).with_timeout(self.limits.negotiation);
        Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol })
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        match event {}
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (io, protocol),
                ..
            }) => {
                self.on_inbound(io, protocol);
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol: io, info }) => {
                let Opening { protocol, permit, reply } = info;
                let stream = Stream::outbound(io, self.origin(protocol), permit, self.leash.tie());
                let _ = reply.send(Ok(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                let error = match error {
                    StreamUpgradeError::Timeout => OpenError::Timeout,
                    StreamUpgradeError::NegotiationFailed => OpenError::Refused(Refusal::Unsupported),
                    StreamUpgradeError::Io(source) => OpenError::Io(source),
                    StreamUpgradeError::Apply(never) => match never {},
                };
                let _ = info.reply.send(Err(error));
            }
            _ => {}
        }
    }
}
