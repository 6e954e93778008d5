//! Adding a contact, or refreshing what is known of one.

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{Error, Pin, Relation, sql::int, trust::pin},
    multiaddrs_json,
};

/// Why an agent was not added to the contacts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddContactError {
    /// Its address belongs to another agent, which is or was a contact: an accident, or somebody who wants to be taken
    /// for it.
    #[error("the address is already that of {}", label(.name.as_deref(), .holder))]
    AddressConflict {
        /// The address.
        address: [u8; 6],
        /// The agent that has the address.
        holder: [u8; 32],
        /// Its alias, or what it calls itself.
        name: Option<String>,
    },
    /// The agent is a contact already, with another key. Keys do not change without proof.
    #[error("the agent is a contact already, with another public key")]
    KeyConflict,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl AddContactError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::AddressConflict { .. } => Some(
                "ask its owner by other means who it is, then settle which of the two has the address".into(),
            ),
            Self::KeyConflict => {
                Some("ask its owner for a new card; if that is right, remove the contact first".into())
            }
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for AddContactError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A contact for an error message: the name if it has one, or else the agent in hexadecimal.
pub(in crate::store) fn label(name: Option<&str>, agent: &[u8; 32]) -> String {
    name.map_or_else(|| HEXLOWER.encode(agent), ToOwned::to_owned)
}

/// Makes a contact of an agent, or brings it up to date. Its address is pinned to it. An alias that another contact has
/// is left out; without one, the contact keeps what it has.
pub(in crate::store) fn add(db: &Connection, relation: &Relation) -> Result<(), AddContactError> {
    check_address(db, relation)?;
    let mut taken = db.prepare_cached("SELECT 1 FROM contacts WHERE alias = ?1 AND agent <> ?2")?;
    let alias_is_free = !taken.exists((&relation.alias, relation.agent))?;
    // The condition on the key makes a changed one update nothing.
    let mut upsert = db.prepare_cached(
        "INSERT INTO contacts (agent, public_key, address, name, alias, multiaddrs, trusted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (agent) DO UPDATE SET
             address = excluded.address, name = excluded.name, alias = coalesce(excluded.alias, alias),
             multiaddrs = excluded.multiaddrs, trusted_at = excluded.trusted_at
         WHERE public_key = excluded.public_key",
    )?;
    let changed = upsert.execute((
        relation.agent,
        relation.public_key,
        relation.address,
        &relation.name,
        relation.alias.as_ref().filter(|_| alias_is_free),
        multiaddrs_json(&relation.multiaddrs),
        int(relation.since_ms),
    ))?;
    if changed == 0 {
        return Err(AddContactError::KeyConflict);
    }
    pin(db, &Pin { address: relation.address, agent: relation.agent, since_ms: relation.since_ms })?;
    Ok(())
}

/// Ends a contact, and frees its alias; its address stays pinned to it. Returns whether there was one.
pub(in crate::store) fn remove(db: &Connection, agent: &[u8; 32]) -> Result<bool, Error> {
    Ok(db.prepare_cached("DELETE FROM contacts WHERE agent = ?1")?.execute([agent])? > 0)
}

/// Refuses an address that another agent has, as a contact or by a pin.
fn check_address(db: &Connection, relation: &Relation) -> Result<(), AddContactError> {
    let mut find = db.prepare_cached(
        "SELECT agent, coalesce((SELECT coalesce(alias, name) FROM contacts WHERE contacts.agent = held.agent),
                                (SELECT name FROM relations WHERE relations.agent = held.agent))
         FROM (SELECT agent FROM contacts WHERE address = ?1 UNION ALL
               SELECT agent FROM pins WHERE address = ?1) AS held
         WHERE agent <> ?2 LIMIT 1",
    )?;
    let values = (relation.address, relation.agent);
    match find.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()? {
        Some((holder, name)) => {
            Err(AddContactError::AddressConflict { address: relation.address, holder, name })
        }
        None => Ok(()),
    }
}
