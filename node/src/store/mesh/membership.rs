//! Our own place in a network.

use libp2p::Multiaddr;
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{
    Error, Store,
    contacts::{multiaddrs, multiaddrs_json},
    free::Cut,
    sql::{int, uint},
};
use crate::crash::{self, Place};

/// The network that this home belongs to, and what makes us a member of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// What the network is.
    pub genesis: Vec<u8>,
    /// The certificate that we show.
    pub certificate: Vec<u8>,
    /// The newest list of those expelled, if there is one.
    pub revocations: Option<Vec<u8>>,
    /// The version of that list, 0 if there is none.
    pub revocations_version: u64,
    /// The card of who let us in; `None` if we made the network.
    pub inviter: Option<Vec<u8>>,
    /// Where to begin to look for other members; each with its peer id.
    pub bootstraps: Vec<Multiaddr>,
    /// We are a member for as long as we run.
    pub ephemeral: bool,
    /// Since when, in milliseconds since 1970.
    pub joined_ms: u64,
}

impl Membership {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            genesis: row.get("genesis")?,
            certificate: row.get("certificate")?,
            revocations: row.get("revocations")?,
            revocations_version: uint(row, "revocations_version")?,
            inviter: row.get("inviter")?,
            bootstraps: multiaddrs(row)?,
            ephemeral: row.get("ephemeral")?,
            joined_ms: uint(row, "joined_at")?,
        })
    }
}

impl Store {
    /// The network that this home belongs to; `None` is the open backbone.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn membership(&self) -> Result<Option<Membership>, Error> {
        self.read(find).await
    }

    /// Makes this home belong to a network, and forgets the invites, certificates and members of the one before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then the home belongs where it did.
    pub async fn membership_enter(&self, membership: Membership) -> Result<(), Error> {
        self.write(move |db| {
            forget(db)?;
            crash::point(Place::HalfEntered);
            put(db, &membership)
        })
        .await
    }

    /// Makes this home belong to the open backbone again, and forgets all that belonged to the network. Works on a full
    /// disk, too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then the home belongs where it did.
    pub async fn membership_leave(&self) -> Result<(), Error> {
        self.free(Cut::Few, |db| {
            forget(db)?;
            crash::point(Place::HalfLeft);
            Ok(())
        })
        .await
    }

    /// Puts a newer certificate in the place of ours. Returns whether we are in a network. Works on a full disk, too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn membership_set_certificate(&self, certificate: Vec<u8>) -> Result<bool, Error> {
        self.free(Cut::Few, move |db| {
            let mut update = db.prepare_cached("UPDATE membership SET certificate = ?1")?;
            Ok(update.execute([&certificate])? > 0)
        })
        .await
    }

    /// Keeps a list of those expelled, if it is newer than the one that there is; returns whether it is. Works on a full
    /// disk, too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn membership_set_revocations(&self, list: Vec<u8>, version: u64) -> Result<bool, Error> {
        self.free(Cut::Few, move |db| {
            let mut update = db.prepare_cached(
                "UPDATE membership SET revocations = ?1, revocations_version = ?2
                 WHERE revocations_version < ?2",
            )?;
            Ok(update.execute((&list, int(version)))? > 0)
        })
        .await
    }
}

/// Our place in a network.
pub(in crate::store) fn find(db: &Connection) -> Result<Option<Membership>, Error> {
    let mut find = db.prepare_cached("SELECT * FROM membership")?;
    Ok(find.query_row((), Membership::from_row).optional()?)
}

/// Writes our place in a network, where there is none.
pub(in crate::store) fn put(db: &Connection, membership: &Membership) -> Result<(), Error> {
    let mut insert = db.prepare_cached(
        "INSERT INTO membership (only, genesis, certificate, revocations, revocations_version, inviter, multiaddrs,
             ephemeral, joined_at)
         VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute((
        &membership.genesis,
        &membership.certificate,
        &membership.revocations,
        int(membership.revocations_version),
        &membership.inviter,
        multiaddrs_json(&membership.bootstraps),
        membership.ephemeral,
        int(membership.joined_ms),
    ))?;
    Ok(())
}

fn forget(db: &Connection) -> Result<(), Error> {
    for table in ["membership", "invites", "issued", "mesh_peers"] {
        db.prepare_cached(&format!("DELETE FROM {table}"))?.execute(())?;
    }
    Ok(())
}
