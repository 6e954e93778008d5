//! Contacts, relations and pins as they were in another home.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{
    super::{
        Error, Pin, Relation, RelationState, Store,
        sql::int,
        trust::{pin, put},
    },
    Contact, multiaddrs_json,
};

/// All that an agent takes along of its trust when it moves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// Whoever is trusted.
    pub(crate) contacts: Vec<Contact>,
    /// Relations, those to the contacts among them.
    pub(crate) relations: Vec<Relation>,
    /// Whom addresses lead to.
    pub(crate) pins: Vec<Pin>,
}

impl Store {
    /// Takes in all of it with all that was known of them, in one step: all or none. Each contact is
    /// trusted, without bounds if there is no relation to it, and has its address pinned to it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails, or two contacts have the same address or alias.
    pub(crate) async fn contacts_restore(
        &self,
        Carried { contacts, relations, pins }: Carried,
    ) -> Result<(), Error> {
        self.write(move |db| {
            let mut all: HashMap<_, _> =
                relations.into_iter().map(|relation| (relation.agent, relation)).collect();
            for contact in &contacts {
                insert(db, contact)?;
                all.entry(contact.agent).or_insert_with(|| trusted(contact));
            }
            for relation in all.values() {
                put(db, relation)?;
            }
            let of_contacts = contacts.iter().map(|contact| Pin {
                address: contact.address,
                agent: contact.agent,
                since_ms: contact.trusted_at_ms,
            });
            for each in pins.into_iter().chain(of_contacts) {
                pin(db, &each)?;
            }
            Ok(())
        })
        .await
    }
}

/// What there is between us and a contact of which nothing else is known.
fn trusted(contact: &Contact) -> Relation {
    let Contact { agent, public_key, address, trusted_at_ms, .. } = *contact;
    Relation {
        state: RelationState::Trusted,
        name: contact.name.clone(),
        multiaddrs: contact.multiaddrs.clone(),
        ..Relation::stranger(agent, public_key, address, trusted_at_ms)
    }
}

fn insert(db: &Connection, contact: &Contact) -> Result<(), Error> {
    let mut insert = db.prepare_cached(
        "INSERT INTO contacts (agent, public_key, address, name, alias, multiaddrs, trusted_at, last_used)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute((
        contact.agent,
        contact.public_key,
        contact.address,
        &contact.name,
        &contact.alias,
        multiaddrs_json(&contact.multiaddrs),
        int(contact.trusted_at_ms),
        contact.last_used_ms.map(int),
    ))?;
    Ok(())
}
