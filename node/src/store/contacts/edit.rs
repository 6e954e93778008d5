//! Contacts as the owner alone makes and ends them, without a word from the other side.

use libp2p::Multiaddr;

use super::{
    super::{
        AddContactError, Error, Relation, RelationState, Store,
        trust::{find, put},
    },
    add, remove,
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

impl Store {
    /// Trusts an agent. If it is a contact already, its name, address and multiaddrs are brought up to date;
    /// alias, time of trust and last use stay.
    ///
    /// # Errors
    ///
    /// [`AddContactError`] if it might be another agent than it seems; then nothing has changed.
    pub async fn contact_add(&self, contact: NewContact) -> Result<(), AddContactError> {
        self.write(move |db| {
            let NewContact { agent, public_key, address, name, multiaddrs, trusted_at_ms } = contact;
            let stranger = || Relation::stranger(agent, public_key, address, trusted_at_ms);
            let before = find(db, &agent)?.unwrap_or_else(stranger);
            let since_ms =
                if before.state == RelationState::Trusted { before.since_ms } else { trusted_at_ms };
            let state = RelationState::Trusted;
            let relation =
                Relation { state, public_key, address, name, multiaddrs, since_ms, alias: None, ..before };
            add(db, &relation)?;
            Ok(put(db, &relation)?)
        })
        .await
    }

    /// Removes a contact, and frees its alias. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then the contact is still there.
    pub async fn contact_remove(&self, agent: [u8; 32]) -> Result<bool, Error> {
        self.write(move |db| {
            if let Some(before) = find(db, &agent)? {
                put(db, &Relation { state: RelationState::Stranger, ..before })?;
            }
            remove(db, &agent)
        })
        .await
    }
}
