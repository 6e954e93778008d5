//! Private files that are there whole or not at all.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// What to do about a file of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Fail with [`io::ErrorKind::AlreadyExists`].
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Writes a file that only its owner can read (0600): beside `path` first, and under that name only when it is
/// complete and on the disk. The parts are written as they come, so that secrets need not be copied together.
pub(crate) fn write_private(path: &Path, parts: &[&[u8]], existing: Existing) -> io::Result<()> {
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    // Created with mode 0600, and deleted again if anything fails below.
    let mut file = tempfile::Builder::new().prefix(".airway-").tempfile_in(directory)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.as_file().sync_all()?;
    let persisted = match existing {
        Existing::Keep => file.persist_noclobber(path),
        Existing::Replace => file.persist(path),
    };
    persisted.map_err(|refused| refused.error)?;
    sync_directory(directory)
}

/// Returns when the names in a directory are on the disk.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
