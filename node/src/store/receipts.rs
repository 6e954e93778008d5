//! Receipts: what this agent and others have signed about tasks that ended.
//!
//! Of those that this agent is a party to there is one for each task, and those between two agents are a chain without gaps or
//! forks. Of others there is whatever was heard.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    Error, Store,
    sql::{bits, from_bits, int, uint},
};

/// Receipts of others that are kept, the newest ones: some 60 MB, and as many as a score is computed from.
pub const MAX_LEARNT: u64 = 100_000;
/// Most receipts in one page.
pub const MAX_RECEIPTS: u32 = 1000;

/// A receipt to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReceipt {
    /// Whether this agent is a party to it.
    pub own: bool,
    /// Who asked for the task.
    pub requester: [u8; 32],
    /// Who did it.
    pub worker: [u8; 32],
    /// Its place in the chain between the two, from 1.
    pub number: u64,
    /// The task.
    pub task: [u8; 16],
    /// Its hash.
    pub hash: [u8; 32],
    /// What came of the task; the numbers are the callers' to choose.
    pub outcome: u8,
    /// What the worker was given.
    pub reward: u64,
    /// When it was signed by the clock of the one who did, in milliseconds since 1970.
    pub at_ms: u64,
    /// The receipt.
    pub receipt: Vec<u8>,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Its place in the order in which they came: rising, never used twice in this home.
    pub seq: u64,
    /// What it is.
    pub is: NewReceipt,
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The place of the last receipt in the chain.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ReceiptRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let is = NewReceipt {
            own: row.get("own")?,
            requester: row.get("requester")?,
            worker: row.get("worker")?,
            number: uint(row, "number")?,
            task: row.get("task")?,
            hash: row.get("hash")?,
            outcome: row.get("outcome")?,
            reward: from_bits(row, "reward")?,
            at_ms: from_bits(row, "at")?,
            receipt: row.get("receipt")?,
        };
        Ok(Self { seq: uint(row, "seq")?, is })
    }
}

impl Store {
    /// Receipts in the order in which they came, behind the one with this number; only those that this agent is a party to, or
    /// only those of others, if that is said. A page is shorter than 1,000 only at the end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn receipts(&self, after: u64, own: Option<bool>) -> Result<Vec<ReceiptRow>, Error> {
        let own_is = if own.is_some() { "own = ?2" } else { "?2 IS NULL" };
        let sql = format!("SELECT * FROM receipts WHERE seq > ?1 AND {own_is} ORDER BY seq LIMIT ?3");
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((int(after), own, MAX_RECEIPTS), ReceiptRow::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The chain between two agents behind the receipt with this place in it; at most `limit`, and never more than 1,000.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn receipts_of_pair(
        &self,
        requester: [u8; 32],
        worker: [u8; 32],
        after: u64,
        limit: u32,
    ) -> Result<Vec<ReceiptRow>, Error> {
        let sql = "SELECT * FROM receipts WHERE requester = ?1 AND worker = ?2 AND number > ?3
                   ORDER BY number LIMIT ?4";
        self.read(move |db| {
            let mut list = db.prepare_cached(sql)?;
            let values = (requester, worker, int(after), limit.min(MAX_RECEIPTS));
            let rows = list.query_map(values, ReceiptRow::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The receipt of a task that this agent is a party to.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn receipt_of_task(
        &self,
        requester: [u8; 32],
        worker: [u8; 32],
        task: [u8; 16],
    ) -> Result<Option<ReceiptRow>, Error> {
        self.read(move |db| of_task(db, &requester, &worker, &task)).await
    }

    /// Keeps receipts of others, those that are not known yet, and returns how many these are. The oldest make room.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is kept.
    pub async fn receipts_learn(&self, receipts: Vec<NewReceipt>) -> Result<usize, Error> {
        let (reserve, newest) = (self.reserve.clone(), self.receipted.clone());
        let learn = move |db: &Connection| {
            if !reserve.is_held() {
                return Err(Error::Full);
            }
            let (mut learnt, mut last) = (0, None);
            for receipt in receipts {
                if known(db, &receipt.hash)? {
                    continue;
                }
                last = Some(insert(db, &NewReceipt { own: false, ..receipt })?);
                learnt += 1;
            }
            trim(db)?;
            Ok((last, learnt))
        };
        let announce = move |learnt: Result<&(Option<u64>, usize), &Error>| {
            if let Ok((Some(last), _)) = learnt {
                newest.send_replace(*last);
            }
        };
        let pending = self.enqueue(learn, announce).await?;
        pending.await.map(|(_, learnt)| learnt)
    }
}

impl Store {
    /// The end of the chain between two agents, one of them this one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn chain_head(
        &self,
        requester: [u8; 32],
        worker: [u8; 32],
    ) -> Result<Option<ChainHead>, Error> {
        self.read(move |db| head(db, &requester, &worker)).await
    }
}

/// The end of the chain between two agents, one of them this one.
pub(super) fn head(
    db: &Connection,
    requester: &[u8; 32],
    worker: &[u8; 32],
) -> Result<Option<ChainHead>, Error> {
    let mut head = db.prepare_cached(
        "SELECT number, hash FROM receipts WHERE requester = ?1 AND worker = ?2 AND own = 1
         ORDER BY number DESC LIMIT 1",
    )?;
    let head = head.query_row((requester, worker), |row| {
        Ok(ChainHead { number: uint(row, "number")?, hash: row.get("hash")? })
    });
    Ok(head.optional()?)
}

pub(super) fn of_task(
    db: &Connection,
    requester: &[u8; 32],
    worker: &[u8; 32],
    task: &[u8; 16],
) -> Result<Option<ReceiptRow>, Error> {
    let mut find = db.prepare_cached(
        "SELECT * FROM receipts WHERE requester = ?1 AND worker = ?2 AND task = ?3 AND own = 1",
    )?;
    Ok(find.query_row((requester, worker, task), ReceiptRow::from_row).optional()?)
}

pub(super) fn insert(db: &Connection, receipt: &NewReceipt) -> Result<u64, Error> {
    // What was heard of it before is the same, but for whose it is.
    db.prepare_cached("DELETE FROM receipts WHERE hash = ?1 AND own = 0")?.execute([receipt.hash])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO receipts (own, requester, worker, number, task, hash, outcome, reward, at, receipt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING seq",
    )?;
    let values = (
        receipt.own,
        receipt.requester,
        receipt.worker,
        int(receipt.number),
        receipt.task,
        receipt.hash,
        receipt.outcome,
        bits(receipt.reward),
        bits(receipt.at_ms),
        &receipt.receipt,
    );
    Ok(insert.query_row(values, |row| uint(row, "seq"))?)
}

fn known(db: &Connection, hash: &[u8; 32]) -> Result<bool, Error> {
    Ok(db.prepare_cached("SELECT 1 FROM receipts WHERE hash = ?1")?.exists([hash])?)
}

fn trim(db: &Connection) -> Result<(), Error> {
    let mut trim = db.prepare_cached(
        "DELETE FROM receipts WHERE own = 0 AND seq <=
             (SELECT seq FROM receipts WHERE own = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
    )?;
    trim.execute([int(MAX_LEARNT)])?;
    Ok(())
}

/// The number of the newest receipt that there ever was.
pub(super) fn newest(db: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'receipts'";
    Ok(db.query_row(sql, (), |row| uint(row, "seq"))?)
}
