//! Gossipsub's handler, behind its guard.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use libp2p::{
    gossipsub::TopicHash,
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol, THandler,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
            ListenUpgradeError,
        },
    },
};
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

use super::{
    Gossipsub,
    meter::{Frame, Meter},
    unkept::Unkept,
};

/// Gossipsub's handler is not woken by something to send as long as it has no stream to send it on, as on the second
/// connection to a peer, after the first has closed. So it is looked after so often.
const LOOK: Duration = Duration::from_secs(1);

type Inner = THandler<Gossipsub>;

/// What gossipsub's handler says.
pub(super) type InnerEvent = <Inner as ConnectionHandler>::ToBehaviour;

/// What a connection has to say.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is what is said all the time, the other at most once"
)]
pub(crate) enum Said {
    Inner(InnerEvent),
    /// Gossipsub has given this connection up.
    Over,
}

/// See the module above.
pub(crate) struct Handler {
    inner: Inner,
    topic: TopicHash,
    /// Whether gossip may keep the connection open.
    keeps: bool,
    meter: Meter,
    /// As long as it lasts nothing is read.
    pause: Option<Pin<Box<Sleep>>>,
    look: Interval,
    said_over: bool,
}

impl Handler {
    pub(super) fn new(inner: Inner, topic: TopicHash, keeps: bool) -> Self {
        let meter = Meter::new(Instant::now());
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { inner, topic, keeps, meter, pause: None, look, said_over: false }
    }

    /// Leaves out what gossipsub is not to see, and counts the rest.
    fn filter(&mut self, mut event: InnerEvent) -> InnerEvent {
        if let InnerEvent::Message { rpc, invalid_messages } = &mut event {
            let said = rpc.messages.iter().chain(invalid_messages.iter().map(|(message, _)| message));
            let frame = Frame {
                messages: rpc.messages.len() + invalid_messages.len() + rpc.subscriptions.len(),
                bytes: said.map(|message| message.data.len()).sum(),
                // There is always one, about extensions.
                control: rpc.control_msgs.len() > 1,
            };
            rpc.messages.retain(|message| message.topic == self.topic);
            invalid_messages.retain(|(message, _)| message.topic == self.topic);
            rpc.subscriptions.retain(|subscription| subscription.topic_hash == self.topic);
            self.pause = self.meter.take(frame, Instant::now()).map(|wait| Box::pin(sleep(wait)));
        }
        event
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = <Inner as ConnectionHandler>::FromBehaviour;
    type ToBehaviour = Said;
    type InboundProtocol = Unkept<<Inner as ConnectionHandler>::InboundProtocol>;
    type OutboundProtocol = Unkept<<Inner as ConnectionHandler>::OutboundProtocol>;
    type InboundOpenInfo = <Inner as ConnectionHandler>::InboundOpenInfo;
    type OutboundOpenInfo = <Inner as ConnectionHandler>::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        self.inner.listen_protocol().map_upgrade(Unkept)
    }

    fn connection_keep_alive(&self) -> bool {
        self.keeps && self.inner.connection_keep_alive()
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        self.inner.on_behaviour_event(event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        if matches!(self.inner, Inner::Disabled(_)) && !self.said_over {
            self.said_over = true;
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(Said::Over));
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        // Once more after it was due, to be woken by the next one.
        while self.look.poll_tick(cx).is_ready() {}
        let event = ready!(self.inner.poll(cx));
        let event = match event {
            ConnectionHandlerEvent::NotifyBehaviour(event) => {
                ConnectionHandlerEvent::NotifyBehaviour(self.filter(event))
            }
            other => other,
        };
        Poll::Ready(event.map_protocol(Unkept).map_custom(Said::Inner))
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
        let event = match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info })
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info })
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error })
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error }) => {
                ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error })
            }
            ConnectionEvent::AddressChange(event) => ConnectionEvent::AddressChange(event),
            ConnectionEvent::LocalProtocolsChange(event) => ConnectionEvent::LocalProtocolsChange(event),
            ConnectionEvent::RemoteProtocolsChange(event) => ConnectionEvent::RemoteProtocolsChange(event),
            _ => return,
        };
        self.inner.on_connection_event(event);
    }
}
