//! A connection's part: on one that we made a relay is asked, on one that came in a number may be said.

use std::{
    collections::VecDeque,
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use libp2p::{
    Multiaddr, StreamProtocol,
    core::upgrade::{DeniedUpgrade, ReadyUpgrade},
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
            ProtocolsChange,
        },
    },
};
use tokio::time::timeout;

use super::{
    talk::{self, Numbers},
    wire::Answer,
};

const DIAL_REQUEST: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-request");
const DIAL_BACK: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-back");

/// How long a relay may take to listen, and then to answer, dialling us included.
const ASK: Duration = Duration::from_secs(10);

/// How long a number may take to be said.
const HEAR: Duration = Duration::from_secs(5);

/// Numbers that are heard at once over one connection.
const MAX_HEARD: usize = 2;

/// What a relay is asked.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(super) address: Multiaddr,
    pub(super) number: u64,
}

/// What a relay makes known.
#[derive(Debug)]
pub(crate) enum Told {
    /// It can be asked.
    Server,
    /// What came of having it say this number; `None` if it did not answer.
    Answer(u64, Option<Answer>),
}

/// Asks a relay, one thing at a time.
#[derive(Default)]
pub(crate) struct Asking {
    next: Option<Ask>,
    events: VecDeque<Told>,
    asking: FuturesUnordered<BoxFuture<'static, Told>>,
}

impl ConnectionHandler for Asking {
    type FromBehaviour = Ask;
    type ToBehaviour = Told;
    type InboundProtocol = DeniedUpgrade;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Ask;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(DeniedUpgrade, ())
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        if let Some(told) = self.events.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(told));
        }
        if let Some(ask) = self.next.take() {
            let protocol = SubstreamProtocol::new(ReadyUpgrade::new(DIAL_REQUEST), ask).with_timeout(ASK);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        if let Poll::Ready(Some(told)) = self.asking.poll_next_unpin(cx) {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(told));
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, ask: Self::FromBehaviour) {
        self.next = Some(ask);
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
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol: stream, info }) => {
                let Ask { address, number } = info;
                let asking = timeout(ASK, talk::ask(stream, address, number));
                self.asking.push(
                    asking.map(move |asked| Told::Answer(number, asked.ok().and_then(Result::ok))).boxed(),
                );
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, .. }) => {
                self.events.push_back(Told::Answer(info.number, None));
            }
            ConnectionEvent::RemoteProtocolsChange(ProtocolsChange::Added(added)) => {
                let is_server = added.into_iter().any(|protocol| *protocol == DIAL_REQUEST);
                self.events.extend(is_server.then_some(Told::Server));
            }
            _ => {}
        }
    }
}

/// Something was said over a connection that came in, whatever it was.
#[derive(Debug)]
pub(crate) struct Spoke;

/// Hears numbers.
pub(crate) struct Hearing {
    numbers: Numbers,
    hearing: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Hearing {
    pub(super) fn new(numbers: Numbers) -> Self {
        Self { numbers, hearing: FuturesUnordered::new() }
    }
}

impl ConnectionHandler for Hearing {
    type FromBehaviour = Infallible;
    type ToBehaviour = Spoke;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = DeniedUpgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(DIAL_BACK), ())
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Self::ToBehaviour>> {
        match self.hearing.poll_next_unpin(cx) {
            Poll::Ready(Some(())) => Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(Spoke)),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, never: Self::FromBehaviour) {
        match never {}
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol>) {
        if let ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol: stream, .. }) =
            event
            && self.hearing.len() < MAX_HEARD
        {
            let hearing = timeout(HEAR, talk::hear(stream, self.numbers.clone()));
            self.hearing.push(hearing.map(|_| ()).boxed());
        }
    }
}
