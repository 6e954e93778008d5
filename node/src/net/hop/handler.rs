//! A handler that says whether its connection is in use.

use std::task::{Context, Poll};

use libp2p::swarm::{
    ConnectionHandler, ConnectionHandlerEvent, ConnectionId, SubstreamProtocol, handler::ConnectionEvent,
};

use super::InUse;

/// See the module. A connection is in use as long as the handler inside would keep it alive.
pub(crate) struct Handler<H> {
    inner: H,
    connection: ConnectionId,
    in_use: InUse,
    told: bool,
}

impl<H: ConnectionHandler> Handler<H> {
    pub(super) fn new(inner: H, connection: ConnectionId, in_use: InUse) -> Self {
        Self { inner, connection, in_use, told: false }
    }
}

impl<H> Drop for Handler<H> {
    fn drop(&mut self) {
        self.in_use.set(self.connection, false);
    }
}

impl<H: ConnectionHandler> ConnectionHandler for Handler<H> {
    type FromBehaviour = H::FromBehaviour;
    type ToBehaviour = H::ToBehaviour;
    type InboundProtocol = H::InboundProtocol;
    type OutboundProtocol = H::OutboundProtocol;
    type InboundOpenInfo = H::InboundOpenInfo;
    type OutboundOpenInfo = H::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        self.inner.listen_protocol()
    }

    fn connection_keep_alive(&self) -> bool {
        self.inner.connection_keep_alive()
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        self.inner.on_behaviour_event(event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        let polled = self.inner.poll(cx);
        let in_use = self.inner.connection_keep_alive();
        if in_use != self.told {
            self.in_use.set(self.connection, in_use);
            self.told = in_use;
        }
        polled
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::ToBehaviour>> {
        self.inner.poll_close(cx)
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            '_,
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        self.inner.on_connection_event(event);
    }
}
