//! Messages go out over one stream, several on their way at once, and are settled in the order of the answers.
//!
//! ```text
//! store ─► write ──── stream ────► receiver
//!            └─ in flight (bounded) ─► read ◄── answers
//!                                       └─► settle: out of the outbox, several in one commit
//! ```

use std::{
    io,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use airway_protocols::{
    data::{self, Answer, Message, MessageId},
    port::Port,
    streams::Stream,
    wire,
};
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _,
    future::join,
    io::{ReadHalf, WriteHalf},
};
use tokio::{sync::mpsc, time::timeout};

use super::{super::reach::DialError, Outbox, SendError, board::Key, lane::Lane};
use crate::{contacts::Contact, store::Parcel};

/// Messages under way without an answer: as many as a receiver takes together.
const IN_FLIGHT: usize = 8;

/// Answers that may wait to be settled.
const ANSWERED: usize = 64;

/// How long the answer to a message may take, besides the time for the size of all that is under way: a peer
/// that crashed and is back leaves us a connection that swallows everything until it times out, while a new one
/// stands beside it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Slowest path that messages are given time for, in bytes a second: on that, the largest message comes in just within
/// the time that a receiver gives it.
const SLOWEST: u64 = 17 * 1024;

/// A message that was written and has no answer yet.
#[derive(Debug, Clone, Copy)]
struct InFlight {
    seq: u64,
    id: MessageId,
    size: u64,
}

/// What the receiver said.
type Answered = (InFlight, Answer);

/// Delivers what waits for a contact until nothing does; says whether any of it came through.
///
/// # Errors
/// What is in the way of the first that could not be delivered. What went before it is settled.
pub(super) async fn deliver(outbox: &Outbox, to: &Contact, moved: &mut bool) -> Result<(), SendError> {
    let pass = Pass { to, outbox, bytes: AtomicU64::new(0) };
    if pass.page(0).await?.is_empty() {
        return Ok(());
    }
    let (reader, writer) = outbox.reach.open(to, Port::DATA).await?.split();
    // Opening may have taken long: what was taken back meanwhile is not sent.
    let mut page = pass.page(0).await?;
    let (sent, in_flight) = mpsc::channel(IN_FLIGHT);
    let (answered, answers) = mpsc::channel(ANSWERED);
    let exchange = async {
        let mut reading = pin!(pass.read(reader, in_flight, answered));
        tokio::select! {
            // A receiver that says why it takes no more does not read on: its answer says more than our failed write.
            written = pass.write(writer, &mut page, sent) => reading.await.and(written),
            // Its last answer is not read before the last message is written: something went wrong.
            read = &mut reading => read,
        }
    };
    // What was answered before the stream broke is settled all the same.
    let (exchanged, done) = join(exchange, pass.settle(answers, moved)).await;
    done.and(exchanged)
}

/// One go at the lane of a contact.
struct Pass<'a> {
    to: &'a Contact,
    outbox: &'a Outbox,
    /// In flight.
    bytes: AtomicU64,
}

impl Pass<'_> {
    async fn page(&self, after: u64) -> Result<Vec<Parcel>, SendError> {
        Ok(self.outbox.store.outbox_next(*self.to.agent.as_bytes(), Lane::Messages.into(), after).await?)
    }

    async fn write(
        &self,
        mut stream: WriteHalf<Stream>,
        page: &mut Vec<Parcel>,
        sent: mpsc::Sender<InFlight>,
    ) -> Result<(), SendError> {
        while let Some(last) = page.last().map(|parcel| parcel.entry.seq) {
            for parcel in page.drain(..) {
                let (seq, size) = (parcel.entry.seq, parcel.body.len() as u64);
                let message = message(parcel)?;
                self.bytes.fetch_add(size, Ordering::Relaxed);
                // The reader has ended: it knows why.
                if sent.send(InFlight { seq, id: message.id, size }).await.is_err() {
                    return Ok(());
                }
                if let Err(error) = data::write(&mut stream, &message).await {
                    return Err(self.broken(error).await);
                }
            }
            *page = self.page(last).await?;
        }
        // All is written. Whether the receiver hears that nothing follows is of no interest.
        if let Ok(Err(error)) = timeout(PATIENCE, stream.close()).await {
            tracing::debug!(%error, "a stream of messages was not closed");
        }
        Ok(())
    }

    async fn read(
        &self,
        mut stream: ReadHalf<Stream>,
        mut in_flight: mpsc::Receiver<InFlight>,
        answered: mpsc::Sender<Answered>,
    ) -> Result<(), SendError> {
        while let Some(next) = in_flight.recv().await {
            let patience = PATIENCE + Duration::from_secs(self.bytes.load(Ordering::Relaxed) / SLOWEST);
            let answer = timeout(patience, data::read_answer(&mut stream, &next.id)).await;
            let answer = match answer {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return Err(self.broken(error).await),
                Err(_) => return Err(DialError::Timeout { who: self.to.label() }.into()),
            };
            self.bytes.fetch_sub(next.size, Ordering::Relaxed);
            if matches!(answer, Answer::Quota | Answer::Failed) {
                return Err(SendError::Rejected { who: self.to.label(), answer });
            }
            if answered.send((next, answer)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes what was answered out of the outbox, several in one commit.
    async fn settle(&self, mut answers: mpsc::Receiver<Answered>, moved: &mut bool) -> Result<(), SendError> {
        let mut batch = Vec::new();
        while answers.recv_many(&mut batch, ANSWERED).await > 0 {
            let (delivered, refused): (Vec<_>, Vec<_>) =
                batch.drain(..).partition(|(_, answer): &Answered| answer.is_delivered());
            let delivered = delivered
                .into_iter()
                .map(|(sent, answer)| (sent.seq, self.key(sent), answer == Answer::Duplicate));
            self.outbox.delivered(&delivered.collect::<Vec<_>>()).await?;
            for (sent, answer) in refused {
                let error = SendError::Rejected { who: self.to.label(), answer };
                self.outbox.give_up(sent.seq, &self.key(sent), error).await?;
            }
            *moved = true;
            self.outbox.reach.contacts.used(self.to.agent);
        }
        Ok(())
    }

    fn key(&self, sent: InFlight) -> Key {
        (self.to.agent, sent.id)
    }

    async fn broken(&self, error: data::Error) -> SendError {
        let error = match error {
            data::Error::Wire(wire::Error::Io(error)) => error,
            other => io::Error::other(other),
        };
        self.outbox.reach.failed(self.to, Port::DATA, error).await.into()
    }
}

/// Fails where a row holds what was never written: the file is damaged.
fn message(Parcel { entry, body }: Parcel) -> Result<Message, SendError> {
    let id = |bytes| MessageId::from_bytes(bytes).map_err(|_| crate::store::Error::Corrupt);
    Ok(Message {
        id: id(entry.id)?,
        kind: entry.kind.try_into().map_err(|_| crate::store::Error::Corrupt)?,
        reply_to: entry.reply_to.map(id).transpose()?,
        sent_at: entry.queued_at_ms,
        payload: body,
    })
}
