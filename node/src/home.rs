//! The home of one agent: the directory that holds its key, settings, database, lock and socket.
//!
//! Every path is named here and nowhere else. A home serves one daemon at a time ([`Home::lock`]) and belongs
//! to the user who runs it: nobody else may write to it, since whoever can rename files in it can replace the
//! identity key.

mod error;
mod lock;

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use airway_protocols::network::NetworkId;
use etcetera::BaseStrategy;

pub use self::{error::Error, lock::Lock};

/// Permissions of the directories made here: they hold secrets and a socket that commands the agent.
const PRIVATE_DIR: u32 = 0o700;
/// Digits of the id of a network that tell its file from those of others: 64 bits.
const FORMER: usize = 16;
/// Write permission for anybody but the owner.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Any permission for anybody but the owner.
const OPEN_TO_OTHERS: u32 = 0o077;

/// Where the files of one agent are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home used when nothing else is said: `$XDG_DATA_HOME/airway`, or `~/.local/share/airway`.
    ///
    /// # Errors
    ///
    /// [`Error::NoDefault`] if the home directory of the user is unknown.
    pub fn default_path() -> Result<PathBuf, Error> {
        let directories = etcetera::choose_base_strategy().map_err(|_| Error::NoDefault)?;
        Ok(directories.data_dir().join("airway"))
    }

    /// Names the paths of the home at `root` without touching the disk, for a client that only talks to the
    /// daemon. A relative `root` is taken from the current directory once, so that a later change of
    /// directory does no harm.
    pub fn at(root: impl AsRef<Path>) -> Self {
        let root = root.as_ref();
        Self { root: std::path::absolute(root).unwrap_or_else(|_| root.to_owned()) }
    }

    /// Opens the home at `root`, creating it for its owner alone (0700) if it is missing.
    ///
    /// An existing directory is checked and never changed: see [`Home::warning`] for what is tolerated.
    ///
    /// # Errors
    ///
    /// One variant of [`Error`] for each reason why the directory cannot serve.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, Error> {
        let home = Self::at(root);
        let path = &home.root;
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => return Err(Error::NotADirectory { path: path.clone() }),
            Ok(_) => {}
            Err(source) if source.kind() == io::ErrorKind::NotFound => create_private(path)?,
            Err(source) => return Err(Error::from_io(path, source)),
        }
        fs::read_dir(path).map_err(|source| Error::from_io(path, source))?;
        let metadata = fs::metadata(path).map_err(|source| Error::from_io(path, source))?;
        // A file made by this process tells its user id without a system call of our own, and that the
        // directory can be written to. It has no name, so nothing is left behind.
        let probe = tempfile::tempfile_in(path).and_then(|file| file.metadata());
        let us = probe.map_err(|source| Error::from_io(path, source))?.uid();
        if metadata.uid() != us {
            return Err(Error::NotOurs { path: path.clone(), owner: metadata.uid(), us });
        }
        if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
            return Err(Error::OpenToOthers { path: path.clone(), mode: metadata.mode() & 0o7777 });
        }
        Ok(home)
    }

    /// What the owner should know although it stops nothing: other users can look into the home.
    ///
    /// The key, the database and the socket are closed to them by their own permissions.
    pub fn warning(&self) -> Option<String> {
        let mode = fs::metadata(&self.root).ok()?.mode() & 0o777;
        let path = self.root.display();
        (mode & OPEN_TO_OTHERS != 0)
            .then(|| format!("{path} is open to other users (mode {mode:o}): run chmod 700 {path}"))
    }

    /// Takes the home for this process, until the returned [`Lock`] is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] if another process has it.
    pub fn lock(&self) -> Result<Lock, Error> {
        Lock::take(self)
    }

    /// Whether another process has the home, and which, if it has said so. Does not take the home.
    pub(crate) fn holder(&self) -> Option<Option<u32>> {
        lock::holder(self)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private key of the agent.
    pub fn identity(&self) -> PathBuf {
        self.root.join("identity.key")
    }

    /// The private key of the authority of a network that was made here.
    pub fn authority(&self) -> PathBuf {
        self.root.join("authority.key")
    }

    /// The same of a network that this home has left, once another one has taken its place.
    pub(crate) fn former_authority(&self, network: &NetworkId) -> PathBuf {
        let id = network.to_string();
        self.root.join(format!("authority-{}.key", id.get(..FORMER).unwrap_or(&id)))
    }

    /// The settings, written by the owner.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("airway.db")
    }

    /// The database and all that SQLite and the store lay beside it.
    pub(crate) fn database_files(&self) -> [PathBuf; 4] {
        ["airway.db", "airway.db-wal", "airway.db-shm", "airway.reserve"].map(|name| self.root.join(name))
    }

    /// The directory of received files.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    /// The directory of files that go with tasks.
    pub fn tasks(&self) -> PathBuf {
        self.root.join("tasks")
    }

    /// The file whose lock says that a daemon runs here.
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("airway.lock")
    }

    /// The directory of the socket: 0700, whatever the permissions of the home.
    pub fn run_dir(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The socket on which the daemon takes commands.
    pub fn socket(&self) -> PathBuf {
        self.run_dir().join("api.sock")
    }

    /// Where the agent is, and was before.
    pub fn places(&self) -> PathBuf {
        self.root.join("places.json")
    }

    /// Marks that an import is under way, or was when it was interrupted.
    pub fn import_marker(&self) -> PathBuf {
        self.root.join("import.partial")
    }

    /// The log of a daemon in the background.
    pub fn log(&self) -> PathBuf {
        self.root.join("airway.log")
    }
}

/// Creates `path` and what is missing above it, for the owner alone.
fn create_private(path: &Path) -> Result<(), Error> {
    let created = fs::DirBuilder::new().recursive(true).mode(PRIVATE_DIR).create(path);
    created.map_err(|source| Error::from_io(path, source))
}

#[cfg(test)]
mod tests;
