//! The inbox, as a program sees it.

use airway_protocols::{
    agent::AgentId,
    data::{Kind, MessageId},
};
use tokio::sync::watch;

use super::Node;
use crate::store::{self, Clear, Filter, GetError, Pick};

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Place in the inbox: grows by order of arrival, never used twice.
    pub seq: u64,
    /// The sender's id for it.
    pub id: MessageId,
    /// Who sent it.
    pub from: AgentId,
    /// What the payload is.
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
}

impl TryFrom<store::Message> for Received {
    type Error = store::Error;

    /// Fails where a row holds what was never written: the file is damaged.
    fn try_from(row: store::Message) -> Result<Self, Self::Error> {
        let id = |bytes| MessageId::from_bytes(bytes).map_err(|_| store::Error::Corrupt);
        Ok(Self {
            seq: row.seq,
            id: id(row.id)?,
            from: AgentId::from_bytes(row.agent),
            kind: row.kind.try_into().map_err(|_| store::Error::Corrupt)?,
            reply_to: row.reply_to.map(id).transpose()?,
            sent_at: row.sent_at_ms,
            received_at: row.received_at_ms,
            read: row.read,
            payload: row.body,
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
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One received message.
    ///
    /// # Errors
    /// If there is none, or several ids begin so.
    pub async fn message(&self, pick: Pick) -> Result<Received, GetError> {
        Ok(self.0.store.inbox_get(pick).await?.try_into()?)
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

    /// Forgets messages, but not that they were delivered; returns how many.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn clear(&self, which: Clear) -> Result<usize, store::Error> {
        self.0.store.inbox_clear(which).await
    }

    /// The sequence number of the newest message, to wait for the next.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.0.store.inbox_newest()
    }
}
