//! Names that the owner of a home gives to contacts.

use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{Error, Store},
    add::label,
};

/// Why a contact did not get an alias.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AliasError {
    /// There is no such contact.
    #[error("no such contact")]
    NoContact,
    /// Another contact has the alias.
    #[error("the alias {alias:?} belongs to {}", label(.name.as_deref(), .holder))]
    Taken {
        /// The alias as that contact has it.
        alias: String,
        /// The contact that has it.
        holder: [u8; 32],
        /// What that contact calls itself.
        name: Option<String>,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl AliasError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoContact => Some("list the contacts to see who is trusted".into()),
            Self::Taken { .. } => Some("choose another alias, or take it from that contact first".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for AliasError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Gives a contact an alias, or takes it away with `None`.
    ///
    /// # Errors
    ///
    /// [`AliasError`]; then nothing has changed.
    pub async fn contact_set_alias(&self, agent: [u8; 32], alias: Option<String>) -> Result<(), AliasError> {
        self.write(move |db| set(db, agent, alias.as_deref())).await
    }
}

fn set(db: &Connection, agent: [u8; 32], alias: Option<&str>) -> Result<(), AliasError> {
    let mut taken =
        db.prepare_cached("SELECT alias, agent, name FROM contacts WHERE alias = ?1 AND agent <> ?2")?;
    let taken =
        taken.query_row((alias, agent), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    if let Some((alias, holder, name)) = taken {
        return Err(AliasError::Taken { alias, holder, name });
    }
    let mut update = db.prepare_cached("UPDATE contacts SET alias = ?2 WHERE agent = ?1")?;
    if update.execute((agent, alias))? == 0 { Err(AliasError::NoContact) } else { Ok(()) }
}
