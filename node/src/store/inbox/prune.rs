//! Forgetting the ids of old messages, so that the memory of them does not grow for ever.

use std::time::Duration;

use rusqlite::Connection;

use super::super::{Error, Store, sql::int};

/// How long the id of a message is remembered at least: longer than any sender goes on trying.
pub const REMEMBER_IDS: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many ids are remembered at least, however old: a clock that jumps ahead must not forget them all.
/// At about 150 bytes each this is 15 MB.
pub const REMEMBER_AT_LEAST: u64 = 100_000;

/// Ids forgotten in one change: a few milliseconds, in which no message can be stored.
const STEP: usize = 1000;

impl Store {
    /// Forgets ids that need not be remembered at the time `now_ms`, in milliseconds since 1970, and returns
    /// how many. Works in small steps between which messages are stored as usual; once an hour is enough.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then some may be forgotten already.
    pub async fn inbox_prune(&self, now_ms: u64) -> Result<usize, Error> {
        let mut forgotten = 0;
        loop {
            let step = self.write(move |db| prune_step(db, now_ms, REMEMBER_AT_LEAST)).await?;
            forgotten += step;
            if step < STEP {
                return Ok(forgotten);
            }
        }
    }
}

/// Forgets up to [`STEP`] ids, all but the last `keep` at most.
pub(in crate::store) fn prune_step(db: &Connection, now_ms: u64, keep: u64) -> Result<usize, Error> {
    let age = u64::try_from(REMEMBER_IDS.as_millis()).unwrap_or(u64::MAX);
    let mut forget = db.prepare_cached(
        "DELETE FROM received WHERE position IN (
             SELECT position FROM received
             WHERE position <= (SELECT max(position) FROM received) - ?1
               AND received_at < ?2
               AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id = received.id AND inbox.agent = received.agent)
             ORDER BY position LIMIT ?3)",
    )?;
    Ok(forget.execute((int(keep), int(now_ms.saturating_sub(age)), STEP as i64))?)
}
