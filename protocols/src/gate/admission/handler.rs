//! What stands on a connection: nothing that is spoken, until the inner handler is installed.

use std::{
    collections::VecDeque,
    fmt, iter, option,
    task::{Context, Poll},
};

use futures::future;
use libp2p::{
    Stream,
    core::upgrade::{InboundUpgrade, UpgradeInfo},
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol,
        handler::{
            ConnectionEvent, FullyNegotiatedInbound, InboundUpgradeSend, ListenUpgradeError, UpgradeInfoSend,
        },
    },
};

/// The handler of a connection: it speaks what `H` speaks, or nothing.
///
/// On the heap, since most connections are never opened.
pub struct Handler<H: ConnectionHandler>(Option<Speaking<H>>);

/// What is spoken, and the streams that `H` wants to open.
struct Speaking<H: ConnectionHandler> {
    inner: Box<H>,
    turn: Turn,
    /// Those that it may not open yet, as many as it asks for without any: gossipsub one.
    held: Wishes<H>,
}

type Wishes<H> = VecDeque<
    SubstreamProtocol<<H as ConnectionHandler>::OutboundProtocol, <H as ConnectionHandler>::OutboundOpenInfo>,
>;

/// Whose turn it is to open streams on a connection that was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Ours: the peer has a handler that takes them.
    First,
    /// The peer's. Ours comes with its first stream: nobody knows before whether it has a handler.
    Second,
}

impl<H: ConnectionHandler> Handler<H> {
    /// Speaks nothing, until it is told to [install](Order::Install) something.
    pub fn shut() -> Self {
        Self(None)
    }

    /// Speaks what `handler` speaks, until it is told to [shut](Order::Shut).
    pub fn open(handler: H) -> Self {
        Self(Some(Speaking::new(Box::new(handler), Turn::First)))
    }
}

impl<H: ConnectionHandler> Speaking<H> {
    fn new(inner: Box<H>, turn: Turn) -> Self {
        Self { inner, turn, held: VecDeque::new() }
    }

    /// What inner has to say, and the streams that it may open.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<H::OutboundProtocol, H::OutboundOpenInfo, H::ToBehaviour>> {
        loop {
            if self.turn == Turn::First
                && let Some(protocol) = self.held.pop_front()
            {
                return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
            }
            match self.inner.poll(cx) {
                Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol }) => {
                    self.held.push_back(protocol);
                }
                other => return other,
            }
        }
    }
}

impl<H: ConnectionHandler> fmt::Debug for Handler<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Open" } else { "Shut" })
    }
}

/// What the behaviour tells a handler.
pub enum Order<H: ConnectionHandler> {
    /// Speak from now on, in this turn.
    Install(Box<H>, Turn),
    /// Open what streams you want.
    Go,
    /// Speak no longer; streams break.
    Shut,
    /// For the handler inside.
    Inner(H::FromBehaviour),
}

impl<H: ConnectionHandler> fmt::Debug for Order<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install(_, turn) => f.debug_tuple("Install").field(turn).finish(),
            Self::Go => f.write_str("Go"),
            Self::Shut => f.write_str("Shut"),
            Self::Inner(event) => f.debug_tuple("Inner").field(event).finish(),
        }
    }
}

/// What is offered to the peer: the protocols of the inner handler, or none.
#[derive(Debug)]
pub struct Offer<U>(Option<U>);

impl<U: UpgradeInfoSend> UpgradeInfo for Offer<U> {
    type Info = U::Info;
    type InfoIter = iter::Flatten<option::IntoIter<U::InfoIter>>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.as_ref().map(UpgradeInfoSend::protocol_info).into_iter().flatten()
    }
}

impl<U: InboundUpgradeSend> InboundUpgrade<Stream> for Offer<U> {
    type Output = U::Output;
    type Error = U::Error;
    type Future = future::Either<U::Future, future::Pending<Result<U::Output, U::Error>>>;

    fn upgrade_inbound(self, stream: Stream, info: Self::Info) -> Self::Future {
        match self.0 {
            Some(upgrade) => future::Either::Left(upgrade.upgrade_inbound(stream, info)),
            // Never negotiated: there is no protocol to agree on.
            None => future::Either::Right(future::pending()),
        }
    }
}

impl<H: ConnectionHandler> ConnectionHandler for Handler<H> {
    type FromBehaviour = Order<H>;
    type ToBehaviour = H::ToBehaviour;
    type InboundProtocol = Offer<H::InboundProtocol>;
    type OutboundProtocol = H::OutboundProtocol;
    type InboundOpenInfo = Option<H::InboundOpenInfo>;
    type OutboundOpenInfo = H::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        match &self.0 {
            Some(Speaking { inner, .. }) => {
                inner.listen_protocol().map_upgrade(|upgrade| Offer(Some(upgrade))).map_info(Some)
            }
            None => SubstreamProtocol::new(Offer(None), None),
        }
    }

    fn connection_keep_alive(&self) -> bool {
        self.0.as_ref().is_some_and(|speaking| speaking.inner.connection_keep_alive())
    }

    fn on_behaviour_event(&mut self, order: Self::FromBehaviour) {
        match order {
            Order::Install(handler, turn) => self.0 = Some(Speaking::new(handler, turn)),
            Order::Go => {
                if let Some(speaking) = &mut self.0 {
                    speaking.turn = Turn::First;
                }
            }
            Order::Shut => self.0 = None,
            Order::Inner(event) => {
                if let Some(speaking) = &mut self.0 {
                    speaking.inner.on_behaviour_event(event);
                }
            }
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        self.0.as_mut().map_or(Poll::Pending, |speaking| speaking.poll(cx))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::ToBehaviour>> {
        self.0.as_mut().map_or(Poll::Ready(None), |speaking| speaking.inner.poll_close(cx))
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
        // What began before the handler was installed, or after it was taken away, has nobody to go to.
        let Some(Speaking { inner: handler, turn, .. }) = &mut self.0 else { return };
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol,
                info: Some(info),
            }) => {
                *turn = Turn::First;
                let stream = FullyNegotiatedInbound { protocol, info };
                handler.on_connection_event(ConnectionEvent::FullyNegotiatedInbound(stream));
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info: Some(info), error }) => {
                let error = ListenUpgradeError { info, error };
                handler.on_connection_event(ConnectionEvent::ListenUpgradeError(error));
            }
            ConnectionEvent::FullyNegotiatedOutbound(event) => {
                handler.on_connection_event(ConnectionEvent::FullyNegotiatedOutbound(event));
            }
            ConnectionEvent::DialUpgradeError(event) => {
                handler.on_connection_event(ConnectionEvent::DialUpgradeError(event));
            }
            ConnectionEvent::AddressChange(event) => {
                handler.on_connection_event(ConnectionEvent::AddressChange(event));
            }
            ConnectionEvent::LocalProtocolsChange(event) => {
                handler.on_connection_event(ConnectionEvent::LocalProtocolsChange(event));
            }
            ConnectionEvent::RemoteProtocolsChange(event) => {
                handler.on_connection_event(ConnectionEvent::RemoteProtocolsChange(event));
            }
            _ => {}
        }
    }
}
