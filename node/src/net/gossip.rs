//! What one member says to all others of its network: gossipsub, behind an admission.
//!
//! ```text
//! publish ─► every peer that has joined ─► theirs: heard ─► who waits for it judges ─► report ─► its neighbours in the mesh
//!                                                              │
//!                                                              └─ reject: whoever passed it on loses score
//! ```
//!
//! There is one topic, the network's own. Whoever has joined it carries all that is said there; whoever only publishes need
//! not. Nothing is passed on before it was judged.
//!
//! # Who is heard
//!
//! Members, and those alone with whom certificates were exchanged over that very connection
//! ([`admission`](airway_protocols::gate::admission), which also says who opens the first stream). To anybody else the
//! protocol is not there. When the last such connection to a member closes and others are left, the two meet anew.
//!
//! # What a member cannot do
//!
//! - Occupy us with other topics: what names one in a subscription or a message is left out before gossipsub sees it
//!   ([`guard`]), and gossipsub knows none in `GRAFT`, `PRUNE` and `IHAVE` but ours.
//! - Overwhelm us: each connection is read no faster than so many messages, bytes and control messages a second
//!   ([`guard`]); the transport holds the rest back.
//! - Send garbage: the stream ends with the first frame that is too long or none at all; with the fifth stream gossip ends on
//!   that connection.
//! - Pass on what is wrong: by the third time nothing of it is heard ([`scores`]), until that has been a while.

mod behaviour;
mod floods;
mod guard;
mod scores;
#[cfg(test)]
mod tests;

use libp2p::{PeerId, StreamProtocol};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

pub(crate) use libp2p::gossipsub::MessageId;

pub(super) use self::{
    behaviour::{Behaviour, Event, Members, build, fits},
    guard::{Event as Said, Guard},
    scores::UNHEARD,
};
use super::{CLOSING, Net, event_loop};

/// Messages that wait to be judged, of at most 64 KiB each; a further one is ignored.
pub(super) const HEARD: usize = 256;

/// A network's topic, and what it is called on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Gossip {
    pub(crate) protocol: StreamProtocol,
    pub(crate) topic: String,
}

/// What a neighbour has passed on to us. It goes no further before it is [reported](Net::gossip_report).
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) id: MessageId,
    /// The neighbour; nothing says that it is the author.
    pub(crate) from: PeerId,
    pub(crate) data: Vec<u8>,
}

/// What is to become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is passed on.
    Accept,
    /// It goes no further, and nobody is to blame.
    Ignore,
    /// It goes no further, and whoever has passed it on should have known.
    Reject,
    /// It goes no further, and whoever has passed it on passes on too much; from others the same would have been in order.
    Flood,
}

/// A member that speaks gossip with us.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GossipPeer {
    /// Its key.
    pub peer: PeerId,
    /// Whether it takes part in what is said to all.
    pub joined: bool,
    /// Whether it is one of those with whom we exchange all messages at once.
    pub in_mesh: bool,
    /// What we think of it: below 0 it is kept out of the mesh, below −80 nothing of it is heard.
    pub score: f64,
}

/// Our part in what is said to all members of the network.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct GossipState {
    /// Whether we take part: what members say goes through us.
    pub joined: bool,
    /// Messages that have come so far, each as often as somebody has sent it to us.
    pub copies: u64,
    /// The members that are connected and speak gossip.
    pub peers: Vec<GossipPeer>,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum GossipError {
    /// We are in no network that has a topic.
    #[error("there is no network whose members would hear it")]
    Nowhere,
    /// No connected peer has joined the topic.
    #[error("no connected member listens")]
    Nobody,
    /// It is longer than a frame.
    #[error("it is too long")]
    TooLong,
    /// The very same bytes were published or heard before.
    #[error("it was published before")]
    Again,
    /// All who would hear it have too much waiting for them.
    #[error("everybody who listens is busy")]
    Busy,
    /// The network has ended.
    #[error("the network is down")]
    Closed,
}

/// An order about gossip.
#[derive(Debug)]
pub(super) enum Command {
    /// Leave the topic that there is, if any, and speak about this one.
    Enter(Option<Gossip>, oneshot::Sender<()>),
    /// Join the topic, or leave it.
    Join(bool, oneshot::Sender<()>),
    /// Say something to all.
    Publish(Vec<u8>, oneshot::Sender<Result<usize, GossipError>>),
    /// What was heard was judged.
    Report(MessageId, PeerId, Verdict),
    /// How it stands.
    State(oneshot::Sender<GossipState>),
}

impl Net {
    async fn tell_gossip(&self, command: Command) {
        let _ = self.commands.send(event_loop::Command::Gossip(command)).await;
    }

    async fn ask_gossip<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.tell_gossip(order(reply)).await;
        answer.await.ok()
    }

    /// Speaks gossip in another network than before, or in none; has not joined its topic yet. Connections on which the former
    /// was spoken are closed when this returns, or soon.
    pub(crate) async fn gossip_enter(&self, gossip: Option<Gossip>) {
        let _ = timeout(CLOSING, self.ask_gossip(|done| Command::Enter(gossip, done))).await;
    }

    /// Joins the topic of our network, or leaves it. Nothing happens where there is none.
    pub(crate) async fn gossip_join(&self, joins: bool) {
        self.ask_gossip(|done| Command::Join(joins, done)).await;
    }

    /// Says something to all that are connected and have joined; to how many it was sent. They pass it on.
    ///
    /// # Errors
    /// If there is no topic, nobody to hear it, or it is too long. A message that did not go out can be published again.
    pub(crate) async fn gossip_publish(&self, data: Vec<u8>) -> Result<usize, GossipError> {
        let published = self.ask_gossip(|done| Command::Publish(data, done)).await;
        published.unwrap_or(Err(GossipError::Closed))
    }

    /// Says what is to become of a message that was [heard](Heard): within five seconds, after which it is forgotten.
    pub(crate) async fn gossip_report(&self, id: MessageId, from: PeerId, verdict: Verdict) {
        self.tell_gossip(Command::Report(id, from, verdict)).await;
    }

    /// Whether we have joined, and who speaks gossip with us; nobody where there is no topic.
    pub(crate) async fn gossip_state(&self) -> GossipState {
        self.ask_gossip(Command::State).await.unwrap_or_default()
    }

    /// Those who speak gossip with us.
    pub(crate) async fn gossip_peers(&self) -> Vec<GossipPeer> {
        self.gossip_state().await.peers
    }
}

/// Where the event loop puts what is heard.
pub(super) fn queue() -> (mpsc::Sender<Heard>, mpsc::Receiver<Heard>) {
    mpsc::channel(HEARD)
}
