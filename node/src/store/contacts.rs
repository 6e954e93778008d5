//! The agents trusted here, as edited by the owner of this home.
//!
//! An address is pinned to the agent that first had it, as `known_hosts` pins a key to a host: an address is
//! short enough to be forged, and nothing that presents one takes the place of a contact.

mod add;
mod alias;
mod edit;
mod restore;

use libp2p::Multiaddr;
use rusqlite::{Connection, Row, types::Type};

pub(super) use self::add::{add, label, remove};
pub(crate) use self::restore::Carried;
pub use self::{add::AddContactError, alias::AliasError, edit::NewContact};
use super::{
    Error, Store,
    sql::{int, uint, uint_opt},
};

/// An agent trusted here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The agent, for life.
    pub agent: [u8; 32],
    /// Its Ed25519 public key.
    pub public_key: [u8; 32],
    /// Its address: network number and node number, big-endian.
    pub address: [u8; 6],
    /// What it calls itself.
    pub name: Option<String>,
    /// What the owner of this home calls it; unique here, whatever the case of its letters.
    pub alias: Option<String>,
    /// Where it was last known to be reached.
    pub multiaddrs: Vec<Multiaddr>,
    /// Since when it is trusted, in milliseconds since 1970.
    pub trusted_at_ms: u64,
    /// When it was last spoken with, in milliseconds since 1970.
    pub last_used_ms: Option<u64>,
}

impl Contact {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            agent: row.get("agent")?,
            public_key: row.get("public_key")?,
            address: row.get("address")?,
            name: row.get("name")?,
            alias: row.get("alias")?,
            multiaddrs: multiaddrs(row)?,
            trusted_at_ms: uint(row, "trusted_at")?,
            last_used_ms: uint_opt(row, "last_used")?,
        })
    }
}

/// Reads the list of addresses, kept as a JSON array of texts so that it can be read with SQL too.
pub(super) fn multiaddrs(row: &Row<'_>) -> rusqlite::Result<Vec<Multiaddr>> {
    let index = row.as_ref().column_index("multiaddrs")?;
    let failed = |error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error);
    let texts: Vec<String> =
        serde_json::from_str(&row.get::<_, String>(index)?).map_err(|error| failed(error.into()))?;
    texts
        .iter()
        .map(|text| text.parse().map_err(|error: libp2p::multiaddr::Error| failed(error.into())))
        .collect()
}

/// The reverse of [`multiaddrs`].
pub(super) fn multiaddrs_json(addresses: &[Multiaddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<serde_json::Value>().to_string()
}

/// All contacts, oldest first.
pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<Contact>> {
    let mut statement = db.prepare_cached("SELECT * FROM contacts ORDER BY trusted_at, agent")?;
    statement.query_map((), Contact::from_row)?.collect()
}

impl Store {
    /// All contacts, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn contacts_list(&self) -> Result<Vec<Contact>, Error> {
        self.read(|db| Ok(all(db)?)).await
    }

    /// Replaces where a contact is known to be reached. Returns whether there is such a contact.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn contact_set_multiaddrs(
        &self,
        agent: [u8; 32],
        multiaddrs: Vec<Multiaddr>,
    ) -> Result<bool, Error> {
        self.write(move |db| {
            let multiaddrs = multiaddrs_json(&multiaddrs);
            let mut update = db.prepare_cached("UPDATE contacts SET multiaddrs = ?2 WHERE agent = ?1")?;
            let found = update.execute((agent, &multiaddrs))? > 0;
            if found {
                // Where it hears of the end of the trust, among others.
                db.prepare_cached("UPDATE relations SET multiaddrs = ?2 WHERE agent = ?1")?
                    .execute((agent, &multiaddrs))?;
            }
            Ok(found)
        })
        .await
    }

    /// Notes that a contact was spoken with at `now_ms`, in milliseconds since 1970; an earlier time than the
    /// one noted changes nothing. Returns whether there is such a contact.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn contact_used(&self, agent: [u8; 32], now_ms: u64) -> Result<bool, Error> {
        self.write(move |db| {
            let mut update = db.prepare_cached(
                "UPDATE contacts SET last_used = max(coalesce(last_used, 0), ?2) WHERE agent = ?1",
            )?;
            Ok(update.execute((agent, int(now_ms)))? > 0)
        })
        .await
    }
}
