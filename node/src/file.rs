//! Private files that are there whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use zeroize::Zeroizing;

/// Permissions beyond these let somebody else read or replace a private file.
const ALLOWED_MODE: u32 = 0o600;

/// What to do about a file of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Fail with [`io::ErrorKind::AlreadyExists`].
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Why a private file was not read.
#[derive(Debug)]
pub(crate) enum NotRead {
    /// The path names a directory, a device or a pipe.
    NotAFile,
    /// Others than the owner may read or replace it; its permission bits.
    Permissions(u32),
    /// The answer of the system.
    Io(io::Error),
}

/// Reads at most `most` bytes of a file that only its owner can read.
pub(crate) fn read_private(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, NotRead> {
    // Looked at before it is opened: opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(NotRead::Io)?;
    if !metadata.is_file() {
        return Err(NotRead::NotAFile);
    }
    let mode = metadata.mode() & 0o777;
    if mode & !ALLOWED_MODE != 0 {
        return Err(NotRead::Permissions(mode));
    }
    // Reserved at once, since a buffer that grows leaves copies of a key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    File::open(path).and_then(|file| file.take(most as u64).read_to_end(&mut bytes)).map_err(NotRead::Io)?;
    Ok(bytes)
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
