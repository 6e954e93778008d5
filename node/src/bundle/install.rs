//! Makes a home of a bundle, whole or not at all.
//!
//! The key is the last file to appear, and a marker stands in the home until then. A home with the marker and
//! without the key was interrupted: whatever the import had put there is taken away again. The marker holds the
//! settings that the import writes, to tell them from settings that the owner has written since.

use std::{fs, io, path::Path};

use super::{Bundle, Error};
use crate::{
    file::{self, Existing},
    home::Home,
    identity::{self, Identity},
    places::Places,
    store::Store,
};

impl Bundle {
    /// Whether a bundle may be imported into this home; touches nothing.
    pub(crate) fn check_room(home: &Home) -> Result<(), Error> {
        match Identity::load(&home.identity()) {
            Ok(there) => {
                Err(Error::Taken { home: home.root().to_owned(), address: there.endpoint()?.to_string() })
            }
            Err(identity::Error::Missing { .. }) if interrupted(home) => Ok(()),
            Err(identity::Error::Missing { .. }) if home.database().exists() || home.authority().exists() => {
                Err(Error::Used { home: home.root().to_owned() })
            }
            Err(identity::Error::Missing { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Moves in. The home is created if it is not there, and holds the agent when this returns.
    pub(crate) async fn install(&self, home: &Home) -> Result<(), Error> {
        let home = Home::open(home.root())?;
        let _lock = home.lock()?;
        match Self::check_room(&home) {
            Err(Error::Taken { home, address }) if address == self.identity.endpoint()?.to_string() => {
                return Err(Error::Same { home, address });
            }
            checked => checked?,
        }
        undo(&home)?;
        let moved = self.move_in(&home).await;
        if moved.is_err()
            && let Err(error) = undo(&home)
        {
            tracing::warn!(%error, "the import was not undone; the next start does it");
        }
        moved
    }

    async fn move_in(&self, home: &Home) -> Result<(), Error> {
        let config = self.config().filter(|_| !home.config().exists());
        write(&home.import_marker(), config.as_deref().unwrap_or_default())?;
        let store = Store::open(&home.database())?;
        let mut restored = store.contacts_restore(self.trust.clone()).await;
        if restored.is_ok() {
            restored = store.mesh_restore(self.mesh.clone()).await;
        }
        store.close().await;
        restored?;
        if let Some(authority) = &self.authority {
            authority.save(home)?;
        }
        let mut places =
            Places { name: self.name.clone(), current: self.multiaddrs.clone(), former: Vec::new() };
        places.move_to(Vec::new());
        places.store(home).map_err(|source| Error::Write { path: home.places(), source })?;
        if let Some(config) = config {
            write(&home.config(), &config)?;
        }
        let key = home.identity();
        self.identity.store(&key).map_err(|source| Error::Write { path: key, source })?;
        remove(&home.import_marker())
    }

    /// The settings that travel: the name alone.
    fn config(&self) -> Option<String> {
        self.name.as_ref().map(|name| format!("name = \"{name}\"\n"))
    }
}

/// Settles what an interrupted import left in a home whose lock the caller holds.
///
/// # Errors
///
/// [`Error::Interrupted`] if there was something to undo: the owner meant to have another agent here.
pub(crate) fn recover(home: &Home) -> Result<(), Error> {
    if !interrupted(home) {
        return Ok(());
    }
    let complete = home.identity().exists();
    undo(home)?;
    if complete { Ok(()) } else { Err(Error::Interrupted { home: home.root().to_owned() }) }
}

fn interrupted(home: &Home) -> bool {
    home.import_marker().exists()
}

/// Takes away what an import left that did not come as far as the key, and then the marker.
fn undo(home: &Home) -> Result<(), Error> {
    if !interrupted(home) {
        return Ok(());
    }
    if !home.identity().exists() {
        let ours = fs::read_to_string(home.import_marker()).unwrap_or_default();
        let config = Some(home.config())
            .filter(|config| !ours.is_empty() && fs::read_to_string(config).is_ok_and(|found| found == ours));
        for path in home.database_files().into_iter().chain([home.places(), home.authority()]).chain(config) {
            remove(&path)?;
        }
    }
    remove(&home.import_marker())
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    file::write_private(path, &[text.as_bytes()], Existing::Replace)
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Removes a file, which may be gone already.
fn remove(path: &Path) -> Result<(), Error> {
    let directory = path.parent().unwrap_or(Path::new("."));
    match fs::remove_file(path).and_then(|()| file::sync_directory(directory)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
