//! Adding a contact, or refreshing what is known of one.

use data_encoding::HEXLOWER;
use libp2p::Multiaddr;
use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{Error, Store, sql::int},
    multiaddrs_json,
};

/// An agent to be trusted.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// The agent.
    pub agent: [u8; 32],
    /// Its Ed25519 public key.
    pub public_key: [u8; 32],
    /// Its address.
    pub address: [u8; 6],
    /// What it calls itself.
    pub name: Option<String>,
    /// Where it can be reached.
    pub multiaddrs: Vec<Multiaddr>,
    /// The present, in milliseconds since 1970.
    pub trusted_at_ms: u64,
}

/// Why an agent was not added to the contacts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddContactError {
    /// Its address belongs to another contact: an accident, or somebody who wants to be taken for it.
    #[error("the address is already that of the contact {}", label(.name.as_deref(), .holder))]
    AddressConflict {
        /// The contact that has the address.
        holder: [u8; 32],
        /// The alias of that contact, or what it calls itself.
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
                "ask its owner by other means who it is; to trust it instead, remove that contact first"
                    .into(),
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
pub(super) fn label(name: Option<&str>, agent: &[u8; 32]) -> String {
    name.map_or_else(|| HEXLOWER.encode(agent), ToOwned::to_owned)
}

impl Store {
    /// Trusts an agent. If it is a contact already, its name, address and multiaddrs are brought up to date;
    /// alias, time of trust and last use stay.
    ///
    /// # Errors
    ///
    /// [`AddContactError`] if it might be another agent than it seems; then nothing has changed.
    pub async fn contact_add(&self, contact: NewContact) -> Result<(), AddContactError> {
        self.write(move |db| add(db, &contact)).await
    }
}

fn add(db: &Connection, contact: &NewContact) -> Result<(), AddContactError> {
    let mut pinned = db.prepare_cached(
        "SELECT agent, coalesce(alias, name) FROM contacts WHERE address = ?1 AND agent <> ?2",
    )?;
    let pinned = pinned
        .query_row((contact.address, contact.agent), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((holder, name)) = pinned {
        return Err(AddContactError::AddressConflict { holder, name });
    }
    // The condition on the key makes a changed one update nothing.
    let mut upsert = db.prepare_cached(
        "INSERT INTO contacts (agent, public_key, address, name, multiaddrs, trusted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (agent) DO UPDATE SET
             address = excluded.address, name = excluded.name, multiaddrs = excluded.multiaddrs
         WHERE public_key = excluded.public_key",
    )?;
    let changed = upsert.execute((
        contact.agent,
        contact.public_key,
        contact.address,
        &contact.name,
        multiaddrs_json(&contact.multiaddrs),
        int(contact.trusted_at_ms),
    ))?;
    if changed == 0 { Err(AddContactError::KeyConflict) } else { Ok(()) }
}
