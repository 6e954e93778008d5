//! A look into a database from outside, whether or not a daemon has it open. Changes nothing in it.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, Contact, Error, contacts, inbox, migrate, reserve};

/// The last committed state of a database.
#[derive(Debug)]
pub(crate) struct Snapshot(Connection);

impl Snapshot {
    /// Opens the database at `path`; `None` if there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        if !path.try_exists().map_err(|source| Error::open(path, source))? {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        migrate::check(&connection)?;
        Ok(Some(Self(connection)))
    }

    /// All contacts, oldest first.
    pub(crate) fn contacts(&self) -> Result<Vec<Contact>, Error> {
        Ok(contacts::all(&self.0)?)
    }

    /// What the inbox takes of its quota, in bytes.
    pub(crate) fn inbox_bytes(&self) -> Result<u64, Error> {
        Ok(inbox::usage(&self.0)?)
    }

    /// Fails if the file is damaged. Reads all of it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let verdict: String = self.0.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
        if verdict == "ok" { Ok(()) } else { Err(Error::Corrupt) }
    }
}

/// Whether the room for clearing is set aside beside the database at `path`.
pub(crate) fn reserve_is_held(path: &Path) -> bool {
    fs::metadata(reserve::path(path)).is_ok_and(|found| found.len() == reserve::BYTES as u64)
}
