//! A look into a database from outside, whether or not a daemon has it open. Changes nothing in it.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, Carried, CarriedMesh, Error, contacts, inbox, mesh, migrate, reserve, trust};

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

    /// All that an agent takes along of its trust when it moves, from one state of the database. Contacts are all that
    /// there is in one that no program of the present has opened yet.
    pub(crate) fn trust(&self) -> Result<Carried, Error> {
        let state = self.0.unchecked_transaction()?;
        let contacts = contacts::all(&state)?;
        if migrate::version(&state)? < trust::SINCE_VERSION {
            return Ok(Carried { contacts, ..Carried::default() });
        }
        Ok(Carried { contacts, relations: trust::carried(&state)?, pins: trust::all_pins(&state)? })
    }

    /// All that it takes along of its network.
    pub(crate) fn mesh(&self) -> Result<CarriedMesh, Error> {
        let state = self.0.unchecked_transaction()?;
        if migrate::version(&state)? < mesh::SINCE_VERSION {
            return Ok(CarriedMesh::default());
        }
        mesh::carried(&state)
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
