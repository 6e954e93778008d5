//! Streams between peers: listen on a protocol, open a stream, lose none.
//!
//! ```text
//! Control::open ─► Links ─► Handler ─► libp2p ─────── network ─────── libp2p ─► Handler ─► Registry ─► Incoming
//!                    └─► Behaviour (dials, if there is no connection)                          (bounded queue)
//! ```
//!
//! A stream is plain `AsyncRead + AsyncWrite`. Once it is open, neither the swarm's task nor this behaviour
//! sees a byte of it; opening one goes straight to the connection's handler, many at a time.
//!
//! **Status byte.** The first byte from the responder says whether it takes the stream ([`Status`]); the
//! opener's first read meets it. So a full queue or a closed port is an answer ([`Refusal`]) and not a silent
//! loss, and it costs no round trip of its own.
//!
//! **Who may.** A [`Policy`] says at every stream whether its peer may open it, so that its answers may change while
//! connections last. What it does not admit is not negotiable, exactly like a protocol that nobody listens on.
//! [`Control::cut`] ends what is open already: when it returns, not a byte moves on any stream of the peer.
//!
//! **Limits.** [`Limits`] bounds what a peer can occupy. An opener keeps to its own bound by waiting, which
//! also keeps it clear of the muxers' bounds, where crossing one would end the connection.
//!
//! | what happens | the opener sees |
//! |---|---|
//! | nobody listens on the protocol, or not for this peer | [`Refusal::Unsupported`] from the negotiation |
//! | the listener went away with streams in its queue | [`Refusal::Closed`] |
//! | the queue is full, or the peer has too many streams | [`Refusal::Busy`] |
//! | the policy changed while it was negotiated | a reset |
//! | we cut the peer's streams | on our side [`Cut`], on the other one a reset |
//! | the connection breaks | the I/O error of the transport |

mod control;
mod handler;
mod handshake;
mod leash;
mod links;
mod offer;
mod policy;
mod registry;
mod status;
mod stream;

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

pub use control::{Control, OpenError};
pub use handler::Handler;
pub use leash::{Cut, CutWatch};
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, DialError, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use links::Links;
pub use policy::{OpenToAll, Policy};
use registry::Registry;
pub use registry::{AlreadyRegistered, Incoming, Refused};
pub use status::{Refusal, Status};
pub use stream::Stream;
use tokio::sync::mpsc;

/// What one peer may occupy.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Streams that one peer may have open to us; a further one hears [`Status::Busy`].
    pub inbound_per_peer: usize,
    /// Streams that we have open to one peer; a further one waits. No more than the inbound ones, so that peers with
    /// the same limits do not find each other busy; together with them below the 512 at which yamux ends the
    /// connection, with room for other protocols.
    pub outbound_per_peer: usize,
    /// Openers that may wait for a dial to one peer; a further one fails with [`OpenError::Busy`].
    pub waiting_per_peer: usize,
    /// How long the negotiation of a stream may take.
    pub negotiation: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inbound_per_peer: 100,
            outbound_per_peer: 100,
            waiting_per_peer: 1024,
            negotiation: Duration::from_secs(10),
        }
    }
}

/// The `NetworkBehaviour` behind a [`Control`].
#[derive(Debug)]
pub struct Behaviour {
    limits: Limits,
    registry: Arc<Registry>,
    links: Arc<Links>,
    to_dial: mpsc::Receiver<PeerId>,
}

impl Behaviour {
    /// A behaviour without listeners. What the policy says holds for the next stream of every connection; a program
    /// that needs none takes [`OpenToAll`].
    pub fn new(limits: Limits, policy: impl Policy) -> Self {
        let (links, to_dial) = Links::new(limits);
        Self { limits, registry: Arc::new(Registry::new(policy)), links: Arc::new(links), to_dial }
    }

    /// A handle to listen and open with.
    pub fn control(&self) -> Control {
        Control { registry: self.registry.clone(), links: self.links.clone() }
    }

    fn handler(&self, peer: PeerId, connection: ConnectionId, relayed: bool) -> Handler {
        let entered = self.links.enter(peer, connection, relayed);
        Handler::new((peer, connection), self.limits, self.registry.clone(), entered)
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local_addr: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, connection, is_relayed(local_addr)))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        addr: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, connection, is_relayed(addr)))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(established) => {
                self.links.settle(established.peer_id, || Ok(()))
            }
            FromSwarm::ConnectionClosed(closed) => {
                self.links.leave(closed.peer_id, closed.connection_id);
                if closed.remaining_established == 0 {
                    // Who began to wait while this one was ending had no dial: the swarm took the peer for connected.
                    self.links.settle(closed.peer_id, || Ok(()));
                }
            }
            FromSwarm::DialFailure(failure) => match (failure.peer_id, failure.error) {
                // Somebody else dials the peer, or it is connected by now: that outcome settles it.
                (_, DialError::DialPeerConditionFalse(_)) | (None, _) => {}
                (Some(peer), error) => {
                    let reason = error.to_string();
                    self.links.settle(peer, || Err(OpenError::Unreachable(reason.clone())));
                }
            },
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        // The channel stays open as long as `links`, which we hold ourselves.
        let Poll::Ready(Some(peer)) = self.to_dial.poll_recv(cx) else { return Poll::Pending };
        let condition = PeerCondition::DisconnectedAndNotDialing;
        Poll::Ready(ToSwarm::Dial { opts: DialOpts::peer_id(peer).condition(condition).build() })
    }
}

/// Whether an address goes through a relay.
pub fn is_relayed(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == libp2p::multiaddr::Protocol::P2pCircuit)
}
