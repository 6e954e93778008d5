//! Our place in a network as it was in another home.

use rusqlite::Connection;

use super::{
    super::{Error, Store, meta},
    IssuedRow, Membership, Profile, issued, membership, profile,
};

/// All that an agent takes along of its network when it moves. Invites stay behind: whoever has one would look for the
/// agent where it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CarriedMesh {
    /// When its newest claim was made, in milliseconds since 1970; 0 if there was none.
    pub(crate) claimed_ms: u64,
    /// How often its broker of events has started.
    pub(crate) event_epoch: u64,
    /// What it lets others find it by.
    pub(crate) profile: Profile,
    /// Its place in the network; `None` on the backbone.
    pub(crate) membership: Option<Membership>,
    /// The certificates that it gave out.
    pub(crate) issued: Vec<IssuedRow>,
}

impl Store {
    /// Takes in all of it, in one step: all or none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails, or there is a network already.
    pub(crate) async fn mesh_restore(&self, carried: CarriedMesh) -> Result<(), Error> {
        self.write(move |db| {
            meta::set_last_claim(db, carried.claimed_ms)?;
            meta::set_last_event_epoch(db, carried.event_epoch)?;
            profile::put(db, &carried.profile)?;
            if let Some(place) = &carried.membership {
                membership::put(db, place)?;
            }
            carried.issued.iter().try_for_each(|row| issued::put(db, row))
        })
        .await
    }
}

/// What there is to take along.
pub(in crate::store) fn carried(db: &Connection) -> Result<CarriedMesh, Error> {
    Ok(CarriedMesh {
        claimed_ms: meta::last_claim(db)?,
        event_epoch: meta::last_event_epoch(db)?,
        profile: profile::find(db)?,
        membership: membership::find(db)?,
        issued: issued::all(db)?,
    })
}
