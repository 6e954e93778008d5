//! Room that is set aside for clearing.
//!
//! Freeing space in SQLite first takes some: changes are appended to the log. On a full disk nobody could clear
//! anything, hence a file beside the database gives its room to the clearing, and takes it back afterwards.
//! Messages are refused meanwhile, so that they do not take it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::Connection;

use super::FILE_MODE;

/// Bytes set aside: 256 pages, while clearing all changes about ten.
pub(super) const BYTES: usize = 1024 * 1024;

/// Where the reserve of a database lies.
pub(super) fn path(database: &Path) -> PathBuf {
    database.with_extension("reserve")
}

/// The reserve of one database.
#[derive(Clone, Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    /// Whether the file is there, in full.
    held: Arc<AtomicBool>,
    /// Whether the disk was full, and nothing was cleared since.
    tight: Arc<AtomicBool>,
}

impl Reserve {
    /// The reserve beside a database, if there is room for it now.
    pub(super) fn beside(database: &Path) -> Self {
        let reserve = Self { path: path(database), held: Arc::default(), tight: Arc::default() };
        reserve.take();
        reserve
    }

    /// Whether messages may be stored.
    pub(super) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Whether the disk has room for as much again, and so for the largest message. Touches the disk.
    pub(super) fn has_room(&self) -> bool {
        let probe = self.path.with_extension("room");
        let written = write(&probe, false);
        if let Err(error) = fs::remove_file(&probe) {
            tracing::debug!(%error, "nothing was left of the attempt to find room");
        }
        written.is_ok()
    }

    /// Whether clearing needs the reserve.
    pub(super) fn is_tight(&self) -> bool {
        self.tight.load(Ordering::Acquire)
    }

    /// A commit found the disk full.
    pub(super) fn disk_is_full(&self) {
        self.tight.store(true, Ordering::Release);
    }

    /// Gives the room to what follows.
    pub(super) fn release(&self) {
        self.held.store(false, Ordering::Release);
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "no reserve to give up");
        }
    }

    /// Gives back to the disk what was cleared, and takes the reserve anew; does nothing while it is held.
    pub(super) fn recover(&self, connection: &Connection) {
        if self.is_held() {
            return;
        }
        let folded = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the log could not be folded into the database");
        }
        if self.take() {
            self.tight.store(false, Ordering::Release);
            tracing::info!("the disk has room again");
        }
    }

    fn take(&self) -> bool {
        let taken = write(&self.path, true);
        if let Err(error) = &taken {
            tracing::debug!(%error, "no room to set aside: messages are refused until there is");
            fs::remove_file(&self.path).ok();
        }
        self.held.store(taken.is_ok(), Ordering::Release);
        taken.is_ok()
    }
}

/// Writes the file in full, unless it is there; `synced` for good.
fn write(path: &Path, synced: bool) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.len() == BYTES as u64) {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    file.write_all(&vec![0; BYTES])?;
    if synced { file.sync_all() } else { Ok(()) }
}
