//! A file that is coming in, on the disk. Everything here blocks.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use airway_protocols::files::{Digest, FileName, Hasher, Have};

use super::{buffers::BUFFER, disk, ledger::Slot};

/// What it is called until it is complete.
pub(super) const PARTIAL: &str = ".partial";

/// Permissions of received files.
const PRIVATE: u32 = 0o600;

/// Which file, and where.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) directory: PathBuf,
    pub(super) name: FileName,
    pub(super) size: u64,
}

/// What there is of a file, positioned at its end.
#[derive(Debug)]
pub(super) struct Partial {
    place: Place,
    file: File,
    hasher: Hasher,
    length: u64,
    slot: Slot,
}

impl Partial {
    /// Opens what there is of the file, creating it if that is nothing, and reads it through unless `given_up` says
    /// that nobody wants to know any more.
    pub(super) fn open(place: Place, slot: Slot, given_up: impl Fn() -> bool) -> io::Result<Self> {
        disk::create(&place.directory)?;
        let partial = place.directory.join(PARTIAL);
        for entry in fs::read_dir(&place.directory)? {
            let entry = entry?;
            if entry.file_name() == place.name.as_str() {
                // Complete, but nobody heard of it.
                fs::rename(entry.path(), &partial)?;
            } else if entry.file_name() != PARTIAL {
                // Of an offer with the same id that was never completed.
                fs::remove_file(entry.path())?;
            }
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(partial)?;
        let mut this = Self { place, file, hasher: Hasher::default(), length: 0, slot };
        if this.file.metadata()?.len() > this.place.size {
            this.start_over()?;
        }
        let mut buffer = vec![0; BUFFER];
        while !given_up() {
            let read = this.file.read(&mut buffer)?;
            if read == 0 {
                return match disk::check_room(&this.place.directory, this.place.size - this.length) {
                    Ok(()) => Ok(this),
                    Err(error) => {
                        this.leave();
                        Err(error)
                    }
                };
            }
            this.hasher.update(&buffer[..read]);
            this.grow(read)?;
        }
        // What was not read is there all the same.
        this.length = this.file.metadata()?.len();
        this.leave();
        Err(io::ErrorKind::Interrupted.into())
    }

    /// How much there is.
    pub(super) fn have(&self) -> Have {
        Have { offset: self.length, digest: self.hasher.digest() }
    }

    /// Gives up what there is.
    pub(super) fn start_over(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher = Hasher::default();
        self.length = 0;
        Ok(())
    }

    /// Adds bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.grow(bytes.len())
    }

    fn grow(&mut self, bytes: usize) -> io::Result<()> {
        self.length += bytes as u64;
        // Whoever else writes here would not be us.
        if self.length > self.place.size { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(()) }
    }

    /// Keeps what there is for the next attempt, or nothing of nothing.
    pub(super) fn leave(mut self) {
        if self.length == 0 {
            return self.discard();
        }
        self.slot.keep(self.length);
    }

    /// Deletes what there is.
    pub(super) fn discard(mut self) {
        disk::remove(&self.place.directory);
        self.slot.keep(0);
    }

    /// Brings the file to the disk under its own name, if it is the one with this digest; deletes it otherwise.
    pub(super) fn complete(mut self, digest: Digest) -> io::Result<Option<Slot>> {
        if self.length != self.place.size || self.hasher.digest() != digest {
            self.discard();
            return Ok(None);
        }
        self.slot.keep(self.length);
        self.file.sync_all()?;
        let directory = &self.place.directory;
        fs::rename(directory.join(PARTIAL), directory.join(&self.place.name))?;
        disk::sync(directory)?;
        Ok(Some(self.slot))
    }
}

#[cfg(test)]
mod tests {
    use airway_protocols::{agent::AgentId, data::MessageId};
    use tempfile::TempDir;

    use super::{super::ledger::Ledger, *};

    /// Opens what there is in a directory of a file of that size called `a`.
    async fn open(dir: &TempDir, size: u64, given_up: bool) -> io::Result<Partial> {
        let slot =
            Ledger::default().enter((AgentId::from_bytes([1; 32]).fingerprint(), MessageId::new())).await;
        let place = Place { directory: dir.path().join("id"), name: "a".parse().unwrap(), size };
        Partial::open(place, slot, || given_up)
    }

    /// A directory in which a file lies.
    fn with(name: &str, bytes: &[u8]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        disk::create(&dir.path().join("id")).unwrap();
        fs::write(dir.path().join("id").join(name), bytes).unwrap();
        dir
    }

    fn listed(dir: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(dir.path().join("id")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_partial_file_is_gone_on_with_until_it_is_complete() {
        for name in [PARTIAL, "a"] {
            let dir = with(name, b"some");
            let mut partial = open(&dir, 10, false).await.unwrap();
            assert_eq!(partial.have(), Have { offset: 4, digest: Digest::of(b"some") });
            partial.append(b" bytes").unwrap();
            assert!(partial.complete(Digest::of(b"some bytes")).unwrap().is_some());
            assert_eq!(listed(&dir), ["a"]);
            assert_eq!(fs::read(dir.path().join("id/a")).unwrap(), b"some bytes");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_of_this_file_is_removed() {
        for (name, bytes) in [(PARTIAL, &b"longer than it"[..]), ("other", b"some")] {
            let dir = with(name, bytes);
            let partial = open(&dir, 10, false).await.unwrap();
            assert_eq!(partial.have().offset, 0);
            assert_eq!(listed(&dir), [PARTIAL]);
            partial.leave();
            assert!(listed(&dir).is_empty(), "nothing is kept of nothing");
        }
    }

    #[tokio::test]
    async fn what_is_not_the_whole_file_is_not_completed() {
        for bytes in [&b"other bytes"[..10], b"short"] {
            let dir = with(PARTIAL, bytes);
            let partial = open(&dir, 10, false).await.unwrap();
            assert!(partial.complete(Digest::of(b"some bytes")).unwrap().is_none());
            assert!(listed(&dir).is_empty());
        }
    }

    #[tokio::test]
    async fn looking_at_a_file_can_be_given_up_and_takes_nothing_away() {
        let dir = with(PARTIAL, b"some");
        assert_eq!(open(&dir, 10, true).await.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(fs::read(dir.path().join("id").join(PARTIAL)).unwrap(), b"some");
    }

    #[tokio::test]
    async fn a_file_does_not_grow_beyond_its_size() {
        let dir = with(PARTIAL, b"some");
        let mut partial = open(&dir, 5, false).await.unwrap();
        assert!(partial.append(b"more").is_err());
    }
}
