//! What strangers may occupy: how many requests are pending, and how many strangers are remembered.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{
        Error,
        sql::{int, uint},
    },
    Relation, RelationState, TrustStoreError,
    log::{self, NewLogEntry},
    row::put,
};

/// Requests that wait for the owner, who reads them one by one: more would bury those that matter.
pub const MAX_PENDING: usize = 128;
/// Strangers remembered who were never more than that, so that what they said once is not heard again.
pub const MAX_STRANGERS: usize = 4096;
/// How long such a stranger is remembered: longer than what it said counts.
const KEEP_STRANGERS: Duration = Duration::from_secs(8 * 24 * 3600);

/// How many requests are pending.
pub(super) fn pending(db: &Connection) -> Result<u64, Error> {
    let mut count = db.prepare_cached("SELECT count(*) AS pending FROM relations WHERE state = 2")?;
    Ok(count.query_row((), |row| uint(row, "pending"))?)
}

/// Makes room for a request that is to be pending and was not. Returns the number of what was noted about the one that
/// had to go for it.
///
/// The source that has the most requests gives its oldest, so that nobody who fills the list drives out others; of
/// equal ones, that with the oldest. What was invited stays.
pub(super) fn make(db: &Connection, newcomer: &Relation) -> Result<Option<u64>, TrustStoreError> {
    if pending(db)? < MAX_PENDING as u64 {
        return Ok(None);
    }
    let weakest = weakest(db)?.ok_or(TrustStoreError::Full)?;
    let entry = NewLogEntry::evicted(&weakest, newcomer.since_ms);
    put(
        db,
        &Relation {
            state: RelationState::Stranger,
            request: None,
            alias: None,
            justification: None,
            source: None,
            since_ms: newcomer.since_ms,
            expires_at_ms: None,
            ..weakest
        },
    )?;
    trim_strangers(db)?;
    Ok(Some(log::append(db, &entry)?))
}

/// The request that goes first.
fn weakest(db: &Connection) -> Result<Option<Relation>, Error> {
    let mut find = db.prepare_cached(
        "SELECT * FROM relations
         WHERE state = 2 AND invited = 0 AND source IS (
             SELECT source FROM relations WHERE state = 2 AND invited = 0
             GROUP BY source ORDER BY count(*) DESC, min(since) LIMIT 1)
         ORDER BY since, agent LIMIT 1",
    )?;
    Ok(find.query_row((), Relation::from_row).optional()?)
}

/// Forgets the oldest strangers beyond [`MAX_STRANGERS`], and returns how many.
pub(super) fn trim_strangers(db: &Connection) -> Result<usize, Error> {
    let mut trim = db.prepare_cached(
        "DELETE FROM relations WHERE agent IN (
             SELECT agent FROM relations WHERE state = 0 AND known = 0
             ORDER BY since DESC, agent LIMIT -1 OFFSET ?1)",
    )?;
    Ok(trim.execute([MAX_STRANGERS as i64])?)
}

/// Forgets strangers whose time is over at `now_ms`, and returns how many.
pub(super) fn forget_strangers(db: &Connection, now_ms: u64) -> Result<usize, Error> {
    let keep = u64::try_from(KEEP_STRANGERS.as_millis()).unwrap_or(u64::MAX);
    let mut forget =
        db.prepare_cached("DELETE FROM relations WHERE state = 0 AND known = 0 AND since < ?1")?;
    let forgotten = forget.execute([int(now_ms.saturating_sub(keep))])?;
    Ok(forgotten + trim_strangers(db)?)
}
