//! The inbox: messages from other agents, each delivered exactly once, kept until they are cleared.
//!
//! A sender repeats a message until it hears that it was stored, so the same id comes again whenever an answer
//! is lost. Accepted ids are remembered apart from the messages, and clearing a message does not forget its
//! id. An id is forgotten only when it is older than [`REMEMBER_IDS`], [`REMEMBER_AT_LEAST`] others were
//! accepted after it, and its message is no longer in the inbox.

mod clear;
mod file;
mod get;
mod list;
mod prune;
mod put;
mod usage;

use rusqlite::{Connection, Row};
use tokio::sync::watch;

#[cfg(test)]
pub(super) use self::prune::prune_step;
pub use self::{
    clear::{Clear, Cleared},
    file::{FILE_COST, FILE_KIND, File, Offered, OfferedFile, Owner},
    get::{GetError, Pick, Prefix, PrefixError},
    list::{Filter, MAX_LISTED},
    prune::{REMEMBER_AT_LEAST, REMEMBER_IDS},
    put::{NewMessage, Sequence, Stored},
    usage::InboxUsage,
};
pub(super) use self::{file::received as file_received, put::usage};
use super::{
    Error, Store,
    sql::{int, uint},
};

/// A message in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the order of arrival: rising, never used twice in this home.
    pub seq: u64,
    /// The agent that sent it.
    pub agent: [u8; 32],
    /// The id that its sender gave it, unique for that sender.
    pub id: [u8; 16],
    /// What the body is, as its sender says.
    pub kind: u8,
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// When it was sent by the clock of its sender, in milliseconds since 1970.
    pub sent_at_ms: u64,
    /// When it arrived by our clock, in milliseconds since 1970.
    pub received_at_ms: u64,
    /// Whether it was marked as read.
    pub read: bool,
    /// The content; nothing if it is a file.
    pub body: Vec<u8>,
    /// The file that it is.
    pub file: Option<File>,
}

impl Message {
    /// Where messages are read from, after `SELECT`; behind it a condition may stand.
    fn select() -> String {
        let columns = "inbox.seq AS seq, agent, id, kind, reply_to, sent_at, received_at, read, body";
        format!("SELECT {columns}, {} FROM inbox LEFT JOIN files ON files.seq = inbox.seq", File::COLUMNS)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: uint(row, "seq")?,
            agent: row.get("agent")?,
            id: row.get("id")?,
            kind: row.get("kind")?,
            reply_to: row.get("reply_to")?,
            sent_at_ms: uint(row, "sent_at")?,
            received_at_ms: uint(row, "received_at")?,
            read: row.get("read")?,
            body: row.get("body")?,
            file: File::from_row(row)?,
        })
    }
}

/// What is known of a message besides its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxHead {
    /// Its place in the order of arrival.
    pub seq: u64,
    /// The agent that sent it.
    pub agent: [u8; 32],
    /// The id that its sender gave it.
    pub id: [u8; 16],
    /// What the body is, as its sender says.
    pub kind: u8,
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// Bytes of its content, those of a file included.
    pub size: u64,
    /// The file that it is.
    pub file: Option<File>,
}

impl Store {
    /// The sequence number of the newest message on the disk, to wait for the next one without asking again
    /// and again. It starts with the newest of the last run; 0 if there was none ever.
    pub fn inbox_newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// How many messages are not marked as read.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn inbox_unread(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) AS unread FROM inbox WHERE read = 0";
        self.read(|db| Ok(db.prepare_cached(sql)?.query_row((), |row| uint(row, "unread"))?)).await
    }

    /// Marks messages as read by their sequence numbers. Returns how many were unread before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is marked.
    pub async fn inbox_mark_read(&self, messages: Vec<u64>) -> Result<usize, Error> {
        self.write(move |db| {
            let mut mark = db.prepare_cached("UPDATE inbox SET read = 1 WHERE seq = ?1 AND read = 0")?;
            let mut marked = 0;
            for seq in messages {
                marked += mark.execute([int(seq)])?;
            }
            Ok(marked)
        })
        .await
    }
}

/// The sequence number of the newest message that there ever was, cleared or not.
pub(super) fn newest(db: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'inbox'";
    Ok(db.query_row(sql, (), |row| uint(row, "seq"))?)
}
