//! What is done with directories and disks. Everything here blocks.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
};

/// Permissions of directories of files.
const PRIVATE_DIR: u32 = 0o700;

/// Bytes that stay free beside a file: the database and the log of the same disk go on.
const MARGIN: u64 = 64 * 1024 * 1024;

/// Creates a directory and what is missing above it, for the owner alone.
pub(super) fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_DIR).create(path)
}

/// Whether so many more bytes fit onto the disk of a directory.
pub(super) fn check_room(directory: &Path, bytes: u64) -> io::Result<()> {
    let disk = rustix::fs::statvfs(directory)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free >= bytes.saturating_add(MARGIN) { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// Brings the entries of a directory of a file to the disk, and those of the three above it: all but the home may be new.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    directory.ancestors().take(4).try_for_each(|directory| File::open(directory)?.sync_all())
}

/// Deletes the directory of a file, if it is there.
pub(super) fn remove(directory: &Path) {
    match fs::remove_dir_all(directory) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::error!(%error, path = %directory.display(), "a file was not deleted"),
    }
}
