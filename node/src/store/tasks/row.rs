//! One task, as it lies in the database.

use rusqlite::Row;

use super::super::sql::{from_bits, int, uint, uint_opt};

/// What a task counts against the quota besides what it carries, in bytes: about what its row, its index entries and the
/// beginning of its log take up.
const TASK_COST: u64 = 1024;

/// Which task: there is one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// 0 if we asked for it, 1 if it was asked of us.
    pub role: u8,
    /// The other.
    pub agent: [u8; 32],
    /// The id that the one who asked gave it.
    pub id: [u8; 16],
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// Its place in the order of arrival: rising, never used twice in this home. 0 until it is stored.
    pub seq: u64,
    /// Which task.
    pub key: TaskKey,
    /// Of the body; zeros if it was never here.
    pub digest: [u8; 32],
    /// What was asked, as it was sent; `None` of what was taken back before it was here.
    pub body: Option<Vec<u8>>,
    /// What its life has come to.
    pub machine: Vec<u8>,
    /// Its state, to look for.
    pub state: u8,
    /// It has not come to its end.
    pub open: bool,
    /// It waits to be taken from the queue.
    pub queued: bool,
    /// Its place in the queue, for as long as there is the task: what goes back is ahead of those that came later. The store gives
    /// one to what is queued for the first time.
    pub place: Option<u64>,
    /// The steady time at which something happens to it by itself.
    pub due: Option<u64>,
    /// Nothing is left to be said to the other, and nothing to be sent to it.
    pub settled: bool,
    /// What is to be said to the other is that there is this task, if anything is.
    pub submits: bool,
    /// It waits for a file to be delivered that belongs to it.
    pub held: bool,
    /// The most that its receipt may credit.
    pub max_reward: u64,
    /// What the worker says about where it stands.
    pub text: Option<String>,
    /// What the requester says about why it calls it off.
    pub words: Option<String>,
    /// What came of it.
    pub output: Option<Vec<u8>>,
    /// What the worker has signed about it.
    pub claim: Option<Vec<u8>>,
    /// When it came, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When something last happened to it, in milliseconds since 1970.
    pub changed_at_ms: u64,
}

impl TaskRow {
    /// The columns that [`TaskRow::from_row`] needs.
    pub(super) const COLUMNS: &str =
        "seq, role, agent, id, digest, body, machine, state, open, queued, place, due,
        settled, submits, held, max_reward, text, words, output, claim, created_at, changed_at";

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: uint(row, "seq")?,
            key: TaskKey { role: row.get("role")?, agent: row.get("agent")?, id: row.get("id")? },
            digest: row.get("digest")?,
            body: row.get("body")?,
            machine: row.get("machine")?,
            state: row.get("state")?,
            open: row.get("open")?,
            queued: row.get("queued")?,
            place: uint_opt(row, "place")?,
            due: uint_opt(row, "due")?,
            settled: row.get("settled")?,
            submits: row.get("submits")?,
            held: row.get("held")?,
            max_reward: from_bits(row, "max_reward")?,
            text: row.get("text")?,
            words: row.get("words")?,
            output: row.get("output")?,
            claim: row.get("claim")?,
            created_at_ms: uint(row, "created_at")?,
            changed_at_ms: uint(row, "changed_at")?,
        })
    }

    /// What it counts against the quota.
    pub(super) fn cost(&self) -> i64 {
        int(TASK_COST.saturating_add(self.carried() as u64))
    }

    /// Bytes that it carries.
    pub(super) fn carried(&self) -> usize {
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        length(&self.body) + length(&self.output) + length(&self.claim)
    }
}
