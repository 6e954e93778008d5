//! The receiving side.
//!
//! | what happens | the sender hears |
//! |---|---|
//! | stored now / stored before | `stored` / `duplicate` |
//! | the id was used for another message | `conflict` |
//! | the inbox is full | `quota` |
//! | not what it says it is | `invalid` |
//! | the disk is full or failed | `failed`, and may try again |
//! | one before it on the stream heard `quota` or `failed` | nothing: it is to be sent again, too |
//! | the stream is malformed, too slow, or no longer trusted | the stream ends |

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    data::{self, Answer, Message, MessageId},
    streams::{Incoming, Status, Stream},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, TryStreamExt as _, stream};
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    clock,
    contacts::Contacts,
    net::Net,
    store::{NewMessage, Sequence, Store, Stored},
};

/// Streams of one peer that messages are read from at once. A further one hears `busy`.
const STREAMS_PER_PEER: usize = 4;

/// Messages of one stream that wait for the disk together: they share a commit. Each may hold 1 MiB in memory.
const TOGETHER: usize = 8;

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
    async fn run(&self, stream: Stream, _slot: OwnedSemaphorePermit) -> Result<(), data::Error> {
        let peer = stream.peer();
        let sequence = Sequence::default();
        let (reader, mut writer) = stream.split();
        let messages = stream::try_unfold(reader, |mut reader| async move {
            // Too slow and done are alike: there is nothing to answer.
            let Ok(received) = timeout(MESSAGE_TIME, data::receive(&mut reader)).await else {
                return Ok::<_, data::Error>(None);
            };
            Ok(received?.map(|message| (message, reader)))
        });
        let stored = messages.map_ok(|message| self.take(&peer, &sequence, message));
        let mut answers = pin!(stored.try_buffered(TOGETHER));
        while let Some((id, Some(answer))) = answers.try_next().await? {
            let Ok(sent) = timeout(ANSWER_TIME, data::answer(&mut writer, &id, answer)).await else { break };
            sent?;
            // What follows must not overtake a message that is to be sent again.
            if matches!(answer, Answer::Quota | Answer::Failed) {
                break;
            }
        }
        Ok(writer.close().await?)
    }

    /// Stores a message; no answer means that there is nothing to say, now or later on the same stream.
    async fn take(
        &self,
        peer: &PeerId,
        sequence: &Sequence,
        message: Message,
    ) -> Result<(MessageId, Option<Answer>), data::Error> {
        Ok((message.id, self.answer(peer, sequence, message).await))
    }

    async fn answer(&self, peer: &PeerId, sequence: &Sequence, message: Message) -> Option<Answer> {
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
        let answer = match self.store.inbox_put_next(sequence, new, self.quota).await {
            Ok(Stored::New { .. }) => Answer::Stored,
            Ok(Stored::Duplicate) => Answer::Duplicate,
            Ok(Stored::Conflict) => Answer::Conflict,
            Ok(Stored::Quota) => Answer::Quota,
            Ok(Stored::OutOfTurn) => return None,
            Err(error) => {
                tracing::error!(%error, "a message could not be stored");
                Answer::Failed
            }
        };
        self.contacts.used(agent).await;
        Some(answer)
    }
}
