//! Pins: which agent an address leads to, as `known_hosts` pins a key to a host.
//!
//! A pin is made when an agent becomes a contact, and outlives the trust: whoever comes with the address later is
//! either the same agent, or a conflict that the owner has to settle.

use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{
    Error, Store,
    contacts::label,
    sql::{int, uint},
};

/// Conflicts kept, the oldest make room: anybody may claim an address, and nobody shall fill the disk with claims.
pub const MAX_CONFLICTS: usize = 64;
/// Addresses pinned to one agent, the oldest make room: it has another one in each network.
const PINS_OF_ONE: usize = 16;

/// An address, and the agent that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The address: network number and node number, big-endian.
    pub address: [u8; 6],
    /// Whose it is.
    pub agent: [u8; 32],
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

/// An agent that presented an address of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinConflict {
    /// The address.
    pub address: [u8; 6],
    /// The agent that it is not pinned to.
    pub agent: [u8; 32],
    /// When that was last seen, in milliseconds since 1970.
    pub seen_at_ms: u64,
    /// What that agent calls itself.
    pub name: Option<String>,
}

/// Why a conflict was not settled; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// Another contact has the address.
    #[error("the address is that of the contact {}", label(.name.as_deref(), .holder))]
    Held {
        /// The contact that has the address.
        holder: [u8; 32],
        /// The alias of that contact, or what it calls itself.
        name: Option<String>,
    },
    /// The agent never came with this address.
    #[error("the agent is not one of those that claim the address")]
    NoClaim,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl PinError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Held { .. } => Some("end the trust in that contact first".into()),
            Self::NoClaim => Some("list the conflicts to see who claims the address".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for PinError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Pin {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { address: row.get("address")?, agent: row.get("agent")?, since_ms: uint(row, "since")? })
    }
}

impl PinConflict {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            address: row.get("address")?,
            agent: row.get("agent")?,
            seen_at_ms: uint(row, "seen_at")?,
            name: row.get("name")?,
        })
    }
}

impl Store {
    /// The agent to which an address is pinned.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn pin(&self, address: [u8; 6]) -> Result<Option<[u8; 32]>, Error> {
        self.read(move |db| holder(db, &address)).await
    }

    /// All pins, by address.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn pins_list(&self) -> Result<Vec<Pin>, Error> {
        self.read(all).await
    }

    /// Notes that an agent presented an address of another, and returns whether that is news. The oldest conflict makes
    /// room.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn pin_conflict_add(&self, conflict: PinConflict) -> Result<bool, Error> {
        self.write(move |db| add_conflict(db, &conflict)).await
    }

    /// The conflicts that nobody has settled, newest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn pin_conflicts(&self) -> Result<Vec<PinConflict>, Error> {
        self.read(|db| {
            let mut list =
                db.prepare_cached("SELECT * FROM pin_conflicts ORDER BY seen_at DESC, address, agent")?;
            let rows = list.query_map((), PinConflict::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Settles whose an address is: `agent` is the one that it leads to, and all other claims to it are forgotten. The
    /// agent has to be one of those that claim it, or the one that it leads to already.
    ///
    /// # Errors
    ///
    /// [`PinError`]; then nothing has changed.
    pub async fn pin_settle(&self, address: [u8; 6], agent: [u8; 32]) -> Result<(), PinError> {
        self.write(move |db| settle(db, address, agent)).await
    }
}

/// All pins, by address.
pub(in crate::store) fn all(db: &Connection) -> Result<Vec<Pin>, Error> {
    let mut list = db.prepare_cached("SELECT * FROM pins ORDER BY address")?;
    let rows = list.query_map((), Pin::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The agent that an address is pinned to.
pub(in crate::store) fn holder(db: &Connection, address: &[u8; 6]) -> Result<Option<[u8; 32]>, Error> {
    let mut find = db.prepare_cached("SELECT agent FROM pins WHERE address = ?1")?;
    Ok(find.query_row([address], |row| row.get(0)).optional()?)
}

/// Pins an address that is pinned to nobody else. The oldest pin of the same agent makes room.
pub(in crate::store) fn pin(db: &Connection, pin: &Pin) -> Result<(), Error> {
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO pins (address, agent, since) VALUES (?1, ?2, ?3)")?;
    insert.execute((pin.address, pin.agent, int(pin.since_ms)))?;
    let mut trim = db.prepare_cached(
        "DELETE FROM pins WHERE address IN (
             SELECT address FROM pins WHERE agent = ?1 AND address <> ?2
             ORDER BY since DESC, address LIMIT -1 OFFSET ?3)",
    )?;
    trim.execute((pin.agent, pin.address, PINS_OF_ONE as i64 - 1))?;
    Ok(())
}

fn add_conflict(db: &Connection, conflict: &PinConflict) -> Result<bool, Error> {
    let mut seen = db.prepare_cached("SELECT 1 FROM pin_conflicts WHERE address = ?1 AND agent = ?2")?;
    let new = !seen.exists((conflict.address, conflict.agent))?;
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO pin_conflicts (address, agent, seen_at, name) VALUES (?1, ?2, ?3, ?4)",
    )?;
    put.execute((conflict.address, conflict.agent, int(conflict.seen_at_ms), &conflict.name))?;
    let mut trim = db.prepare_cached(
        "DELETE FROM pin_conflicts WHERE (address, agent) IN (
             SELECT address, agent FROM pin_conflicts WHERE NOT (address = ?1 AND agent = ?2)
             ORDER BY seen_at DESC LIMIT -1 OFFSET ?3)",
    )?;
    trim.execute((conflict.address, conflict.agent, MAX_CONFLICTS as i64 - 1))?;
    Ok(new)
}

fn settle(db: &Connection, address: [u8; 6], agent: [u8; 32]) -> Result<(), PinError> {
    let mut held = db.prepare_cached(
        "SELECT agent, coalesce(alias, name) FROM contacts WHERE address = ?1 AND agent <> ?2",
    )?;
    let held = held.query_row((address, agent), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((holder, name)) = held {
        return Err(PinError::Held { holder, name });
    }
    if holder(db, &address)? != Some(agent) {
        let mut claim = db.prepare_cached(
            "INSERT OR REPLACE INTO pins (address, agent, since)
             SELECT address, agent, seen_at FROM pin_conflicts WHERE address = ?1 AND agent = ?2",
        )?;
        if claim.execute((address, agent))? == 0 {
            return Err(PinError::NoClaim);
        }
    }
    db.prepare_cached("DELETE FROM pin_conflicts WHERE address = ?1")?.execute([address])?;
    Ok(())
}
