//! The end of an entry: removed, or marked as given up.

use std::time::Duration;

use rusqlite::{Connection, Params};

use super::super::{Error, Store, free::Cut, sql::int};

/// The agent that is to get an entry, and our id for it.
pub type Key = ([u8; 32], [u8; 16]);

/// How long what was given up is kept for somebody to look at.
const KEEP_FAILED: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is said of an entry whose time is over.
const EXPIRED: &str = "it could not be delivered before it expired";

impl Store {
    /// Removes entries by their numbers, and returns how many were there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is removed.
    pub async fn outbox_remove(&self, entries: Vec<u64>) -> Result<usize, Error> {
        self.free(Cut::Few, move |db| {
            let mut remove = db.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?;
            let mut removed = 0;
            for seq in entries {
                removed += remove.execute([int(seq)])?;
            }
            Ok(removed)
        })
        .await
    }

    /// Removes the entry with this id, if it is still there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it still waits.
    pub async fn outbox_withdraw(&self, agent: [u8; 32], id: [u8; 16]) -> Result<(), Error> {
        self.free(Cut::Few, move |db| {
            let mut remove = db.prepare_cached("DELETE FROM outbox WHERE agent = ?1 AND id = ?2")?;
            remove.execute((agent, id))?;
            Ok(())
        })
        .await
    }

    /// Removes all that an agent was to get, or all that there is, and returns what it was.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is removed.
    pub async fn outbox_clear(&self, agent: Option<[u8; 32]>, failed_only: bool) -> Result<Vec<Key>, Error> {
        let agent_is = if agent.is_some() { "agent = ?1" } else { "?1 IS NULL" };
        let failed = if failed_only { "failed IS NOT NULL" } else { "TRUE" };
        let sql = format!("DELETE FROM outbox WHERE {agent_is} AND {failed} RETURNING agent, id");
        self.free(Cut::All, move |db| keys(db, &sql, [agent])).await
    }

    /// Removes what was for agents that are not trusted any more, and returns what it was.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is removed.
    pub async fn outbox_disown(&self) -> Result<Vec<Key>, Error> {
        const DISOWN: &str =
            "DELETE FROM outbox WHERE agent NOT IN (SELECT agent FROM contacts) RETURNING agent, id";
        self.free(Cut::Few, |db| keys(db, DISOWN, ())).await
    }

    /// Marks an entry as given up.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it still waits.
    pub async fn outbox_fail(&self, entry: u64, reason: String) -> Result<(), Error> {
        self.free(Cut::Few, move |db| {
            let mut fail = db.prepare_cached("UPDATE outbox SET failed = ?2 WHERE seq = ?1")?;
            fail.execute((int(entry), reason))?;
            Ok(())
        })
        .await
    }

    /// Gives up what has expired at the time `now_ms`, in milliseconds since 1970, returns what it was, and
    /// forgets what had expired long before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then nothing has changed.
    pub async fn outbox_expire(&self, now_ms: u64) -> Result<Vec<Key>, Error> {
        let due = "SELECT EXISTS (SELECT 1 FROM outbox WHERE expires_at <= ?1 AND failed IS NULL
                                  UNION ALL SELECT 1 FROM outbox WHERE expires_at <= ?2 AND failed IS NOT NULL)";
        let keep = u64::try_from(KEEP_FAILED.as_millis()).unwrap_or(u64::MAX);
        let limits = (int(now_ms), int(now_ms.saturating_sub(keep)));
        // Asked every second, and almost always in vain: the writer need not hear of it.
        if !self.read(move |db| exists(db, due, limits)).await? {
            return Ok(Vec::new());
        }
        self.free(Cut::Few, move |db| {
            db.execute("DELETE FROM outbox WHERE expires_at <= ?1 AND failed IS NOT NULL", [limits.1])?;
            let sql =
                "UPDATE outbox SET failed = ?2 WHERE expires_at <= ?1 AND failed IS NULL RETURNING agent, id";
            keys(db, sql, (limits.0, EXPIRED))
        })
        .await
    }
}

/// Removes all that an agent was to get, in the change that ends the trust in it.
pub(in crate::store) fn forget(db: &Connection, agent: &[u8; 32]) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM outbox WHERE agent = ?1")?.execute([agent])?;
    Ok(())
}

fn exists(db: &Connection, sql: &str, params: impl Params) -> Result<bool, Error> {
    Ok(db.prepare_cached(sql)?.query_row(params, |row| row.get(0))?)
}

/// The agents and ids that a statement returns.
fn keys(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<Key>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| Ok((row.get("agent")?, row.get("id")?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
