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
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _, FutureExt as _,
    future::{BoxFuture, ready},
    io::{ReadHalf, WriteHalf},
};
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};

use crate::{
    clock,
    contacts::Contacts,
    metrics::Metrics,
    net::Net,
    store::{self, NewMessage, Sequence, Store, Stored},
};

/// Streams of one peer that messages are read from at once. A further one hears `busy`.
const STREAMS_PER_PEER: usize = 4;

/// Messages of one stream that wait for the disk together: they share a commit. Each may hold 1 MiB in memory.
const TOGETHER: usize = 8;

/// How long the next message of a stream may take to come in whole.
const MESSAGE_TIME: Duration = Duration::from_secs(60);

/// How long an answer may take to go out.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Where messages go.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    pub(crate) store: Store,
    /// Bytes that it may take.
    pub(crate) quota: u64,
    pub(crate) metrics: Metrics,
}

/// Receives from every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net, contacts: Contacts, inbox: Inbox) {
    let mut slots: HashMap<PeerId, Arc<Semaphore>> = HashMap::new();
    while let Some(stream) = incoming.next().await {
        // Only the loop and running streams hold a peer's slots: whoever has none running is forgotten.
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        let peer = stream.peer();
        let of_peer = slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_PER_PEER)));
        let Ok(slot) = of_peer.clone().try_acquire_owned() else {
            inbox.metrics.busy.inc();
            stream.refuse(Status::Busy);
            continue;
        };
        net.touch(peer);
        inbox.metrics.inbound.one("data");
        let receiver = Receiver { contacts: contacts.clone(), inbox: inbox.clone() };
        net.spawn(async move {
            if let Err(error) = receiver.run(stream, slot).await {
                tracing::debug!(%peer, %error, "a stream of messages ended early");
            }
        });
    }
}

/// A message that waits for the disk, and the answer to come.
type InLine = (MessageId, BoxFuture<'static, Option<Answer>>);

struct Receiver {
    contacts: Contacts,
    inbox: Inbox,
}

impl Receiver {
    async fn run(&self, stream: Stream, _slot: OwnedSemaphorePermit) -> Result<(), data::Error> {
        let peer = stream.peer();
        let watch = stream.cut_watch();
        let sequence = Sequence::ending(move || watch.is_cut());
        let (reader, writer) = stream.split();
        let (in_line, answers) = mpsc::channel(TOGETHER);
        let mut replied = pin!(reply(writer, answers, &self.inbox.metrics));
        tokio::select! {
            replied = &mut replied => replied,
            // What is in line is answered before the stream ends.
            received = self.receive(&peer, &sequence, reader, in_line) => replied.await.and(received),
        }
    }

    /// Puts one message after the other in line for the disk.
    async fn receive(
        &self,
        peer: &PeerId,
        sequence: &Sequence,
        mut reader: ReadHalf<Stream>,
        in_line: mpsc::Sender<InLine>,
    ) -> Result<(), data::Error> {
        // Too slow and done are alike: there is nothing to answer.
        while let Ok(received) = timeout(MESSAGE_TIME, data::receive(&mut reader)).await {
            let Some(message) = received? else { break };
            let id = message.id;
            let answer = self.take(peer, sequence, message).await;
            if in_line.send((id, answer)).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Puts a message in line for the disk. The future that comes back has the answer; none means that there is
    /// nothing to say, now or later on the same stream.
    async fn take(
        &self,
        peer: &PeerId,
        sequence: &Sequence,
        message: Message,
    ) -> BoxFuture<'static, Option<Answer>> {
        let agent = AgentId::of_peer(peer).ok().filter(|_| self.contacts.allows(peer));
        let Some(agent) = agent else {
            // Nor of those behind it, even if the peer is trusted again by then.
            sequence.break_off();
            return ready(None).boxed();
        };
        if let Err(error) = message.validate() {
            tracing::debug!(%peer, %error, "invalid message");
            return ready(Some(Answer::Invalid)).boxed();
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
        let contacts = self.contacts.clone();
        match self.inbox.store.inbox_put_next(sequence, new, self.inbox.quota).await {
            Ok(stored) => async move {
                let answer = answer(stored.await)?;
                contacts.used(agent);
                Some(answer)
            }
            .boxed(),
            Err(error) => ready(answer(Err(error))).boxed(),
        }
    }
}

/// Answers in the order of the messages, until none is in line any more or nothing more is to be said.
async fn reply(
    mut writer: WriteHalf<Stream>,
    mut answers: mpsc::Receiver<InLine>,
    metrics: &Metrics,
) -> Result<(), data::Error> {
    while let Some((id, answer)) = answers.recv().await {
        let Some(answer) = answer.await else { break };
        metrics.received.one(label(answer));
        let Ok(sent) = timeout(ANSWER_TIME, data::answer(&mut writer, &id, answer)).await else { break };
        sent?;
        // What follows must not overtake a message that is to be sent again.
        if matches!(answer, Answer::Quota | Answer::Failed) {
            break;
        }
    }
    Ok(writer.close().await?)
}

fn answer(stored: Result<Stored, store::Error>) -> Option<Answer> {
    Some(match stored {
        Ok(Stored::New { .. }) => Answer::Stored,
        Ok(Stored::Duplicate) => Answer::Duplicate,
        Ok(Stored::Conflict) => Answer::Conflict,
        Ok(Stored::Quota) => Answer::Quota,
        Ok(Stored::OutOfTurn) => return None,
        Err(error) => {
            tracing::error!(%error, "a message could not be stored");
            Answer::Failed
        }
    })
}

/// What an answer is called where it is counted.
fn label(answer: Answer) -> &'static str {
    match answer {
        Answer::Stored => "stored",
        Answer::Duplicate => "duplicate",
        Answer::Conflict => "conflict",
        Answer::Quota => "quota",
        Answer::Invalid => "invalid",
        Answer::Failed => "failed",
    }
}
