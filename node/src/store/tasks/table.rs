//! What one change of tasks may look at and write.

use std::cell::Cell;

use rusqlite::{Connection, OptionalExtension, Params};

use super::{
    super::{
        Error, Mark, OfferedFile, inbox, meta,
        receipts::{self, ChainHead, NewReceipt, ReceiptRow},
        sql::{bits, int, uint},
    },
    log::{self, NewTaskEntry},
    row::{TaskKey, TaskRow},
    usage::{self, TaskUsage},
};

/// Rows that a change may ask for at once.
const AT_ONCE: u32 = 64;

/// The tasks, their log and the receipts, in the midst of one change.
#[derive(Debug)]
pub struct Table<'a> {
    db: &'a Connection,
    noted: Cell<Noted>,
}

/// What is new in a change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noted {
    /// The number of the last entry in the log.
    pub(super) log: Option<u64>,
    /// The number of the last receipt.
    pub(super) receipt: Option<u64>,
}

impl<'a> Table<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { db, noted: Cell::default() }
    }

    pub(super) fn noted(&self) -> Noted {
        self.noted.get()
    }

    /// One task.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn find(&self, key: &TaskKey) -> Result<Option<TaskRow>, Error> {
        self.one("role = ?1 AND agent = ?2 AND id = ?3", (key.role, key.agent, key.id))
    }

    /// The task that is first in the queue.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn head(&self) -> Result<Option<TaskRow>, Error> {
        self.one("queued = 1 ORDER BY place LIMIT 1", ())
    }

    /// Tasks to which something happens by itself until the steady time `now`, the most urgent first. A few: whoever has dealt
    /// with them asks again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn due(&self, now: u64) -> Result<Vec<TaskRow>, Error> {
        self.some("due <= ?1 ORDER BY due LIMIT ?2", (int(now), AT_ONCE))
    }

    /// Tasks with agents that are no contacts, open ones and those about which something is to be said, behind the one with
    /// this number. A few: the last is where the next ones begin.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn disowned(&self, after: u64) -> Result<Vec<TaskRow>, Error> {
        let disowned = "(open = 1 OR settled = 0) AND agent NOT IN (SELECT agent FROM contacts) AND seq > ?1
             ORDER BY seq LIMIT ?2";
        self.some(disowned, (int(after), AT_ONCE))
    }

    /// Tasks in one state, oldest first, behind the one with this number. A few: the last is where the next ones begin.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn in_state(&self, role: u8, state: u8, after: u64) -> Result<Vec<TaskRow>, Error> {
        let in_state = "role = ?1 AND state = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
        self.some(in_state, (role, state, int(after), AT_ONCE))
    }

    /// How many tasks with an agent are open.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn open_with(&self, role: u8, agent: &[u8; 32]) -> Result<u64, Error> {
        usage::open_with(self.db, role, agent)
    }

    /// How many tasks an agent has taken back before they were here.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn tombs_of(&self, agent: &[u8; 32]) -> Result<u64, Error> {
        usage::tombs_of(self.db, agent)
    }

    /// Whether there is a task of this id in which the other is somebody else, or has the other part.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn is_of_another(&self, key: &TaskKey) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM tasks WHERE id = ?1 AND NOT (role = ?2 AND agent = ?3)";
        Ok(self.db.prepare_cached(sql)?.exists((key.id, key.role, key.agent))?)
    }

    /// Whether this very file was received: see [`Store::file_received`](super::super::Store::file_received).
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn file_received(&self, file: &OfferedFile, digest: [u8; 32]) -> Result<bool, Error> {
        inbox::file_received(self.db, file, digest)
    }

    /// Saves the steady time of this change with it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn mark(&self, mark: Mark) -> Result<(), Error> {
        meta::set_steady_mark(self.db, mark)
    }

    /// What the tasks of one role take up.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn usage(&self, role: u8) -> Result<TaskUsage, Error> {
        usage::of_role(self.db, role)
    }

    /// Writes a task as it is from now on. A new one gets its number, and one that is queued for the first time its place.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn put(&self, row: &mut TaskRow) -> Result<(), Error> {
        if row.queued && row.place.is_none() {
            let last = "SELECT coalesce(max(place), 0) + 1 AS place FROM tasks WHERE place IS NOT NULL";
            let next: i64 = self.db.prepare_cached(last)?.query_row((), |row| row.get(0))?;
            row.place = Some(u64::try_from(next).unwrap_or(0));
        }
        if row.seq == 0 { self.insert(row) } else { self.update(row) }
    }

    /// Notes what happened.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn note(&self, entry: &NewTaskEntry) -> Result<(), Error> {
        let seq = log::append(self.db, entry)?;
        self.noted.set(Noted { log: Some(seq), ..self.noted.get() });
        Ok(())
    }

    /// The end of the chain of receipts between two agents.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn chain(&self, requester: &[u8; 32], worker: &[u8; 32]) -> Result<Option<ChainHead>, Error> {
        receipts::head(self.db, requester, worker)
    }

    /// The receipt of a task that this agent is a party to.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn receipt(
        &self,
        requester: &[u8; 32],
        worker: &[u8; 32],
        task: &[u8; 16],
    ) -> Result<Option<ReceiptRow>, Error> {
        receipts::of_task(self.db, requester, worker, task)
    }

    /// Keeps a receipt. One that this agent is a party to has to be the next of its chain, and the only one of its task.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails, or it is not.
    pub fn add_receipt(&self, receipt: &NewReceipt) -> Result<(), Error> {
        let seq = receipts::insert(self.db, receipt)?;
        self.noted.set(Noted { receipt: Some(seq), ..self.noted.get() });
        Ok(())
    }

    fn one(&self, condition: &str, params: impl Params) -> Result<Option<TaskRow>, Error> {
        let sql = format!("SELECT {} FROM tasks WHERE {condition}", TaskRow::COLUMNS);
        Ok(self.db.prepare_cached(&sql)?.query_row(params, TaskRow::from_row).optional()?)
    }

    fn some(&self, condition: &str, params: impl Params) -> Result<Vec<TaskRow>, Error> {
        let sql = format!("SELECT {} FROM tasks WHERE {condition}", TaskRow::COLUMNS);
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params, TaskRow::from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn insert(&self, row: &mut TaskRow) -> Result<(), Error> {
        let mut insert = self.db.prepare_cached(
            "INSERT INTO tasks (role, agent, id, digest, body, machine, state, open, queued, place, due, settled, submits,
                 held, max_reward, text, words, output, claim, created_at, changed_at, cost)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
             RETURNING seq",
        )?;
        let values = rusqlite::params![
            row.key.role,
            row.key.agent,
            row.key.id,
            row.digest,
            row.body,
            row.machine,
            row.state,
            row.open,
            row.queued,
            row.place.map(int),
            row.due.map(int),
            row.settled,
            row.submits,
            row.held,
            bits(row.max_reward),
            row.text,
            row.words,
            row.output,
            row.claim,
            int(row.created_at_ms),
            int(row.changed_at_ms),
            row.cost(),
        ];
        row.seq = insert.query_row(values, |row| uint(row, "seq"))?;
        Ok(())
    }

    /// All but what never changes: key, digest, body, and what it is worth at most.
    fn update(&self, row: &TaskRow) -> Result<(), Error> {
        let mut update = self.db.prepare_cached(
            "UPDATE tasks SET machine = ?2, state = ?3, open = ?4, queued = ?5, place = ?6, due = ?7, settled = ?8, submits = ?9,
                 held = ?10, text = ?11, words = ?12, output = ?13, claim = ?14, changed_at = ?15, cost = ?16
             WHERE seq = ?1",
        )?;
        update.execute(rusqlite::params![
            int(row.seq),
            row.machine,
            row.state,
            row.open,
            row.queued,
            row.place.map(int),
            row.due.map(int),
            row.settled,
            row.submits,
            row.held,
            row.text,
            row.words,
            row.output,
            row.claim,
            int(row.changed_at_ms),
            row.cost(),
        ])?;
        Ok(())
    }
}
