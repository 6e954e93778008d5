//! The outbox: what is on its way to other agents, kept until they have it.
//!
//! Each agent has lanes; what waits in one lane goes out in the order in which it was put there. An entry waits
//! until it is removed, because it was delivered or taken back, or marked as failed, because it was given up.

mod list;
mod put;
mod settle;

use rusqlite::Row;

pub(super) use self::settle::forget;
pub use self::{
    list::OutboxFilter,
    put::{NewParcel, Queued},
    settle::Key,
};
use super::sql::uint;

/// Something on its way, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the order of queueing: rising, never used twice in this home.
    pub seq: u64,
    /// The agent that is to get it.
    pub agent: [u8; 32],
    /// Our id for it, unique for that agent.
    pub id: [u8; 16],
    /// Entries of one agent and lane go out in order.
    pub lane: u8,
    /// What the content is.
    pub kind: u8,
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// What people call it.
    pub name: Option<String>,
    /// Bytes that the receiver will get.
    pub size: u64,
    /// When it was queued, in milliseconds since 1970.
    pub queued_at_ms: u64,
    /// When it is given up, in milliseconds since 1970.
    pub expires_at_ms: u64,
    /// Why it was given up, if it was.
    pub failed: Option<String>,
}

impl Entry {
    /// The columns that [`Entry::from_row`] needs.
    const COLUMNS: &str = "seq, agent, id, lane, kind, reply_to, name, size, queued_at, expires_at, failed";

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: uint(row, "seq")?,
            agent: row.get("agent")?,
            id: row.get("id")?,
            lane: row.get("lane")?,
            kind: row.get("kind")?,
            reply_to: row.get("reply_to")?,
            name: row.get("name")?,
            size: uint(row, "size")?,
            queued_at_ms: uint(row, "queued_at")?,
            expires_at_ms: uint(row, "expires_at")?,
            failed: row.get("failed")?,
        })
    }
}

/// An entry with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// What it is.
    pub entry: Entry,
    /// The content.
    pub body: Vec<u8>,
}
