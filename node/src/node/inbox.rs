//! The inbox, as a program sees it.

use std::path::PathBuf;

use airway_protocols::{
    agent::AgentId,
    data::{Kind, MessageId},
    files::Digest,
};
use tokio::sync::watch;

use super::Node;
use crate::{
    services::files::Files,
    store::{self, Clear, Filter, GetError, Pick},
};

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Place in the inbox: grows by order of arrival, never used twice.
    pub seq: u64,
    /// The sender's id for it.
    pub id: MessageId,
    /// Who sent it.
    pub from: AgentId,
    /// What the payload is; `Binary` for a file, whose bytes are not in it.
    pub kind: Kind,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Unix milliseconds by the sender's clock.
    pub sent_at: u64,
    /// Unix milliseconds by ours.
    pub received_at: u64,
    /// Whether it was marked as read.
    pub read: bool,
    /// At most 1 MiB.
    pub payload: Vec<u8>,
    /// The file that it is.
    pub file: Option<ReceivedFile>,
}

/// A received file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// What its sender calls it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// BLAKE3 of them.
    pub digest: Digest,
    /// Where it lies, until its message is cleared.
    pub path: PathBuf,
}

impl Received {
    /// Fails where a row holds what was never written: the file is damaged.
    fn from_row(row: store::Message, files: &Files) -> Result<Self, store::Error> {
        let id = |bytes| MessageId::from_bytes(bytes).map_err(|_| store::Error::Corrupt);
        let (from, message) = (AgentId::from_bytes(row.agent), id(row.id)?);
        let file = row.file.map(|file| ReceivedFile {
            path: files.path(&from, &message, &file.name),
            name: file.name,
            size: file.size,
            digest: Digest::from_bytes(file.digest),
        });
        let kind = match file {
            Some(_) => Kind::Binary,
            None => row.kind.try_into().map_err(|_| store::Error::Corrupt)?,
        };
        Ok(Self {
            seq: row.seq,
            id: message,
            from,
            kind,
            reply_to: row.reply_to.map(id).transpose()?,
            sent_at: row.sent_at_ms,
            received_at: row.received_at_ms,
            read: row.read,
            payload: row.body,
            file,
        })
    }
}

impl Node {
    /// Received messages in order of arrival. A page may be shorter than asked for; an empty one is the end.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn inbox(&self, filter: Filter) -> Result<Vec<Received>, store::Error> {
        let rows = self.0.store.inbox_list(filter).await?;
        rows.into_iter().map(|row| Received::from_row(row, &self.0.files)).collect()
    }

    /// One received message.
    ///
    /// # Errors
    /// If there is none, or several ids begin so.
    pub async fn message(&self, pick: Pick) -> Result<Received, GetError> {
        Ok(Received::from_row(self.0.store.inbox_get(pick).await?, &self.0.files)?)
    }

    /// How many messages nobody has read.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unread(&self) -> Result<u64, store::Error> {
        self.0.store.inbox_unread().await
    }

    /// Marks messages as read; returns how many were not.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn mark_read(&self, messages: Vec<u64>) -> Result<usize, store::Error> {
        self.0.store.inbox_mark_read(messages).await
    }

    /// Forgets messages, but not that they were delivered, and deletes those that are files; returns how many.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn clear(&self, which: Clear) -> Result<usize, store::Error> {
        let store::Cleared { messages, files } = self.0.store.inbox_clear(which).await?;
        let file = |(agent, id)| Some((AgentId::from_bytes(agent), MessageId::from_bytes(id).ok()?));
        let files: Vec<_> = files.into_iter().filter_map(file).collect();
        if !files.is_empty() {
            self.0.files.remove(files).await;
        }
        Ok(messages)
    }

    /// The sequence number of the newest message, to wait for the next.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.0.store.inbox_newest()
    }
}
