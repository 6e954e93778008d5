//! Contacts as they were in another home.

use super::{
    super::{Error, Store, sql::int},
    Contact, multiaddrs_json,
};

impl Store {
    /// Takes in contacts with all that was known of them, in one step: all or none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails, or two of them have the same address or alias.
    pub(crate) async fn contacts_restore(&self, contacts: Vec<Contact>) -> Result<(), Error> {
        self.write(move |db| {
            let mut insert = db.prepare_cached(
                "INSERT INTO contacts
                 (agent, public_key, address, name, alias, multiaddrs, trusted_at, last_used)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for contact in &contacts {
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
            }
            Ok(())
        })
        .await
    }
}
