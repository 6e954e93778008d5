//! The log: what happened to tasks, and what was refused.

use rusqlite::{Connection, Row};

use super::super::{
    Error, Store,
    sql::{int, uint},
};

/// Entries about one task that are kept, the newest ones: its worker may report as often as it likes.
pub(in crate::store) const LOG_OF_ONE: u64 = 256;
/// Refusals that are kept, the newest ones: others cause them, and there need not be a task.
pub(in crate::store) const LOG_REFUSED: u64 = 10_000;
/// Entries kept in all; the oldest make room. Some 40 MB.
const LOG_ROWS: u64 = 200_000;
/// Most entries in one page.
const MAX_LISTED: u32 = 1000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskEntry {
    /// Its place in the log: rising, never used twice in this home.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// 0 if we asked for the task, 1 if it was asked of us.
    pub role: u8,
    /// The other; of a refusal, who was refused.
    pub agent: [u8; 32],
    /// The task.
    pub task: [u8; 16],
    /// What happened; the numbers are the callers' to choose.
    pub what: u8,
    /// The state that the task has since; `None` of a refusal, which changes nothing.
    pub state: Option<u8>,
    /// What was said about it.
    pub text: Option<String>,
}

/// Something to be noted; the fields are those of [`TaskEntry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTaskEntry {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// 0 if we asked for the task, 1 if it was asked of us.
    pub role: u8,
    /// The other; of a refusal, who was refused.
    pub agent: [u8; 32],
    /// The task.
    pub task: [u8; 16],
    /// What happened.
    pub what: u8,
    /// The state that the task has since.
    pub state: Option<u8>,
    /// What was said about it.
    pub text: Option<String>,
}

/// Which entries to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskLogFilter {
    /// Only those behind the entry with this number; 0 for all.
    pub after: u64,
    /// Most entries to list; never more than 1,000, which is also meant by `None`.
    pub limit: Option<u32>,
    /// Only of the task with this id.
    pub task: Option<[u8; 16]>,
    /// Only refusals.
    pub refused: bool,
    /// The last ones in place of the first.
    pub tail: bool,
}

impl TaskEntry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: uint(row, "seq")?,
            at_ms: uint(row, "at")?,
            role: row.get("role")?,
            agent: row.get("agent")?,
            task: row.get("task")?,
            what: row.get("what")?,
            state: row.get("state")?,
            text: row.get("text")?,
        })
    }
}

impl Store {
    /// Lists what happened to tasks, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn task_log(&self, filter: TaskLogFilter) -> Result<Vec<TaskEntry>, Error> {
        // A condition for each case rather than one that covers both: only then is an index of use.
        let task = if filter.task.is_some() { "task = ?2" } else { "?2 IS NULL" };
        let refused = if filter.refused { "state IS NULL" } else { "TRUE" };
        let order = if filter.tail { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT * FROM (SELECT * FROM task_log WHERE seq > ?1 AND {task} AND {refused}
             ORDER BY seq {order} LIMIT ?3) ORDER BY seq"
        );
        let limit = filter.limit.unwrap_or(MAX_LISTED).min(MAX_LISTED);
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((int(filter.after), filter.task, limit), TaskEntry::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Appends `entry`, and returns its number. The oldest make room: of the same task or of the same kind, where there are enough.
pub(super) fn append(db: &Connection, entry: &NewTaskEntry) -> Result<u64, Error> {
    let mut insert = db.prepare_cached(
        "INSERT INTO task_log (at, role, agent, task, what, state, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         RETURNING seq",
    )?;
    let values =
        (int(entry.at_ms), entry.role, entry.agent, entry.task, entry.what, entry.state, &entry.text);
    let seq = insert.query_row(values, |row| uint(row, "seq"))?;
    db.prepare_cached("DELETE FROM task_log WHERE seq <= ?1")?
        .execute([int(seq.saturating_sub(LOG_ROWS))])?;
    if entry.state.is_some() {
        let mut trim = db.prepare_cached(
            "DELETE FROM task_log WHERE task = ?1 AND seq <=
                 (SELECT seq FROM task_log WHERE task = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?;
        trim.execute((entry.task, int(LOG_OF_ONE)))?;
    } else {
        let mut trim = db.prepare_cached(
            "DELETE FROM task_log WHERE state IS NULL AND seq <=
                 (SELECT seq FROM task_log WHERE state IS NULL ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
        )?;
        trim.execute([int(LOG_REFUSED)])?;
    }
    Ok(seq)
}

/// The number of the newest entry that there ever was.
pub(in crate::store) fn newest(db: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'task_log'";
    Ok(db.query_row(sql, (), |row| uint(row, "seq"))?)
}
