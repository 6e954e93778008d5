//! Why the database did not do what it was asked.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::ErrorCode;

/// Why the database did not do what it was asked. A change that got one has not happened.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no room on the disk.
    #[error("no room left on the disk of the database")]
    Full,
    /// The store was closed, or is closing.
    #[error("the database is closed")]
    Closed,
    /// The file is damaged, or is no database.
    #[error("the database is damaged")]
    Corrupt,
    /// Another process held the database for too long.
    #[error("the database is locked by another process")]
    Busy,
    /// The disk failed.
    #[error("the disk of the database failed")]
    Disk(#[source] Arc<rusqlite::Error>),
    /// Another change in the same group failed so badly that SQLite gave up the whole group.
    #[error("the change was given up together with others")]
    Aborted,
    /// A mistake in the program; the change was undone.
    #[error("internal error: a database job panicked")]
    Panicked,
    /// The file is the database of another program.
    #[error("this is the database of another program (application id {application_id:#x})")]
    Foreign {
        /// What the other program calls itself.
        application_id: u32,
    },
    /// The database was written by a later version of this program.
    #[error("the database has version {found}, this program knows versions up to {known}")]
    Newer {
        /// The version in the file.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// Others than the owner may read or change the database.
    #[error("{} is open to other users (mode {mode:o})", path.display())]
    Permissions {
        /// The database.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be created or written.
    #[error("cannot open {}", path.display())]
    Open {
        /// The database.
        path: PathBuf,
        /// The answer of the system.
        source: Arc<io::Error>,
    },
    /// The system gave no thread.
    #[error("cannot start a thread for the database")]
    Thread(#[source] Arc<io::Error>),
    /// SQLite refused for another reason.
    #[error("database error")]
    Sqlite(#[source] Arc<rusqlite::Error>),
}

impl Error {
    pub(super) fn open(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Open { path: path.to_owned(), source: Arc::new(source) },
        }
    }

    pub(super) fn thread(source: io::Error) -> Self {
        Self::Thread(Arc::new(source))
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Full => "make room on the disk; the node goes on by itself",
            Self::Corrupt => "restore airway.db from a backup, or move it away to begin with an empty one",
            Self::Busy => "end the program that uses airway.db, such as a backup, and try again",
            Self::Disk(_) => "look into the system log for errors of the disk",
            Self::Aborted => "try again",
            Self::Newer { .. } => "upgrade airway; an older version cannot read this home",
            Self::Foreign { .. } => "name another home with --home",
            Self::Permissions { path, .. } => return Some(format!("run chmod 600 {}", path.display())),
            Self::Closed | Self::Panicked | Self::Open { .. } | Self::Thread(_) | Self::Sqlite(_) => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::SystemIoFailure) => Self::Disk(Arc::new(error)),
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}
