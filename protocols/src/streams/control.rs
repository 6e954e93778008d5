//! The handle to the behaviour: listen on protocols, open streams.

use std::{io, sync::Arc};

use libp2p::{PeerId, StreamProtocol};
use tokio::sync::oneshot;

use super::{
    links::{Links, Opening},
    registry::{AlreadyRegistered, Incoming, Refused, Registry},
    status::Refusal,
    stream::Stream,
};

/// Why a stream to a peer could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There was no connection, and dialling brought none. The text is libp2p's, for people.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// The peer did not take the stream. With lazy negotiation this shows at the first read instead.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many streams or dials are waiting for this peer already.
    #[error("too many streams wait for this peer")]
    Busy,
    /// The peer did not answer in time.
    #[error("the peer did not answer in time")]
    Timeout,
    /// The connection went away meanwhile, or its streams were cut.
    #[error("the connection was lost")]
    Lost,
    /// The stream broke while it was being negotiated.
    #[error("the stream broke: {0}")]
    Io(#[source] io::Error),
    /// The swarm has ended.
    #[error("the node is shutting down")]
    Closed,
}

/// Listens and opens on behalf of one [`super::Behaviour`]; cheap to clone, usable from any task or runtime.
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) registry: Arc<Registry>,
    pub(super) links: Arc<Links>,
}

impl Control {
    /// Listens on a protocol. `queue` streams may wait to be taken; a further one hears
    /// [`super::Status::Busy`].
    ///
    /// # Errors
    /// If the protocol has a listener.
    pub fn listen(&self, protocol: StreamProtocol, queue: usize) -> Result<Incoming, AlreadyRegistered> {
        self.registry.register(protocol, queue)
    }

    /// How many inbound streams were not taken since the start.
    pub fn refused(&self) -> Refused {
        self.registry.refused()
    }

    /// Cuts all streams of a peer, inbound and outbound, those too that are being negotiated or wait to be taken.
    ///
    /// When it returns, no read, write, flush or close of one goes on or will ever succeed: each fails with
    /// [`super::Cut`], and tasks that wait for one are woken. It needs neither the peer nor the swarm, and waits for
    /// nothing but calls that are under way.
    ///
    /// The connections that the peer has are of no further use for streams and are the caller's to close; until then an
    /// [`open`](Self::open) fails with [`OpenError::Lost`]. A connection that it makes later serves streams again, if
    /// the policy admits the peer: change that first.
    pub fn cut(&self, peer: &PeerId) {
        self.links.cut(peer);
    }

    /// Opens a stream, dialling the peer if it is not connected.
    ///
    /// Waits while the peer has as many streams as [`super::Limits::outbound_per_peer`] allows. Dropping the
    /// future gives the attempt up.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(&self, peer: PeerId, protocol: StreamProtocol) -> Result<Stream, OpenError> {
        let link = self.links.link(peer).await?;
        let permit = link.outbound.acquire_owned().await.map_err(|_| OpenError::Lost)?;
        let (reply, answer) = oneshot::channel();
        let opening = Opening { protocol, permit, reply };
        link.handler.unbounded_send(opening).map_err(|_| OpenError::Lost)?;
        answer.await.map_err(|_| OpenError::Lost)?
    }
}
