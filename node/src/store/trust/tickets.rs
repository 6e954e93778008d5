//! Tickets: one-time secrets that speak for a request.

use std::{fmt, time::Duration};

use rusqlite::{Connection, OptionalExtension, Row};
use zeroize::Zeroizing;

use super::super::{
    Error, Store,
    sql::{int, uint, uint_opt},
};

/// Tickets that somebody may still use. An owner hands out a few at a time; and as many that ended are kept for a while.
pub const MAX_TICKETS: usize = 64;
/// How long a ticket that was used or has expired is kept for the owner to look at.
const KEEP_ENDED: Duration = Duration::from_secs(24 * 3600);

/// A ticket. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// What it is called by whoever presents it.
    pub id: [u8; 8],
    /// What proves that somebody has it; wiped from memory when dropped.
    pub secret: Zeroizing<[u8; 16]>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// Until when it may be used, in milliseconds since 1970.
    pub expires_at_ms: u64,
    /// A request with it still waits for the owner.
    pub confirms: bool,
    /// What the owner wants to call whoever uses it.
    pub alias: Option<String>,
    /// What whoever uses it may do here; `None` is everything.
    pub scopes: Option<Vec<u8>>,
    /// Who has used it.
    pub used_by: Option<[u8; 32]>,
    /// When, in milliseconds since 1970.
    pub used_at_ms: Option<u64>,
}

impl fmt::Debug for TicketRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketRow")
            .field("id", &self.id)
            .field("expires_at_ms", &self.expires_at_ms)
            .field("confirms", &self.confirms)
            .field("used_by", &self.used_by)
            .finish_non_exhaustive()
    }
}

impl TicketRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            secret: Zeroizing::new(row.get("secret")?),
            created_ms: uint(row, "created")?,
            expires_at_ms: uint(row, "expires_at")?,
            confirms: row.get("confirms")?,
            alias: row.get("alias")?,
            scopes: row.get("scopes")?,
            used_by: row.get("used_by")?,
            used_at_ms: uint_opt(row, "used_at")?,
        })
    }

    /// Whether somebody may use it at the time `now_ms`, in milliseconds since 1970.
    pub fn is_live(&self, now_ms: u64) -> bool {
        self.used_by.is_none() && now_ms < self.expires_at_ms
    }
}

/// Why a ticket was not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// There are as many as may be.
    #[error("{MAX_TICKETS} tickets wait to be used already")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl TicketError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TooMany => Some("withdraw tickets that nobody will use, or wait until some expire".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for TicketError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Keeps a new ticket; `now_ms` are milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`TicketError`]; then it is not kept.
    pub async fn ticket_add(&self, ticket: TicketRow, now_ms: u64) -> Result<(), TicketError> {
        self.write(move |db| add(db, &ticket, now_ms)).await
    }

    /// One ticket, used and expired ones included.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn ticket(&self, id: [u8; 8]) -> Result<Option<TicketRow>, Error> {
        self.read(move |db| find(db, &id)).await
    }

    /// The tickets that may be used at the time `now_ms`, in milliseconds since 1970, and those that ended less than a
    /// day before; newest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tickets_list(&self, now_ms: u64) -> Result<Vec<TicketRow>, Error> {
        self.read(move |db| {
            let mut list = db.prepare_cached(
                "SELECT * FROM tickets WHERE coalesce(used_at, expires_at) > ?1 ORDER BY created DESC, id",
            )?;
            let rows = list.query_map([forgotten_before(now_ms)], TicketRow::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Takes a ticket back: nobody can use it any more. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it can still be used.
    pub async fn ticket_withdraw(&self, id: [u8; 8]) -> Result<bool, Error> {
        self.write(move |db| Ok(db.prepare_cached("DELETE FROM tickets WHERE id = ?1")?.execute([id])? > 0))
            .await
    }
}

fn add(db: &Connection, ticket: &TicketRow, now_ms: u64) -> Result<(), TicketError> {
    forget(db, now_ms)?;
    let mut live =
        db.prepare_cached("SELECT count(*) AS live FROM tickets WHERE used_by IS NULL AND expires_at > ?1")?;
    if live.query_row([int(now_ms)], |row| uint(row, "live"))? >= MAX_TICKETS as u64 {
        return Err(TicketError::TooMany);
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO tickets (id, secret, created, expires_at, confirms, alias, scopes, used_by, used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute((
        ticket.id,
        &*ticket.secret,
        int(ticket.created_ms),
        int(ticket.expires_at_ms),
        ticket.confirms,
        &ticket.alias,
        &ticket.scopes,
        ticket.used_by,
        ticket.used_at_ms.map(int),
    ))?;
    Ok(())
}

/// One ticket.
pub(super) fn find(db: &Connection, id: &[u8; 8]) -> Result<Option<TicketRow>, Error> {
    let mut find = db.prepare_cached("SELECT * FROM tickets WHERE id = ?1")?;
    Ok(find.query_row([id], TicketRow::from_row).optional()?)
}

/// Notes that `agent` has used a ticket at the time `at_ms`. Returns whether it may: nobody else has, and the ticket was
/// not taken back.
pub(super) fn take(db: &Connection, id: &[u8; 8], agent: &[u8; 32], at_ms: u64) -> Result<bool, Error> {
    let mut take = db.prepare_cached(
        "UPDATE tickets SET used_by = ?2, used_at = coalesce(used_at, ?3)
         WHERE id = ?1 AND (used_by IS NULL OR used_by = ?2)",
    )?;
    Ok(take.execute((id, agent, int(at_ms)))? > 0)
}

/// Forgets tickets that ended a day ago, and more than are kept of those that ended since; returns how many.
pub(super) fn forget(db: &Connection, now_ms: u64) -> Result<usize, Error> {
    let mut forget = db.prepare_cached("DELETE FROM tickets WHERE coalesce(used_at, expires_at) <= ?1")?;
    let forgotten = forget.execute([forgotten_before(now_ms)])?;
    let mut trim = db.prepare_cached(
        "DELETE FROM tickets WHERE id IN (
             SELECT id FROM tickets WHERE used_by IS NOT NULL OR expires_at <= ?1
             ORDER BY coalesce(used_at, expires_at) DESC, id LIMIT -1 OFFSET ?2)",
    )?;
    Ok(forgotten + trim.execute((int(now_ms), MAX_TICKETS as i64))?)
}

/// Whatever ended by then need not be kept at the time `now_ms`.
fn forgotten_before(now_ms: u64) -> i64 {
    let keep = u64::try_from(KEEP_ENDED.as_millis()).unwrap_or(u64::MAX);
    int(now_ms.saturating_sub(keep))
}
