//! Accepting a message, once.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::super::{
    Error, Pending, Store,
    sql::{int, uint},
};

/// What a message counts against the quota besides its body, in bytes: about what its rows and index entries
/// take up. Without it, empty messages would be free and could fill the disk.
const MESSAGE_COST: u64 = 256;

/// A message that has arrived.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The agent that sent it.
    pub agent: [u8; 32],
    /// The id that its sender gave it.
    pub id: [u8; 16],
    /// What the body is.
    pub kind: u8,
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// When it was sent by the clock of its sender, in milliseconds since 1970.
    pub sent_at_ms: u64,
    /// When it arrived by our clock, in milliseconds since 1970.
    pub received_at_ms: u64,
    /// The content.
    pub body: Vec<u8>,
}

impl NewMessage {
    /// What makes a repeat the same message. The time of sending is left out: a sender may set it anew.
    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update([self.kind, u8::from(self.reply_to.is_some())]);
        hash.update(self.reply_to.unwrap_or_default());
        hash.update(&self.body);
        hash.finalize().into()
    }

    fn cost(&self) -> u64 {
        MESSAGE_COST.saturating_add(self.body.len() as u64)
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is in the inbox.
    New {
        /// Its place in the order of arrival.
        seq: u64,
    },
    /// It was accepted before; the sender has missed the answer.
    Duplicate,
    /// Another message of this sender was accepted under its id. It is not stored.
    Conflict,
    /// The inbox is full. It is not stored, and may be sent again later.
    Quota,
    /// One before it in its sequence is still to be sent again, or the sequence is over. It is not stored.
    OutOfTurn,
}

/// Messages that are put one behind the other without waiting for each other, and yet arrive in order: when one
/// of them could not be stored for now, neither are those after it.
#[derive(Clone, Default)]
pub struct Sequence(Arc<Order>);

#[derive(Default)]
struct Order {
    broken: AtomicBool,
    over: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl Sequence {
    /// A sequence that is over as soon as this says so. It is asked on the writer, in the turn of each message, so that
    /// nothing is stored that a later change on the writer does not find there.
    pub fn ending(over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(Order { broken: AtomicBool::new(false), over: Some(Box::new(over)) }))
    }

    /// Nothing more of this sequence is stored.
    pub fn break_off(&self) {
        self.0.broken.store(true, Ordering::Release);
    }

    fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire) || self.0.over.as_ref().is_some_and(|over| over())
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequence").field("broken", &self.is_broken()).finish()
    }
}

impl Store {
    /// Puts `message` into the inbox, unless it was accepted before or the inbox would then hold more than
    /// `quota` bytes. Bodies count, and 256 bytes for each message.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then the message is not accepted.
    pub async fn inbox_put(&self, message: NewMessage, quota: u64) -> Result<Stored, Error> {
        self.inbox_put_next(&Sequence::default(), message, quota).await?.await
    }

    /// The same for the next message of a sequence, in two steps: returns when the message has its place behind
    /// those before it, with the future of what becomes of it.
    ///
    /// # Errors
    ///
    /// [`Error`], in either step, if the database fails; then neither this message nor any after it is accepted.
    pub async fn inbox_put_next(
        &self,
        sequence: &Sequence,
        message: NewMessage,
        quota: u64,
    ) -> Result<Pending<Stored, Error>, Error> {
        let digest = message.digest();
        let order = sequence.clone();
        let put = move |db: &Connection| {
            let stored = put(db, &message, digest, quota);
            if matches!(stored, Err(_) | Ok(Stored::Quota)) {
                order.break_off();
            }
            stored
        };
        self.put_then_announce(sequence, put).await
    }

    /// Accepts something unless the disk is full, and tells those who wait for it; in two steps, as above.
    pub(super) async fn put_then_announce(
        &self,
        sequence: &Sequence,
        put: impl FnOnce(&Connection) -> Result<Stored, Error> + Send + 'static,
    ) -> Result<Pending<Stored, Error>, Error> {
        let (newest, sequence, order) = (self.newest.clone(), sequence.clone(), sequence.clone());
        let announce = move |stored: Result<&Stored, &Error>| match stored {
            Ok(Stored::New { seq }) => drop(newest.send_replace(*seq)),
            Ok(_) => {}
            // The group may have failed after its turn, and the next one may well not.
            Err(_) => sequence.break_off(),
        };
        let reserve = self.reserve.clone();
        let put = move |db: &Connection| match reserve.is_held() {
            _ if order.is_broken() => Ok(Stored::OutOfTurn),
            true => put(db),
            false => Err(Error::Full),
        };
        self.enqueue(put, announce).await
    }
}

/// The digest of what was accepted under the id of a message.
pub(super) fn known(db: &Connection, message: &NewMessage) -> Result<Option<[u8; 32]>, Error> {
    let mut known = db.prepare_cached("SELECT digest FROM received WHERE agent = ?1 AND id = ?2")?;
    Ok(known.query_row((message.agent, message.id), |row| row.get(0)).optional()?)
}

/// Whether there is room for a message.
pub(super) fn fits(db: &Connection, message: &NewMessage, quota: u64) -> Result<bool, Error> {
    Ok(usage(db)?.saturating_add(message.cost()) <= quota)
}

pub(super) fn put(
    db: &Connection,
    message: &NewMessage,
    digest: [u8; 32],
    quota: u64,
) -> Result<Stored, Error> {
    if let Some(known) = known(db, message)? {
        return Ok(if known == digest { Stored::Duplicate } else { Stored::Conflict });
    }
    if !fits(db, message, quota)? {
        return Ok(Stored::Quota);
    }
    let mut remember =
        db.prepare_cached("INSERT INTO received (agent, id, digest, received_at) VALUES (?1, ?2, ?3, ?4)")?;
    remember.execute((message.agent, message.id, digest, int(message.received_at_ms)))?;
    let mut insert = db.prepare_cached(
        "INSERT INTO inbox (agent, id, kind, reply_to, sent_at, received_at, cost, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq",
    )?;
    let values = (
        message.agent,
        message.id,
        message.kind,
        message.reply_to,
        int(message.sent_at_ms),
        int(message.received_at_ms),
        int(message.cost()),
        &message.body,
    );
    let seq = insert.query_row(values, |row| uint(row, "seq"))?;
    Ok(Stored::New { seq })
}

/// What all messages in the inbox cost together, in bytes.
pub(in crate::store) fn usage(db: &Connection) -> rusqlite::Result<u64> {
    let mut used = db.prepare_cached("SELECT bytes FROM inbox_usage")?;
    used.query_row((), |row| uint(row, "bytes"))
}
