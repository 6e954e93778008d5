//! Sending files, as a program sees it.

use std::{io, path::Path, sync::Arc, time::Duration};

use airway_protocols::{
    data::{Answer, MessageId},
    files::{FileName, Offer},
};

use super::{Node, Outbound, Sent};
use crate::{
    clock,
    contacts::Contact,
    services::{
        DEFAULT_EXPIRY, FileError, SendError,
        files::{self, Source},
    },
};

impl Node {
    /// Sends a file: notes it in the outbox, and returns. It goes out when the contact can be reached,
    /// and goes on where it broke off; [`Node::watch`] tells how far it is. The file is read from where it lies, so it
    /// must stay there, unchanged, until the contact has it.
    ///
    /// # Errors
    /// [`SendError::File`] if it cannot be read, others if it cannot be put into the outbox.
    pub async fn send_file(
        &self,
        to: &Contact,
        path: impl AsRef<Path>,
        id: Option<MessageId>,
        expiry: Option<Duration>,
    ) -> Result<Outbound, SendError> {
        let (source, name) = look(path.as_ref()).await?;
        let id = id.unwrap_or_else(MessageId::new);
        let expiry = expiry.unwrap_or(DEFAULT_EXPIRY);
        let (outbound, _) = self.0.outbox.put_file(to, id, name, source, expiry).await?;
        Ok(outbound.try_into()?)
    }

    /// Sends a file in one attempt, past the outbox, and waits until the contact has it on disk.
    ///
    /// After an attempt that broke, call it again with the same id: it goes on where that ended. `progress` hears which
    /// byte the sending has come to, first the one where it begins. The future takes as long as bytes move, and may be
    /// dropped at any time.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::is_permanent`] tells whether another attempt makes sense.
    pub async fn try_send_file(
        &self,
        to: &Contact,
        path: impl AsRef<Path>,
        id: Option<MessageId>,
        progress: impl FnMut(u64),
    ) -> Result<Sent, FileError> {
        let (source, name) = look(path.as_ref()).await?;
        let id = id.unwrap_or_else(MessageId::new);
        let offer = Offer { id, name, size: source.size, reply_to: None, sent_at: clock::unix_ms() };
        match files::send(&self.0.reach, to, &offer, &source, progress).await? {
            answer @ (Answer::Stored | Answer::Duplicate) => {
                Ok(Sent::Delivered { id, duplicate: answer == Answer::Duplicate })
            }
            answer => Err(FileError::Rejected { who: to.label(), answer }),
        }
    }
}

/// A file as it is now, and the name that it is sent under.
async fn look(path: &Path) -> Result<(Source, String), FileError> {
    let name = FileName::of_path(path).as_str().to_owned();
    let path = path.to_owned();
    let source = tokio::task::spawn_blocking(move || Source::look(&path)).await;
    Ok((source.map_err(|panicked| FileError::Thread(io::Error::other(panicked)))??, name))
}

impl From<FileError> for SendError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Dial(error) => Self::Dial(error),
            FileError::Rejected { who, answer } => Self::Rejected { who, answer },
            error => Self::File(Arc::new(error)),
        }
    }
}
