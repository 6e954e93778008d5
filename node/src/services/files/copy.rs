//! Copies of files, under names that are ours alone. Everything here blocks.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use airway_protocols::files::{Digest, Hasher};
use tempfile::NamedTempFile;

use super::{
    buffers::{self, BUFFER},
    disk,
    send::FileError,
    source::Source,
};

/// What the name of a copy begins with until it is complete.
pub(crate) const COPYING: &str = ".copy-";

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The file cannot be read, or has changed meanwhile.
    #[error(transparent)]
    Source(#[from] FileError),
    /// The copy cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// Where it was to lie.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Copies a file as it was when it was looked at. The copy is whole and on the disk, or it is not there: what a crash leaves
/// behind has another name.
///
/// # Errors
/// [`CopyError`]; then there is no copy.
pub(crate) fn copy(source: &Source, to: &Path) -> Result<Digest, CopyError> {
    let failed = |error| write_error(to, error);
    let mut file = source.open()?;
    let mut copying = Copying::start(to, source.size).map_err(failed)?;
    let (mut left, mut buffer) = (source.size, Vec::with_capacity(BUFFER));
    while left > 0 {
        buffers::size(&mut buffer, left);
        file.read_exact(&mut buffer).map_err(|error| source.cut_short(&file, error))?;
        copying.append(&buffer).map_err(failed)?;
        left -= buffer.len() as u64;
    }
    source.check_open(&file)?;
    copying.finish().map_err(failed)
}

/// The same with bytes that are at hand.
///
/// # Errors
/// [`CopyError::Write`]; then there is no copy.
pub(crate) fn write(bytes: &[u8], to: &Path) -> Result<Digest, CopyError> {
    let written = || {
        let mut copying = Copying::start(to, bytes.len() as u64)?;
        copying.append(bytes)?;
        copying.finish()
    };
    written().map_err(|error| write_error(to, error))
}

fn write_error(to: &Path, source: io::Error) -> CopyError {
    CopyError::Write { path: to.to_owned(), source }
}

/// A copy that has no name yet; dropped, it is deleted.
struct Copying<'a> {
    file: NamedTempFile,
    hasher: Hasher,
    directory: &'a Path,
    to: &'a Path,
}

impl<'a> Copying<'a> {
    fn start(to: &'a Path, size: u64) -> io::Result<Self> {
        let directory = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
        disk::create(directory)?;
        disk::check_room(directory, size)?;
        let file = tempfile::Builder::new().prefix(COPYING).tempfile_in(directory)?;
        Ok(Self { file, hasher: Hasher::default(), directory, to })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    fn finish(self) -> io::Result<Digest> {
        self.file.as_file().sync_all()?;
        self.file.persist_noclobber(self.to)?;
        // The directory may be new as well.
        self.directory.ancestors().take(2).try_for_each(|directory| File::open(directory)?.sync_all())?;
        Ok(self.hasher.digest())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_copy_is_what_the_file_was_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("tasks/1"));
        let bytes: Vec<u8> = (0..BUFFER + 7).map(|at| u8::try_from(at % 251).unwrap()).collect();
        fs::write(&from, &bytes).unwrap();
        let source = Source::look(&from).unwrap();
        assert_eq!(copy(&source, &to).unwrap(), Digest::of(&bytes));
        assert!(fs::read(&to).unwrap() == bytes);

        fs::write(&from, b"something else").unwrap();
        let other = dir.path().join("tasks/2");
        assert!(matches!(copy(&source, &other), Err(CopyError::Source(FileError::Changed { .. }))));
        assert!(matches!(write(b"x", &to), Err(CopyError::Write { .. })), "nothing is overwritten");
        assert_eq!(write(b"", &other).unwrap(), Digest::of(b""));
        assert_eq!(fs::read_dir(dir.path().join("tasks")).unwrap().count(), 2);
    }
}
