//! The certificates that were given out here, the last one of each agent.

use rusqlite::{
    Connection, OptionalExtension, Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use super::super::{
    Error, Store,
    free::Cut,
    sql::{int, uint},
};

/// Agents whose last certificate is remembered. Those who left or whose certificate has expired make room; an invite that
/// anybody may use must not fill the disk: this is 10 MB.
pub const MAX_ISSUED: usize = 10_000;

/// How an agent that was given a certificate stands. The numbers are those in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum IssuedState {
    /// It is a member until the certificate expires.
    Member = 0,
    /// It gave the certificate back.
    Left = 1,
    /// It is to be no member any more.
    Expelled = 2,
}

impl FromSql for IssuedState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_i64()? {
            0 => Self::Member,
            1 => Self::Left,
            2 => Self::Expelled,
            other => return Err(FromSqlError::OutOfRange(other)),
        })
    }
}

impl ToSql for IssuedState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(*self as u8))
    }
}

/// A certificate that was given out, and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedRow {
    /// Whose it is.
    pub agent: [u8; 32],
    /// What the agent is called in the network.
    pub name: Option<String>,
    /// The node number of its address.
    pub node: u32,
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Until when it is good, in milliseconds since 1970.
    pub expires_ms: u64,
    /// When it was given out, in milliseconds since 1970.
    pub issued_ms: u64,
    /// The invite that the agent came with.
    pub invite: Option<[u8; 16]>,
    /// How the agent stands.
    pub state: IssuedState,
}

impl IssuedRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            agent: row.get("agent")?,
            name: row.get("name")?,
            node: row.get("node")?,
            certificate: row.get("certificate")?,
            expires_ms: uint(row, "expires_at")?,
            issued_ms: uint(row, "issued_at")?,
            invite: row.get("invite")?,
            state: row.get("state")?,
        })
    }
}

impl Store {
    /// The last certificate of each agent that was given one here, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn issued_list(&self) -> Result<Vec<IssuedRow>, Error> {
        self.read(all).await
    }

    /// The last certificate that an agent was given here.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn issued_get(&self, agent: [u8; 32]) -> Result<Option<IssuedRow>, Error> {
        self.read(move |db| find(db, &agent)).await
    }

    /// Notes that an agent that was given a certificate here has left or was expelled; the one cannot follow the other.
    /// Returns whether there is such an agent. Works on a full disk, too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then nothing has changed.
    pub async fn issued_set_state(&self, agent: [u8; 32], state: IssuedState) -> Result<bool, Error> {
        self.free(Cut::Few, move |db| {
            let mut update =
                db.prepare_cached("UPDATE issued SET state = max(state, ?2) WHERE agent = ?1")?;
            Ok(update.execute((agent, state))? > 0)
        })
        .await
    }
}

/// All of them, oldest first.
pub(in crate::store) fn all(db: &Connection) -> Result<Vec<IssuedRow>, Error> {
    let mut list = db.prepare_cached("SELECT * FROM issued ORDER BY issued_at, agent")?;
    let rows = list.query_map((), IssuedRow::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The last certificate of an agent.
pub(super) fn find(db: &Connection, agent: &[u8; 32]) -> Result<Option<IssuedRow>, Error> {
    let mut find = db.prepare_cached("SELECT * FROM issued WHERE agent = ?1")?;
    Ok(find.query_row([agent], IssuedRow::from_row).optional()?)
}

/// Whether another member has the name.
pub(super) fn name_is_taken(
    db: &Connection,
    name: &str,
    agent: &[u8; 32],
    now_ms: u64,
) -> Result<bool, Error> {
    let mut taken = db.prepare_cached(
        "SELECT 1 FROM issued INDEXED BY issued_name
         WHERE name IS NOT NULL AND state = 0 AND name = ?1 AND expires_at > ?2 AND agent <> ?3",
    )?;
    Ok(taken.exists((name, int(now_ms), agent))?)
}

/// Whether another member has the node number.
pub(super) fn node_is_taken(
    db: &Connection,
    node: u32,
    agent: &[u8; 32],
    now_ms: u64,
) -> Result<bool, Error> {
    let mut taken = db.prepare_cached(
        "SELECT 1 FROM issued INDEXED BY issued_node
         WHERE state = 0 AND node = ?1 AND expires_at > ?2 AND agent <> ?3",
    )?;
    Ok(taken.exists((node, int(now_ms), agent))?)
}

/// Writes the last certificate of an agent over the one before.
pub(in crate::store) fn put(db: &Connection, row: &IssuedRow) -> Result<(), Error> {
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO issued (agent, name, node, certificate, expires_at, issued_at, invite, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    put.execute((
        row.agent,
        &row.name,
        row.node,
        &row.certificate,
        int(row.expires_ms),
        int(row.issued_ms),
        row.invite,
        row.state,
    ))?;
    Ok(())
}
