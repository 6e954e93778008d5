//! Sending files.

use std::path::Path;

use airway_protocols::{
    data::{Answer, MessageId},
    files::{FileName, Offer},
};

use super::{Delivered, Node};
use crate::{
    clock,
    contacts::Contact,
    services::{
        FileError,
        files::{self, Source},
    },
};

impl Node {
    /// Sends a file, in one attempt, and waits until the contact has it on disk.
    ///
    /// After an attempt that broke, call it again with the same id: it goes on where that ended. `progress` hears which
    /// byte the sending has come to, first the one where it begins. The future takes as long as bytes move, and may be
    /// dropped at any time.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::is_permanent`] tells whether another attempt makes sense.
    pub async fn send_file(
        &self,
        to: &Contact,
        path: impl AsRef<Path>,
        id: Option<MessageId>,
        progress: impl Fn(u64),
    ) -> Result<Delivered, FileError> {
        let path = path.as_ref().to_owned();
        let name = FileName::of_path(&path).as_str().to_owned();
        let source = tokio::task::spawn_blocking(move || Source::look(&path)).await;
        let source = source.map_err(|panicked| FileError::Thread(std::io::Error::other(panicked)))??;
        let id = id.unwrap_or_else(MessageId::new);
        let offer = Offer { id, name, size: source.size, reply_to: None, sent_at: clock::unix_ms() };
        match files::send(&self.0.reach, to, &offer, &source, progress).await? {
            Answer::Stored => Ok(Delivered { id, duplicate: false }),
            Answer::Duplicate => Ok(Delivered { id, duplicate: true }),
            answer => Err(FileError::Rejected { who: to.label(), answer }),
        }
    }
}
