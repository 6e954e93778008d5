//! Forgetting what is over for long.

use std::time::Duration;

use rusqlite::Connection;

use super::{
    super::{Error, Store, free::Cut, sql::int},
    row::TaskKey,
};

/// How long a task is kept after its end: longer than anybody asks for it again, since a requester gives up after 7 days and no
/// task takes more than 28.
pub const KEEP_OVER: Duration = Duration::from_secs(30 * 24 * 3600);

/// The same while tasks take up more than half of their room: so who has many tasks done, or takes them back at once, does not
/// keep that of all others for a month.
pub const KEEP_TIGHT: Duration = Duration::from_secs(24 * 3600);

/// Tasks forgotten in one change, which others wait for.
const STEP: u32 = 256;

impl Store {
    /// Forgets tasks that ended 30 days before `now_ms`, in milliseconds since 1970, and which the other has heard the end of; of
    /// a role whose tasks take up more than half of `quota`, those that ended a day before. Their log goes with them, their
    /// receipts stay. Returns which; a few hundred at most: whoever gets some asks again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is forgotten.
    pub async fn tasks_prune(&self, now_ms: u64, quota: u64) -> Result<Vec<TaskKey>, Error> {
        let until =
            |keep: Duration| int(now_ms.saturating_sub(u64::try_from(keep.as_millis()).unwrap_or(u64::MAX)));
        let (over, tight) = (until(KEEP_OVER), until(KEEP_TIGHT));
        self.free(Cut::Few, move |db| forget(db, over, tight, int(quota / 2))).await
    }
}

fn forget(db: &Connection, over: i64, tight: i64, most: i64) -> Result<Vec<TaskKey>, Error> {
    let mut forget = db.prepare_cached(
        "DELETE FROM tasks WHERE seq IN
             (SELECT seq FROM tasks WHERE open = 0 AND settled = 1 AND changed_at <= ?2 AND (changed_at <= ?1
                  OR role IN (SELECT role FROM tasks_usage WHERE bytes > ?3)) LIMIT ?4)
         RETURNING role, agent, id",
    )?;
    let key = |row: &rusqlite::Row<'_>| {
        Ok(TaskKey { role: row.get("role")?, agent: row.get("agent")?, id: row.get("id")? })
    };
    let forgotten: Vec<TaskKey> =
        forget.query_map((over, tight, most, STEP), key)?.collect::<Result<_, _>>()?;
    let mut log = db.prepare_cached(
        "DELETE FROM task_log WHERE task = ?1 AND role = ?2 AND agent = ?3 AND state IS NOT NULL",
    )?;
    for key in &forgotten {
        log.execute((key.id, key.role, key.agent))?;
    }
    Ok(forgotten)
}
