//! Files for the user: written whole or not at all, and never over another.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use airway_protocols::files::Hasher;
use tempfile::NamedTempFile;

use super::error::Error;
use crate::api::{self, Code};

/// Bytes that are copied at a time.
const BUFFER: usize = 256 * 1024;

/// A file that was received, as it was then.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Digest of its bytes, in hexadecimal digits.
    pub(super) blake3: String,
}

/// Does what takes the disk a while beside the runtime.
pub(super) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|panicked| Error::internal(panicked.to_string()))?
}

/// Copies a file to a path where nothing is yet; returns its bytes. Nothing is there until all of it is.
pub(super) fn copy(file: &Source, to: &Path) -> Result<u64, Error> {
    let unreadable =
        |error| failed("read", &file.path, &error, "it may be damaged: ask its sender to send it again");
    let unwritable = |error: io::Error| failed("write", to, &error, "choose another place");
    if to.symlink_metadata().is_ok() {
        return Err(exists(to));
    }
    let mut source = File::open(&file.path).map_err(unreadable)?;
    let mut target = NamedTempFile::new_in(directory(to)).map_err(unwritable)?;
    let (mut buffer, mut hasher, mut size) = (vec![0; BUFFER], Hasher::default(), 0);
    loop {
        let read = source.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        target.write_all(&buffer[..read]).map_err(unwritable)?;
        size += read as u64;
    }
    if hasher.digest().to_string() != file.blake3 {
        return Err(unreadable(io::Error::other("it is not what was received")));
    }
    finish(target, to, unwritable).map(|()| size)
}

/// Writes a file where nothing is yet; nothing is there until all of it is.
pub(super) fn write(bytes: &[u8], to: &Path) -> Result<(), Error> {
    let unwritable = |error: io::Error| failed("write", to, &error, "choose another place");
    if to.symlink_metadata().is_ok() {
        return Err(exists(to));
    }
    let mut target = NamedTempFile::new_in(directory(to)).map_err(unwritable)?;
    target.write_all(bytes).map_err(unwritable)?;
    finish(target, to, unwritable)
}

/// Where a file will lie.
fn directory(to: &Path) -> &Path {
    to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts a file that is complete in its place, unless there is something.
fn finish(target: NamedTempFile, to: &Path, unwritable: impl Fn(io::Error) -> Error) -> Result<(), Error> {
    target.as_file().sync_all().map_err(&unwritable)?;
    match target.persist_noclobber(to) {
        Ok(_) => Ok(()),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(to)),
        Err(refused) => Err(unwritable(refused.error)),
    }
}

/// Something is there already.
fn exists(to: &Path) -> Error {
    let message = format!("{} exists already", to.display());
    api::Error::new(Code::Conflict, message).hint("nothing is overwritten: give another name").into()
}

fn failed(what: &str, path: &Path, error: &io::Error, hint: &str) -> Error {
    let code = if error.kind() == io::ErrorKind::StorageFull { Code::Quota } else { Code::NotFound };
    api::Error::new(code, format!("cannot {what} {}: {error}", path.display())).hint(hint).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use airway_protocols::files::Digest;

    use super::*;

    fn received(dir: &Path, bytes: &[u8]) -> Source {
        let path = dir.join("received");
        fs::write(&path, bytes).unwrap();
        Source { path, blake3: Digest::of(bytes).to_string() }
    }

    fn code(error: Error) -> Code {
        match error {
            Error::Api(error) => error.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_copy_is_whole_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, to) = (received(dir.path(), b"bytes"), dir.path().join("copy"));
        assert_eq!(copy(&file, &to).unwrap(), 5);
        assert_eq!(fs::read(&to).unwrap(), b"bytes");
        fs::write(&to, b"mine").unwrap();
        assert_eq!(code(copy(&file, &to).unwrap_err()), Code::Conflict);
        assert_eq!(fs::read(&to).unwrap(), b"mine");
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        assert_eq!(code(copy(&file, &dir.path().join("link")).unwrap_err()), Code::Conflict);
        assert_eq!(code(copy(&file, &dir.path().join("no/such/place")).unwrap_err()), Code::NotFound);
    }

    #[test]
    fn what_is_written_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("a");
        write(b"mine", &to).unwrap();
        assert_eq!(code(write(b"theirs", &to).unwrap_err()), Code::Conflict);
        assert_eq!(fs::read(&to).unwrap(), b"mine");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_damaged_file_is_not_copied() {
        let dir = tempfile::tempdir().unwrap();
        let file = Source { blake3: Digest::of(b"other").to_string(), ..received(dir.path(), b"bytes") };
        let to = dir.path().join("copy");
        assert!(copy(&file, &to).is_err());
        assert!(!to.exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
