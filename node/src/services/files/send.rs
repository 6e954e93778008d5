//! The sending side: one attempt.

use std::{io, path::PathBuf, time::Duration};

use airway_protocols::{
    data::Answer,
    files::{self, Digest, Offer, Reply},
    streams::Stream,
    wire,
};
use futures::AsyncWriteExt as _;
use tokio::time::timeout;

use super::{
    DISK_TIME, IDLE,
    source::{Changed, Reader, Source},
};
use crate::{
    contacts::Contact,
    services::{DialError, reach::Reach},
};

/// How long the stream may take to be opened and taken, dialling included.
const OPENING: Duration = Duration::from_secs(15);

/// How long to look for the answer of a receiver that does not read on.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Why a file was not sent, or is not known to have arrived.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is a directory, or something else without an end.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What was to be sent.
        path: PathBuf,
    },
    /// It is not the file any more that was to be sent.
    #[error("{} has changed: {changed}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// In which way.
        changed: Changed,
    },
    /// The contact was not reached, or the connection broke. The same file may be sent again: what has arrived of it is
    /// not sent twice.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact did not take it.
    #[error("{who} did not take the file: {}", reason(*answer))]
    Rejected {
        /// Label of the contact.
        who: String,
        /// What it said.
        answer: Answer,
    },
    /// The thread that reads the file failed: a mistake in the program.
    #[error("internal error: the file was not read")]
    Thread(#[source] io::Error),
}

impl FileError {
    /// Whether the same attempt cannot go better another time.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Unreadable { .. } | Self::NotAFile { .. } | Self::Changed { .. } => true,
            Self::Rejected { answer, .. } => matches!(answer, Answer::Conflict | Answer::Invalid),
            Self::Dial(_) | Self::Thread(_) => false,
        }
    }
}

fn reason(answer: Answer) -> &'static str {
    match answer {
        Answer::Stored | Answer::Duplicate => "it did",
        Answer::Conflict => "something else has this id",
        Answer::Quota => "it has no room for it",
        Answer::Invalid => "it finds its name or its size invalid",
        Answer::Failed => "it could not store it",
    }
}

/// Offers a file to a contact, sends what it lacks of it, and waits until it has it on disk.
///
/// `progress` hears which byte of the file the sending has come to: first the one where it begins, last the size. Cancel
/// it by dropping it: what has arrived is not sent again in the next attempt.
///
/// # Errors
/// [`FileError`], but for [`FileError::Rejected`], in place of which the answer is returned.
pub(crate) async fn send(
    reach: &Reach,
    to: &Contact,
    offer: &Offer,
    source: &Source,
    progress: impl FnMut(u64),
) -> Result<Answer, FileError> {
    let mut stream = reach.dial(to, files::PROTOCOL, OPENING).await?;
    let sent = attempt(&mut stream, offer, source, progress).await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(Failure::File(error)) => return Err(error),
        Err(Failure::Silent) => return Err(DialError::Timeout { who: to.label() }.into()),
        Err(Failure::Stream(files::Error::Wire(wire::Error::Io(error)))) => {
            return Err(reach.failed(to, files::PROTOCOL, error).await.into());
        }
        Err(Failure::Stream(error)) => {
            return Err(DialError::broken(to, io::Error::other(error)).into());
        }
    };
    reach.contacts.used(to.agent);
    Ok(answer)
}

/// Why an attempt was given up.
enum Failure {
    File(FileError),
    Stream(files::Error),
    Silent,
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<files::Error> for Failure {
    fn from(error: files::Error) -> Self {
        Self::Stream(error)
    }
}

async fn attempt(
    stream: &mut Stream,
    offer: &Offer,
    source: &Source,
    mut progress: impl FnMut(u64),
) -> Result<Answer, Failure> {
    // The receiver reads what it has of the file before it replies, and so do we afterwards.
    let have = match within(DISK_TIME, files::offer(stream, offer)).await? {
        Reply::Answer(answer) => return Ok(answer),
        Reply::Have(have) => have,
    };
    let mut reader = Reader::start(source, have);
    let Ok(offset) = reader.offset().await else { return Err(why(reader).await) };
    progress(offset);
    match transfer(stream, reader, offset, progress).await {
        Ok(digest) => within(DISK_TIME, files::finish(stream, &offer.id, digest)).await,
        // A receiver that cannot go on says why and reads no further.
        Err(Failure::Stream(error)) => {
            match timeout(LAST_WORD, files::receive_answer(stream, &offer.id)).await {
                Ok(Ok(answer)) if !answer.is_delivered() => Ok(answer),
                _ => Err(error.into()),
            }
        }
        Err(failure) => Err(failure),
    }
}

/// Brings the bytes from the thread to the stream; returns the digest of the whole file.
async fn transfer(
    stream: &mut Stream,
    mut reader: Reader,
    offset: u64,
    mut progress: impl FnMut(u64),
) -> Result<Digest, Failure> {
    within(IDLE, files::start(stream, offset)).await?;
    let mut at = offset;
    while let Some(buffer) = reader.next().await {
        let mut written = 0;
        while written < buffer.len() {
            let some = timeout(IDLE, stream.write(&buffer[written..])).await.map_err(|_| Failure::Silent)?;
            match some.map_err(files::Error::from)? {
                0 => return Err(files::Error::Ended.into()),
                some => written += some,
            }
        }
        at += written as u64;
        progress(at);
        reader.give_back(buffer);
    }
    Ok(reader.end().await?)
}

/// Why the thread has ended without having begun.
async fn why(reader: Reader) -> Failure {
    match reader.end().await {
        Err(error) => error.into(),
        Ok(_) => FileError::Thread(io::Error::other("it ended early")).into(),
    }
}

/// One step of the protocol, in time.
async fn within<T>(
    time: Duration,
    step: impl Future<Output = Result<T, files::Error>>,
) -> Result<T, Failure> {
    Ok(timeout(time, step).await.map_err(|_| Failure::Silent)??)
}
