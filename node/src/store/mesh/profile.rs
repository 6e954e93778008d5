//! What the agent lets others find it by.

use rusqlite::{Connection, OptionalExtension, Row, types::Type};

use super::super::{Error, Store};

/// The name and the tags that the owner gave the agent while it ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What it calls itself.
    pub name: Option<String>,
    /// What it can do.
    pub tags: Vec<String>,
}

impl Profile {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let index = row.as_ref().column_index("tags")?;
        let failed = |error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error);
        let tags =
            serde_json::from_str(&row.get::<_, String>(index)?).map_err(|error| failed(error.into()))?;
        Ok(Self { name: row.get("name")?, tags })
    }
}

impl Store {
    /// Name and tags, as they were set last; nothing if they never were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn profile(&self) -> Result<Profile, Error> {
        self.read(find).await
    }

    /// Sets name and tags.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_profile(&self, profile: Profile) -> Result<(), Error> {
        self.write(move |db| put(db, &profile)).await
    }
}

/// Name and tags.
pub(in crate::store) fn find(db: &Connection) -> Result<Profile, Error> {
    let mut find = db.prepare_cached("SELECT name, tags FROM profile")?;
    Ok(find.query_row((), Profile::from_row).optional()?.unwrap_or_default())
}

/// Writes name and tags over those before.
pub(in crate::store) fn put(db: &Connection, profile: &Profile) -> Result<(), Error> {
    let tags: serde_json::Value = profile.tags.iter().map(String::as_str).collect();
    let mut put =
        db.prepare_cached("INSERT OR REPLACE INTO profile (only, name, tags) VALUES (0, ?1, ?2)")?;
    put.execute((&profile.name, tags.to_string()))?;
    Ok(())
}
