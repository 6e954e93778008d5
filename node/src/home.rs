//! The home of one agent: the directory that holds its key, settings, database, lock and socket.
//!
//! Every path is named here and nowhere else. A home serves one daemon at a time ([`Home::lock`]) and belongs
//! to the user who runs it: nobody else may write to it, since whoever can rename files in it can replace the
//! identity key.

mod lock;

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

pub use self::lock::Lock;

/// Permissions of the directories made here: they hold secrets and a socket that commands the agent.
const PRIVATE_DIR: u32 = 0o700;
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

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private key of the agent.
    pub fn identity(&self) -> PathBuf {
        self.root.join("identity.key")
    }

    /// The settings, written by the owner.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("airway.db")
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

/// Why a directory cannot serve as the home of an agent now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The user has no home directory to put ours in.
    #[error("no place for the home: the home directory of this user is unknown")]
    NoDefault,
    /// The path leads to something else, or through it.
    #[error("{} is not a directory", path.display())]
    NotADirectory {
        /// The path that was to be a directory.
        path: PathBuf,
    },
    /// We may not list it or write to it.
    #[error("no permission for {}", path.display())]
    Permission {
        /// What was denied.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// It lies on a filesystem mounted read-only.
    #[error("{} is on a read-only filesystem", path.display())]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
    },
    /// It belongs to another user, who could replace the key in it.
    #[error("{} belongs to user {owner}, and this process runs as user {us}", path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
        /// The user id of this process.
        us: u32,
    },
    /// Other users could replace the files in it, or connect to the socket in it.
    #[error("{} is open to other users (mode {mode:o})", path.display())]
    OpenToOthers {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A daemon already runs on this home.
    #[error("{} is in use{}", home.display(), holder(*pid))]
    InUse {
        /// The home.
        home: PathBuf,
        /// The process that holds it, if it has written its id.
        pid: Option<u32>,
    },
    /// The system takes no Unix socket at so long a path.
    #[error("socket path {} is {} bytes long, {limit} are possible", path.display(), path.as_os_str().len())]
    SocketPathTooLong {
        /// The path of the socket.
        path: PathBuf,
        /// The most bytes that a socket path may have.
        limit: usize,
    },
    /// Something that is not a socket lies where ours should be; it is not ours to delete.
    #[error("{} is in the way: it is not a socket", path.display())]
    SocketInTheWay {
        /// The path of the socket.
        path: PathBuf,
    },
    /// The system refused for another reason.
    #[error("cannot use {}", path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

impl Error {
    /// Sorts what the system said about `path`.
    fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Self::NotADirectory { path },
            io::ErrorKind::PermissionDenied => Self::Permission { path, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::Io { path, source },
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoDefault | Self::NotADirectory { .. } | Self::ReadOnly { .. } => {
                "name a directory of your own with --home or AIRWAY_HOME".into()
            }
            Self::Permission { path, .. } | Self::NotOurs { path, .. } => {
                format!("run as the owner of {}, or name another home with --home", path.display())
            }
            Self::OpenToOthers { path, .. } => format!("run chmod 700 {}", path.display()),
            Self::InUse { .. } => "stop that daemon first, or name another home with --home".into(),
            Self::SocketPathTooLong { .. } => "choose a home with a shorter path with --home".into(),
            Self::SocketInTheWay { path } => format!("move {} away", path.display()),
            Self::Io { .. } => return None,
        })
    }
}

/// The part of the message of [`Error::InUse`] that names the holder.
fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
}

#[cfg(test)]
mod tests;
