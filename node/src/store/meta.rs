//! Small facts that the node remembers about itself.

use rusqlite::{Connection, OptionalExtension};

use super::{Error, Store};

/// The port picked when the configuration says port 0.
const LISTEN_PORT: &str = "listen_port";
/// The number of the network that this home belongs to.
const NETWORK_NUMBER: &str = "network_number";

impl Store {
    /// The port that this node picked at its first start, if it has.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn listen_port(&self) -> Result<Option<u16>, Error> {
        self.read(|db| get(db, LISTEN_PORT)).await
    }

    /// Remembers the port to listen on from now on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_listen_port(&self, port: u16) -> Result<(), Error> {
        self.write(move |db| set(db, LISTEN_PORT, port)).await
    }

    /// The number of the network that this home belongs to, if it was ever set.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn network_number(&self) -> Result<Option<u16>, Error> {
        self.read(|db| get(db, NETWORK_NUMBER)).await
    }

    /// Makes this home part of the network `number`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_network_number(&self, number: u16) -> Result<(), Error> {
        self.write(move |db| set(db, NETWORK_NUMBER, number)).await
    }
}

fn get(db: &Connection, key: &str) -> Result<Option<u16>, Error> {
    let mut statement = db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

fn set(db: &Connection, key: &str, value: u16) -> Result<(), Error> {
    let mut statement = db.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?;
    statement.execute((key, value))?;
    Ok(())
}
