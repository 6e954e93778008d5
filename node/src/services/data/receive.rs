//! The receiving side.
//!
//! | what happens | the sender hears |
//! |---|---|
//! | stored now / stored before | `stored` / `duplicate` |
//! | the id was used for another message | `conflict` |
//! | the inbox is full | `quota` |
//! | not what it says it is | `invalid` |
//! | the disk is full or failed | `failed`, and may try again |
//! | the stream is malformed, too slow, or no longer trusted | the stream ends |

use std::{collections::HashMap, sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    data::{self, Answer, Message},
    streams::{Incoming, Status, Stream},
};
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    clock,
    contacts::Contacts,
    net::Net,
    store::{NewMessage, Store, Stored},
};

/// Streams of one peer that messages are read from at once: each may hold a message of 1 MiB in memory. A
/// further one hears `busy`.
const STREAMS_PER_PEER: usize = 16;

/// How long the next message of a stream may take to come in whole.
const MESSAGE_TIME: Duration = Duration::from_secs(60);

/// How long an answer may take to go out.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Receives from every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net, contacts: Contacts, store: Store, quota: u64) {
    let mut slots: HashMap<PeerId, Arc<Semaphore>> = HashMap::new();
    while let Some(stream) = incoming.next().await {
        // Only the loop and running streams hold a peer's slots: whoever has none running is forgotten.
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        let peer = stream.peer();
        let of_peer = slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_PER_PEER)));
        let Ok(slot) = of_peer.clone().try_acquire_owned() else {
            stream.refuse(Status::Busy);
            continue;
        };
        net.touch(peer);
        let receiver = Receiver { contacts: contacts.clone(), store: store.clone(), quota };
        net.spawn(async move {
            if let Err(error) = receiver.run(stream, slot).await {
                tracing::debug!(%peer, %error, "a stream of messages ended early");
            }
        });
    }
}

struct Receiver {
    contacts: Contacts,
    store: Store,
    quota: u64,
}

impl Receiver {
    async fn run(&self, mut stream: Stream, _slot: OwnedSemaphorePermit) -> Result<(), data::Error> {
        let peer = stream.peer();
        loop {
            // Too slow and done are alike: there is nothing to answer.
            let Ok(received) = timeout(MESSAGE_TIME, data::receive(&mut stream)).await else { return Ok(()) };
            let Some(message) = received? else { return Ok(()) };
            let id = message.id;
            let Some(answer) = self.take(&peer, message).await else { return Ok(()) };
            let Ok(sent) = timeout(ANSWER_TIME, data::answer(&mut stream, &id, answer)).await else {
                return Ok(());
            };
            sent?;
        }
    }

    /// Stores a message; `None` if its sender is no longer trusted.
    async fn take(&self, peer: &PeerId, message: Message) -> Option<Answer> {
        if !self.contacts.allows(peer) {
            return None;
        }
        let agent = AgentId::of_peer(peer).ok()?;
        if let Err(error) = message.validate() {
            tracing::debug!(%peer, %error, "invalid message");
            return Some(Answer::Invalid);
        }
        let new = NewMessage {
            agent: *agent.as_bytes(),
            id: *message.id.as_bytes(),
            kind: message.kind.into(),
            reply_to: message.reply_to.map(|id| *id.as_bytes()),
            sent_at_ms: message.sent_at,
            received_at_ms: clock::unix_ms(),
            body: message.payload,
        };
        let answer = match self.store.inbox_put(new, self.quota).await {
            Ok(Stored::New { .. }) => Answer::Stored,
            Ok(Stored::Duplicate) => Answer::Duplicate,
            Ok(Stored::Conflict) => Answer::Conflict,
            Ok(Stored::Quota) => Answer::Quota,
            Err(error) => {
                tracing::error!(%error, "a message could not be stored");
                Answer::Failed
            }
        };
        self.contacts.used(agent);
        Some(answer)
    }
}
