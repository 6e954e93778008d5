//! Invites: secrets that speak for whoever wants to join the network.

use std::{fmt, time::Duration};

use rusqlite::{Connection, OptionalExtension, Row};
use zeroize::Zeroizing;

use super::super::{
    Error, Store,
    sql::{int, uint},
};

/// Invites that somebody may still use. An owner hands out a few at a time; and as many that ended are kept for a while.
pub const MAX_INVITES: usize = 256;
/// How long an invite that was used up, withdrawn or has expired is kept for the owner to look at, and for whoever lost
/// the answer that it led to.
const KEEP_ENDED: Duration = Duration::from_secs(24 * 3600);

/// An invite. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// What it is called by whoever presents it.
    pub id: [u8; 16],
    /// What proves that somebody has it; wiped from memory when dropped.
    pub secret: Zeroizing<[u8; 16]>,
    /// What whoever uses it will be in the network: a set of bits.
    pub roles: u8,
    /// Until when it may be used, in milliseconds since 1970.
    pub expires_ms: u64,
    /// How many may still use it; `None` is any number.
    pub uses_left: Option<u32>,
    /// How long the certificates last that it leads to, in milliseconds.
    pub life_ms: u64,
    /// Whoever uses it is a member for as long as it runs.
    pub ephemeral: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// It was taken back.
    pub withdrawn: bool,
}

impl fmt::Debug for InviteRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteRow")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("expires_ms", &self.expires_ms)
            .field("uses_left", &self.uses_left)
            .field("withdrawn", &self.withdrawn)
            .finish_non_exhaustive()
    }
}

impl InviteRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            secret: Zeroizing::new(row.get("secret")?),
            roles: row.get("roles")?,
            expires_ms: uint(row, "expires_at")?,
            uses_left: row.get("uses_left")?,
            life_ms: uint(row, "life")?,
            ephemeral: row.get("ephemeral")?,
            created_ms: uint(row, "created")?,
            withdrawn: row.get("withdrawn")?,
        })
    }
}

/// Why an invite was not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InviteStoreError {
    /// There are as many as may be.
    #[error("{MAX_INVITES} invites may be used already")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl InviteStoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TooMany => Some("withdraw invites that nobody will use, or wait until some expire".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for InviteStoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Keeps an invite that was made just now, and forgets those that ended a day before it was made.
    ///
    /// # Errors
    ///
    /// [`InviteStoreError`]; then it is not kept.
    pub async fn invite_put(&self, invite: InviteRow) -> Result<(), InviteStoreError> {
        self.write(move |db| add(db, &invite)).await
    }

    /// All invites, those that ended included; newest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn invites_list(&self) -> Result<Vec<InviteRow>, Error> {
        self.read(|db| {
            let mut list = db.prepare_cached("SELECT * FROM invites ORDER BY created DESC, id")?;
            let rows = list.query_map((), InviteRow::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One invite, those that ended included.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn invite_get(&self, id: [u8; 16]) -> Result<Option<InviteRow>, Error> {
        self.read(move |db| find(db, &id)).await
    }

    /// Takes an invite back at the time `now_ms`, in milliseconds since 1970: nobody can use it any more. Returns whether
    /// it is there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it can still be used.
    pub async fn invite_withdraw(&self, id: [u8; 16], now_ms: u64) -> Result<bool, Error> {
        self.write(move |db| {
            let mut withdraw = db.prepare_cached(
                "UPDATE invites SET withdrawn = 1, ended_at = coalesce(ended_at, ?2) WHERE id = ?1",
            )?;
            Ok(withdraw.execute((id, int(now_ms)))? > 0)
        })
        .await
    }
}

/// One invite.
pub(super) fn find(db: &Connection, id: &[u8; 16]) -> Result<Option<InviteRow>, Error> {
    let mut find = db.prepare_cached("SELECT * FROM invites WHERE id = ?1")?;
    Ok(find.query_row([id], InviteRow::from_row).optional()?)
}

/// Counts a use of an invite at the time `now_ms`.
pub(super) fn count_use(db: &Connection, id: &[u8; 16], now_ms: u64) -> Result<(), Error> {
    let mut count = db.prepare_cached(
        "UPDATE invites SET uses_left = uses_left - 1,
             ended_at = CASE WHEN uses_left = 1 THEN coalesce(ended_at, ?2) ELSE ended_at END
         WHERE id = ?1",
    )?;
    count.execute((id, int(now_ms)))?;
    Ok(())
}

fn add(db: &Connection, invite: &InviteRow) -> Result<(), InviteStoreError> {
    forget(db, invite.created_ms)?;
    let mut live =
        db.prepare_cached("SELECT count(*) AS live FROM invites WHERE ended_at IS NULL AND expires_at > ?1")?;
    if live.query_row([int(invite.created_ms)], |row| uint(row, "live"))? >= MAX_INVITES as u64 {
        return Err(InviteStoreError::TooMany);
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO invites (id, secret, roles, expires_at, uses_left, life, ephemeral, created, withdrawn)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute((
        invite.id,
        &*invite.secret,
        invite.roles,
        int(invite.expires_ms),
        invite.uses_left,
        int(invite.life_ms),
        invite.ephemeral,
        int(invite.created_ms),
        invite.withdrawn,
    ))?;
    Ok(())
}

/// Forgets invites that ended a day before `now_ms`, and more than are kept of those that ended since.
fn forget(db: &Connection, now_ms: u64) -> Result<(), Error> {
    let keep = u64::try_from(KEEP_ENDED.as_millis()).unwrap_or(u64::MAX);
    let mut forget =
        db.prepare_cached("DELETE FROM invites WHERE min(coalesce(ended_at, expires_at), expires_at) <= ?1")?;
    forget.execute([int(now_ms.saturating_sub(keep))])?;
    let mut trim = db.prepare_cached(
        "DELETE FROM invites WHERE id IN (
             SELECT id FROM invites WHERE ended_at IS NOT NULL OR expires_at <= ?1
             ORDER BY min(coalesce(ended_at, expires_at), expires_at) DESC, id LIMIT -1 OFFSET ?2)",
    )?;
    trim.execute((int(now_ms), MAX_INVITES as i64))?;
    Ok(())
}
