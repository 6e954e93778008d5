//! Why a directory cannot serve as a home, and what to do about it.

use std::{
    io,
    path::{Path, PathBuf},
};

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
    pub(super) fn from_io(path: &Path, source: io::Error) -> Self {
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
