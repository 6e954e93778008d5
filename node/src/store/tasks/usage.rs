//! What tasks take up.

use rusqlite::Connection;

use super::super::{Error, Store, sql::uint};

/// What the tasks of one role take up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskUsage {
    /// What they count against the quota.
    pub bytes: u64,
    /// How many there are, ended ones included.
    pub rows: u64,
    /// How many of them are open.
    pub open: u64,
}

impl Store {
    /// What the tasks of one role take up: 0 those that we asked for, 1 those asked of us.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn task_usage(&self, role: u8) -> Result<TaskUsage, Error> {
        self.read(move |db| of_role(db, role)).await
    }
}

pub(super) fn of_role(db: &Connection, role: u8) -> Result<TaskUsage, Error> {
    let mut usage = db.prepare_cached("SELECT bytes, rows, open FROM tasks_usage WHERE role = ?1")?;
    Ok(usage.query_row([role], |row| {
        Ok(TaskUsage { bytes: uint(row, "bytes")?, rows: uint(row, "rows")?, open: uint(row, "open")? })
    })?)
}

/// How many tasks with an agent are open.
pub(super) fn open_with(db: &Connection, role: u8, agent: &[u8; 32]) -> Result<u64, Error> {
    let sql = "SELECT count(*) AS open FROM tasks WHERE role = ?1 AND agent = ?2 AND open = 1";
    Ok(db.prepare_cached(sql)?.query_row((role, agent), |row| uint(row, "open"))?)
}

/// How many tasks an agent has taken back before they were here.
pub(super) fn tombs_of(db: &Connection, agent: &[u8; 32]) -> Result<u64, Error> {
    let sql = "SELECT count(*) AS tombs FROM tasks WHERE agent = ?1 AND body IS NULL";
    Ok(db.prepare_cached(sql)?.query_row([agent], |row| uint(row, "tombs"))?)
}
