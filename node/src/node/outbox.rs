//! Sending, and the outbox, as a program sees them.

use std::time::Duration;

use airway_protocols::{
    agent::AgentId,
    data::{Kind, Message, MessageId},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{DEFAULT_WAIT, Node};
use crate::{
    clock,
    contacts::Contact,
    services::{DEFAULT_EXPIRY, DialError, SendError, Status, outbox},
    store::{self, FILE_KIND, GetError, OutboxFilter, Pick},
};

/// How long to wait for a contact that was away at the last attempt: the next one takes long to find out again.
const STILL_AWAY: Duration = Duration::from_secs(1);

/// A message to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// What the payload is.
    pub kind: Kind,
    /// At most 1 MiB.
    pub payload: Vec<u8>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The same id is delivered once, however often it is sent. Drawn if absent.
    pub id: Option<MessageId>,
    /// How long [`Node::send`] waits for the contact to have it, dialling included.
    pub wait: Duration,
    /// How long it may wait in the outbox for a contact that is away, at most 28 days. `None`: it does not; it is
    /// delivered while [`Node::send`] waits, or taken back.
    pub expiry: Option<Duration>,
}

impl Outgoing {
    /// A message of any kind.
    pub fn new(kind: Kind, payload: impl Into<Vec<u8>>) -> Self {
        let (wait, expiry) = (DEFAULT_WAIT, Some(DEFAULT_EXPIRY));
        Self { kind, payload: payload.into(), reply_to: None, id: None, wait, expiry }
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Kind::Text, text.into())
    }

    /// The same in answer to a message.
    #[must_use]
    pub fn in_reply_to(mut self, id: MessageId) -> Self {
        self.reply_to = Some(id);
        self
    }

    /// The same, to be delivered at once or not at all.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.expiry = None;
        self
    }
}

/// What became of something to send.
#[derive(Debug, Clone)]
pub enum Sent {
    /// The contact has it on its disk.
    Delivered {
        /// Its id.
        id: MessageId,
        /// The contact had it before.
        duplicate: bool,
    },
    /// It is on our disk, and goes out when the contact can be reached.
    Waiting {
        /// Its id.
        id: MessageId,
        /// What is in the way.
        obstacle: SendError,
    },
}

impl Sent {
    /// The id of what was sent.
    pub fn id(&self) -> MessageId {
        match self {
            Self::Delivered { id, .. } | Self::Waiting { id, .. } => *id,
        }
    }

    /// Whether the contact has it.
    pub fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered { .. })
    }

    /// Whether the contact had it before.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Delivered { duplicate: true, .. })
    }
}

/// Something in the outbox.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// Its place: grows by order of queueing, never used twice.
    pub seq: u64,
    /// Our id for it.
    pub id: MessageId,
    /// Who is to get it.
    pub to: AgentId,
    /// What it is; `Binary` for a file.
    pub kind: Kind,
    /// The name of a file.
    pub file: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Bytes that the contact will get.
    pub size: u64,
    /// Unix milliseconds.
    pub queued_at: u64,
    /// Unix milliseconds; it is given up then.
    pub expires_at: u64,
    /// Why it was given up, if it was; it stays here until somebody clears it, or for a week after its expiry.
    pub failed: Option<String>,
    /// How far it is, if it was not given up.
    pub status: Status,
}

impl TryFrom<outbox::Outbound> for Outbound {
    type Error = store::Error;

    /// Fails where a row holds what was never written: the file is damaged.
    fn try_from(outbox::Outbound { entry, status }: outbox::Outbound) -> Result<Self, Self::Error> {
        let id = |bytes| MessageId::from_bytes(bytes).map_err(|_| store::Error::Corrupt);
        Ok(Self {
            seq: entry.seq,
            id: id(entry.id)?,
            to: AgentId::from_bytes(entry.agent),
            kind: match entry.kind {
                FILE_KIND => Kind::Binary,
                kind => kind.try_into().map_err(|_| store::Error::Corrupt)?,
            },
            file: entry.name,
            reply_to: entry.reply_to.map(id).transpose()?,
            size: entry.size,
            queued_at: entry.queued_at_ms,
            expires_at: entry.expires_at_ms,
            failed: entry.failed,
            status,
        })
    }
}

impl Node {
    /// Sends a message: puts it on our disk, and waits until the contact has it on its own.
    ///
    /// If the contact is away, or the time is over, the message stays in the outbox, goes out when the contact
    /// can be reached, and [`Sent::Waiting`] is returned. If the future is dropped, the message stays there, too; one
    /// that may not wait is given up when its time is over.
    ///
    /// # Errors
    /// [`SendError`] if the contact refuses it, or it cannot be put into the outbox; or, if it may not wait, it was
    /// not delivered. It is not in the outbox then. After a timeout it may have arrived nevertheless: send it
    /// again with the same id.
    pub async fn send(&self, to: &Contact, message: Outgoing) -> Result<Sent, SendError> {
        let Outgoing { kind, payload, reply_to, id, wait, expiry } = message;
        let start = Instant::now();
        let away = self.0.outbox.obstacle(&to.agent).filter(|_| expiry.is_some());
        let id = id.unwrap_or_else(MessageId::new);
        let message = Message { id, kind, reply_to, sent_at: clock::unix_ms(), payload };
        let mut status = self.0.outbox.put_message(to, message, expiry.unwrap_or(wait)).await?;
        let left = wait.saturating_sub(start.elapsed());
        let left = if away.is_some() { left.min(STILL_AWAY) } else { left };
        let outcome = match timeout(left, outcome(&mut status)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::Stuck(away.unwrap_or_else(|| DialError::Timeout { who: to.label() }.into())),
        };
        match outcome {
            Outcome::Delivered { duplicate } => Ok(Sent::Delivered { id, duplicate }),
            Outcome::Stuck(obstacle) if expiry.is_some() => Ok(Sent::Waiting { id, obstacle }),
            Outcome::Stuck(error) | Outcome::Refused(error) => {
                self.0.outbox.withdraw(to.agent, id, &error).await?;
                Err(error)
            }
        }
    }

    /// What waits in the outbox and what was given up, in the order of queueing.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn outbox(&self, filter: OutboxFilter) -> Result<Vec<Outbound>, store::Error> {
        self.0.outbox.list(filter).await?.into_iter().map(TryInto::try_into).collect()
    }

    /// How many things wait in the outbox, and how many were given up.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn outbox_count(&self) -> Result<(u64, u64), store::Error> {
        self.0.store.outbox_count().await
    }

    /// One thing in the outbox, and its status from now on.
    ///
    /// # Errors
    /// If there is none, or several ids begin so.
    pub async fn watch(&self, pick: Pick) -> Result<(Outbound, watch::Receiver<Status>), GetError> {
        let (outbound, status) = self.0.outbox.watch(pick).await?;
        Ok((outbound.try_into()?, status))
    }

    /// Takes one thing out of the outbox, and returns what it was. If it was on its way, the contact may get it
    /// all the same.
    ///
    /// # Errors
    /// If there is none, or several ids begin so.
    pub async fn cancel(&self, pick: Pick) -> Result<Outbound, GetError> {
        Ok(self.0.outbox.cancel(pick).await?.try_into()?)
    }

    /// Takes everything out of the outbox, or everything for one contact, or only what was given up; returns how
    /// much.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn clear_outbox(&self, to: Option<&Contact>, failed: bool) -> Result<usize, store::Error> {
        self.0.outbox.clear(to.map(|contact| &contact.agent), failed).await
    }
}

enum Outcome {
    Delivered {
        duplicate: bool,
    },
    /// The contact is away.
    Stuck(SendError),
    /// It will not be delivered, or the contact was there and did not take it.
    Refused(SendError),
}

/// Waits until something can be said about how it went.
async fn outcome(status: &mut watch::Receiver<Status>) -> Outcome {
    loop {
        match status.borrow_and_update().clone() {
            Status::Delivered { duplicate } => return Outcome::Delivered { duplicate },
            Status::Failed(error) => return Outcome::Refused(error),
            Status::Waiting(Some(error)) if error.is_refusal() => return Outcome::Refused(error),
            Status::Waiting(Some(error)) if error.is_absence() => return Outcome::Stuck(error),
            Status::Waiting(_) | Status::Sending { .. } => {}
        }
        if status.changed().await.is_err() {
            return Outcome::Refused(store::Error::Closed.into());
        }
    }
}
