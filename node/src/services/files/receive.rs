//! The receiving side.
//!
//! | what happens | the sender hears |
//! |---|---|
//! | complete now / before | `stored` / `duplicate` |
//! | the id was used for something else | `conflict` |
//! | the files or the inbox are full, or too many of its files are incomplete | `quota` |
//! | the name or the size breaks a rule | `invalid` |
//! | the disk is full or failed, or the digest is wrong | `failed`, and may try again |
//! | the stream is malformed, silent, no longer trusted, or another one brings the same file | the stream ends |

use std::{cmp::min, collections::HashMap, io, sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    data::Answer,
    files::{self, FileName, Offer, Reply},
    streams::{Incoming, Status, Stream},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    DISK_TIME, Files, IDLE, buffers, directory,
    ledger::Slot,
    partial::Place,
    writer::{Ended, Outcome, Writer},
};
use crate::{
    clock,
    contacts::Contacts,
    net::Net,
    services::data::Inbox,
    store::{self, Offered, OfferedFile, Sequence, Stored},
};

/// Files of one peer that come in at once; a further one hears `busy`. Each has a thread and 1 MiB of buffers.
const FILES_PER_PEER: usize = 4;

/// Files that come in at once: 64 threads and 64 MiB of buffers. A further one hears `busy`.
const FILES: usize = 64;

/// How long a reply may take to go out.
const REPLY_TIME: Duration = Duration::from_secs(30);

/// What files go through.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) files: Files,
    pub(crate) contacts: Contacts,
    pub(crate) inbox: Inbox,
    /// Bytes of files that may be there.
    pub(crate) quota: u64,
}

/// Receives a file from every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net, receiver: Receiver) {
    let all = Arc::new(Semaphore::new(FILES));
    let mut slots: HashMap<PeerId, Arc<Semaphore>> = HashMap::new();
    while let Some(stream) = incoming.next().await {
        // Only the loop and running streams hold a peer's slots: whoever has none running is forgotten.
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        let peer = stream.peer();
        let of_peer = slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(FILES_PER_PEER)));
        let (Ok(of_peer), Ok(of_all)) =
            (of_peer.clone().try_acquire_owned(), all.clone().try_acquire_owned())
        else {
            receiver.inbox.metrics.busy.inc();
            stream.refuse(Status::Busy);
            continue;
        };
        net.touch(peer);
        receiver.inbox.metrics.inbound.one("files");
        let receiver = receiver.clone();
        net.spawn(async move {
            if let Err(error) = receiver.run(stream, [of_peer, of_all]).await {
                tracing::debug!(%peer, %error, "a file ended early");
            }
        });
    }
}

/// Why an attempt was given up.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Stream(#[from] files::Error),
    #[error("the peer was silent for too long")]
    Silent,
    #[error("the peer is no longer trusted")]
    NotTrusted,
    #[error("another stream brings the same file")]
    Replaced,
    #[error("the disk took too long")]
    Slow,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Stream(error.into())
    }
}

/// What one attempt is about.
#[derive(Debug)]
struct Attempt {
    agent: AgentId,
    offer: Offer,
    name: FileName,
}

impl Attempt {
    fn file(&self) -> OfferedFile {
        OfferedFile {
            agent: *self.agent.as_bytes(),
            id: *self.offer.id.as_bytes(),
            reply_to: self.offer.reply_to.map(|id| *id.as_bytes()),
            sent_at_ms: self.offer.sent_at,
            name: self.name.as_str().to_owned(),
            size: self.offer.size,
        }
    }
}

impl Receiver {
    async fn run(&self, mut stream: Stream, _slots: [OwnedSemaphorePermit; 2]) -> Result<(), Error> {
        let peer = stream.peer();
        let offer = within(IDLE, files::receive_offer(&mut stream)).await?;
        let Some(offer) = offer else { return Ok(()) };
        self.check_trust(&peer)?;
        let Ok(agent) = AgentId::of_peer(&peer) else { return Ok(()) };
        let id = offer.id;
        let answer = match offer.validate() {
            Ok(name) => self.take(&mut stream, Attempt { agent, offer, name }).await?,
            Err(error) => {
                tracing::debug!(%peer, %error, "invalid offer of a file");
                Answer::Invalid
            }
        };
        self.contacts.used(agent);
        let last = async {
            files::reply(&mut stream, &id, Reply::Answer(answer)).await?;
            // Any other answer may come in the middle, where a reset has to follow, or the sender would go on.
            if answer.is_delivered() { Ok(stream.close().await?) } else { Ok(()) }
        };
        within(REPLY_TIME, last).await
    }

    fn check_trust(&self, peer: &PeerId) -> Result<(), Error> {
        if self.contacts.allows(peer) { Ok(()) } else { Err(Error::NotTrusted) }
    }

    async fn take(&self, stream: &mut Stream, attempt: Attempt) -> Result<Answer, Error> {
        let entering = self.files.0.ledger.enter((attempt.agent.fingerprint(), attempt.offer.id));
        let slot = timeout(DISK_TIME, entering).await.map_err(|_| Error::Slow)?;
        let cancelled = slot.cancelled();
        tokio::select! {
            taken = self.receive(stream, attempt, slot) => taken,
            () = cancelled.cancelled() => Err(Error::Replaced),
        }
    }

    async fn receive(&self, stream: &mut Stream, attempt: Attempt, slot: Slot) -> Result<Answer, Error> {
        let watch = stream.cut_watch();
        let sequence = Sequence::ending(move || watch.is_cut());
        match self.is_wanted(&attempt, &slot).await {
            Ok(None) => {}
            Ok(Some(answer)) => return Ok(answer),
            Err(error) => return Ok(failed(&error)),
        }
        let place = Place {
            directory: directory(&self.files.0.root, &attempt.agent, &attempt.offer.id),
            name: attempt.name.clone(),
            size: attempt.offer.size,
        };
        let mut writer = Writer::start(&self.files, place, slot);
        let digest = match self.transfer(stream, &attempt, &mut writer).await {
            Ok(digest) => Some(digest),
            Err(Failure::Stream(error)) => return Err(error),
            // The thread will say why.
            Err(Failure::Disk(Ended)) => None,
        };
        match timeout(DISK_TIME, writer.end(digest)).await.map_err(|_| Error::Slow)? {
            Ok(Outcome::Complete(slot, digest)) => Ok(self.store(&sequence, &attempt, slot, digest).await),
            Ok(Outcome::Mismatch | Outcome::Left) => {
                tracing::debug!(id = %attempt.offer.id, "a file is not the one that was offered");
                Ok(Answer::Failed)
            }
            Err(error) => Ok(failed(&error)),
        }
    }

    /// The answer if the file may not come.
    async fn is_wanted(&self, attempt: &Attempt, slot: &Slot) -> Result<Option<Answer>, store::Error> {
        // First what is pending, then what is complete: what moves from the one to the other counts twice, not never.
        let pending = slot.reserve(attempt.offer.size);
        let costs = pending.unwrap_or(u64::MAX);
        let offered =
            self.inbox.store.file_offered(attempt.file(), costs, self.quota, self.inbox.quota).await?;
        Ok(match offered {
            Offered::New => None,
            Offered::Duplicate => Some(Answer::Duplicate),
            Offered::Conflict => Some(Answer::Conflict),
            Offered::Quota => Some(Answer::Quota),
        })
    }

    /// Brings the bytes from the stream to the thread; returns the digest that they should have.
    async fn transfer(
        &self,
        stream: &mut Stream,
        attempt: &Attempt,
        writer: &mut Writer,
    ) -> Result<files::Digest, Failure> {
        let Offer { id, size, .. } = attempt.offer;
        let have = timeout(DISK_TIME, writer.have()).await.map_err(|_| Error::Slow)??;
        within(REPLY_TIME, files::reply(stream, &id, Reply::Have(have))).await?;
        // The sender reads its own first bytes meanwhile.
        let offset = within(DISK_TIME, files::receive_start(stream, &have)).await?;
        if offset < have.offset {
            writer.start_over().await?;
        }
        let mut left = size - offset;
        while left > 0 {
            let mut buffer = writer.buffer().await?;
            buffers::size(&mut buffer, left);
            let (read, outcome) = fill(stream, &mut buffer).await;
            left -= min(read as u64, left);
            // What came before the stream broke need not come again.
            buffer.truncate(read);
            writer.append(buffer).await?;
            outcome?;
        }
        let digest = within(IDLE, files::receive_end(stream)).await?;
        self.check_trust(&stream.peer())?;
        Ok(digest)
    }

    async fn store(
        &self,
        sequence: &Sequence,
        attempt: &Attempt,
        mut slot: Slot,
        digest: files::Digest,
    ) -> Answer {
        let now = clock::unix_ms();
        let (file, quota) = (attempt.file(), self.inbox.quota);
        match self.inbox.store.file_put(sequence, file, *digest.as_bytes(), now, quota).await {
            Ok(stored) => {
                let answer = match stored {
                    Stored::New { .. } => Answer::Stored,
                    Stored::Duplicate => Answer::Duplicate,
                    Stored::Conflict => Answer::Conflict,
                    Stored::OutOfTurn => return Answer::Failed,
                    Stored::Quota => return Answer::Quota,
                };
                slot.keep(0);
                answer
            }
            Err(error) => failed(&error),
        }
    }
}

/// Why the bytes did not all come.
enum Failure {
    Stream(Error),
    Disk(Ended),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Stream(error)
    }
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Self::Disk(ended)
    }
}

/// Fills a buffer; returns how far it came if the stream ends before.
async fn fill(stream: &mut Stream, buffer: &mut [u8]) -> (usize, Result<(), Error>) {
    let mut read = 0;
    while read < buffer.len() {
        match timeout(IDLE, stream.read(&mut buffer[read..])).await {
            Ok(Ok(0)) => return (read, Err(files::Error::Ended.into())),
            Ok(Ok(more)) => read += more,
            Ok(Err(error)) => return (read, Err(error.into())),
            Err(_) => return (read, Err(Error::Silent)),
        }
    }
    (read, Ok(()))
}

/// One step of the protocol, in time.
async fn within<T>(time: Duration, step: impl Future<Output = Result<T, files::Error>>) -> Result<T, Error> {
    Ok(timeout(time, step).await.map_err(|_| Error::Silent)??)
}

fn failed(error: &dyn std::error::Error) -> Answer {
    tracing::error!(%error, "a file could not be stored");
    Answer::Failed
}
