//! Brings a database to the schema of this program, one version after the other.
//!
//! A version that was released is never edited: a change of the schema is a new entry in [`MIGRATIONS`].

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

/// Marks a SQLite file as ours: "AIRW" in ASCII.
const APPLICATION_ID: u32 = 0x4149_5257;

/// The statements that lead from each version to the next; version 0 is an empty file.
const MIGRATIONS: [&str; 5] = [
    include_str!("migrate/1.sql"),
    include_str!("migrate/2.sql"),
    include_str!("migrate/3.sql"),
    include_str!("migrate/4.sql"),
    include_str!("migrate/5.sql"),
];

/// The version of the schema that this program uses.
#[expect(clippy::cast_possible_truncation, reason = "a constant, and far below the limit")]
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Refuses, without changing it, a database that is not ours or not from our time.
pub(super) fn check(connection: &Connection) -> Result<(), Error> {
    let application_id: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = version(connection)?;
    let empty = !connection.prepare("SELECT 1 FROM sqlite_schema")?.exists(())?;
    if application_id != APPLICATION_ID && !(empty && application_id == 0 && version == 0) {
        return Err(Error::Foreign { application_id });
    }
    if version > VERSION {
        return Err(Error::Newer { found: version, known: VERSION });
    }
    Ok(())
}

/// Applies what is missing, each version in a transaction of its own.
pub(super) fn run(connection: &mut Connection) -> Result<(), Error> {
    for (version, statements) in (1..).zip(MIGRATIONS).skip(version(connection)? as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of the schema of a database.
pub(super) fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
