//! Members of the network that were met.

use rusqlite::{Connection, Row};

use super::super::{
    Error, Store,
    sql::{int, uint},
};

/// Members remembered over a restart: enough to find the network again where most of them have gone. Those seen longest
/// ago make room, and those who only use the DHT before those who serve it.
pub const MAX_MESH_PEERS: usize = 256;

/// A member of the network that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeshPeer {
    /// Its card, with its addresses of then.
    pub card: Vec<u8>,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// It serves the DHT.
    pub serves: bool,
    /// It is a relay for members.
    pub relay: bool,
    /// When it was last met, in milliseconds since 1970.
    pub seen_ms: u64,
}

impl MeshPeer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            card: row.get("card")?,
            certificate: row.get("certificate")?,
            serves: row.get("serves")?,
            relay: row.get("relay")?,
            seen_ms: uint(row, "seen_at")?,
        })
    }
}

impl Store {
    /// Remembers a member, in place of what was known of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn mesh_peer_put(&self, agent: [u8; 32], peer: MeshPeer) -> Result<(), Error> {
        self.write(move |db| put(db, &agent, &peer)).await
    }

    /// The members that are remembered, those met last first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn mesh_peers(&self) -> Result<Vec<MeshPeer>, Error> {
        self.read(|db| {
            let mut list = db.prepare_cached("SELECT * FROM mesh_peers ORDER BY seen_at DESC, agent")?;
            let rows = list.query_map((), MeshPeer::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn put(db: &Connection, agent: &[u8; 32], peer: &MeshPeer) -> Result<(), Error> {
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO mesh_peers (agent, card, certificate, serves, relay, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    put.execute((agent, &peer.card, &peer.certificate, peer.serves, peer.relay, int(peer.seen_ms)))?;
    let mut trim = db.prepare_cached(
        "DELETE FROM mesh_peers WHERE agent IN (
             SELECT agent FROM mesh_peers ORDER BY serves DESC, seen_at DESC, agent LIMIT -1 OFFSET ?1)",
    )?;
    trim.execute([MAX_MESH_PEERS as i64])?;
    Ok(())
}
