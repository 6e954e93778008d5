//! A file of this machine that is being sent, and the thread that reads it.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _, Seek as _, SeekFrom},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use airway_protocols::files::{Digest, Hasher, Have};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    buffers::{self, BUFFER, BUFFERS},
    send::FileError,
};

/// A file as it was when somebody decided to send it. It is sent as that, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its bytes.
    pub(crate) size: u64,
    /// When it was last written to, in nanoseconds since 1970.
    pub(crate) modified_ns: i64,
}

/// How a file differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Changed {
    /// It has another size.
    #[error("it has {now} bytes, and had {then}")]
    Size {
        /// Bytes that it had.
        then: u64,
        /// Bytes that it has.
        now: u64,
    },
    /// It was written to.
    #[error("it was written to")]
    Modified,
}

impl Source {
    /// Looks at a file. Blocks on the disk.
    ///
    /// # Errors
    /// If it cannot be read, or is no regular file.
    pub(crate) fn look(path: &Path) -> Result<Self, FileError> {
        let (_, found) = open(path)?;
        Ok(Self { path: path.to_owned(), size: found.len(), modified_ns: modified(&found) })
    }

    pub(super) fn open(&self) -> Result<File, FileError> {
        let (file, now) = open(&self.path)?;
        self.check(now.len(), modified(&now))?;
        Ok(file)
    }

    pub(super) fn check_open(&self, file: &File) -> Result<(), FileError> {
        let now = file.metadata().map_err(|source| unreadable(&self.path, source))?;
        self.check(now.len(), modified(&now))
    }

    /// Why bytes are missing that were there.
    pub(super) fn cut_short(&self, file: &File, error: io::Error) -> FileError {
        if error.kind() == io::ErrorKind::UnexpectedEof
            && let Err(changed) = self.check_open(file)
        {
            return changed;
        }
        unreadable(&self.path, error)
    }

    fn check(&self, size: u64, modified_ns: i64) -> Result<(), FileError> {
        let changed = if size != self.size {
            Changed::Size { then: self.size, now: size }
        } else if modified_ns != self.modified_ns {
            Changed::Modified
        } else {
            return Ok(());
        };
        Err(FileError::Changed { path: self.path.clone(), changed })
    }
}

/// Opens a regular file. Anything else is not even opened: a pipe would wait for somebody who writes into it.
fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    let failed = |source| unreadable(path, source);
    let regular = |found: Metadata| {
        if found.is_file() { Ok(found) } else { Err(FileError::NotAFile { path: path.to_owned() }) }
    };
    regular(fs::metadata(path).map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    let found = regular(file.metadata().map_err(failed)?)?;
    Ok((file, found))
}

fn modified(found: &Metadata) -> i64 {
    found.mtime().saturating_mul(1_000_000_000).saturating_add(found.mtime_nsec())
}

fn unreadable(path: &Path, source: io::Error) -> FileError {
    FileError::Unreadable { path: path.to_owned(), source }
}

/// The thread that reads a file for one attempt. Dropping this ends it.
#[derive(Debug)]
pub(super) struct Reader {
    start: oneshot::Receiver<u64>,
    full: mpsc::Receiver<Vec<u8>>,
    empty: mpsc::Sender<Vec<u8>>,
    thread: JoinHandle<Result<Digest, FileError>>,
}

/// The thread has ended early: [`Reader::end`] says why.
#[derive(Debug)]
pub(super) struct Ended;

impl Reader {
    /// Reads what the receiver does not have.
    pub(super) fn start(source: &Source, have: Have) -> Self {
        let (tell, start) = oneshot::channel();
        let (give, full) = mpsc::channel(BUFFERS);
        let (empty, take) = buffers::pool();
        let source = source.clone();
        let thread = tokio::task::spawn_blocking(move || run(&source, have, tell, &give, take));
        Self { start, full, empty, thread }
    }

    /// Where the bytes begin: at what the receiver has, if that is of this file.
    pub(super) async fn offset(&mut self) -> Result<u64, Ended> {
        (&mut self.start).await.map_err(|_| Ended)
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        self.full.recv().await
    }

    /// Takes a buffer back.
    pub(super) fn give_back(&self, buffer: Vec<u8>) {
        // There is room for all that there are.
        self.empty.try_send(buffer).ok();
    }

    /// The digest of the whole file, once [`Reader::next`] has said that it is at its end.
    pub(super) async fn end(self) -> Result<Digest, FileError> {
        let Self { start, full, empty, thread } = self;
        drop((start, full, empty));
        match thread.await {
            Ok(read) => read,
            Err(panicked) => Err(FileError::Thread(io::Error::other(panicked))),
        }
    }
}

fn run(
    source: &Source,
    have: Have,
    start: oneshot::Sender<u64>,
    full: &mpsc::Sender<Vec<u8>>,
    mut empty: mpsc::Receiver<Vec<u8>>,
) -> Result<Digest, FileError> {
    let mut file = source.open()?;
    let (mut hasher, offset) = find_offset(source, &mut file, have, || start.is_closed())?;
    // Nobody who waits, nobody who takes: the attempt is over, and the digest goes nowhere.
    start.send(offset).ok();
    let mut left = source.size - offset;
    while left > 0 {
        let Some(mut buffer) = empty.blocking_recv() else { break };
        buffers::size(&mut buffer, left);
        file.read_exact(&mut buffer).map_err(|error| source.cut_short(&file, error))?;
        hasher.update(&buffer);
        left -= buffer.len() as u64;
        if full.blocking_send(buffer).is_err() {
            break;
        }
    }
    source.check_open(&file)?;
    Ok(hasher.digest())
}

/// Reads as much as the receiver has; if that differs, everything is to be sent.
fn find_offset(
    source: &Source,
    file: &mut File,
    have: Have,
    given_up: impl Fn() -> bool,
) -> Result<(Hasher, u64), FileError> {
    let mut hasher = Hasher::default();
    let mut left = if have.offset <= source.size { have.offset } else { 0 };
    let mut buffer = vec![0; if left > 0 { BUFFER } else { 0 }];
    while left > 0 && !given_up() {
        buffers::size(&mut buffer, left);
        file.read_exact(&mut buffer).map_err(|error| source.cut_short(file, error))?;
        hasher.update(&buffer);
        left -= buffer.len() as u64;
    }
    if have.offset <= source.size && hasher.digest() == have.digest {
        return Ok((hasher, have.offset));
    }
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(&source.path, error))?;
    Ok((Hasher::default(), 0))
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, io::Write as _};

    use super::*;

    /// Reads a file of these bytes that changes after it was looked at.
    async fn read(bytes: &[u8], change: impl FnOnce(&Path)) -> Result<(Vec<u8>, Digest), FileError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, bytes).unwrap();
        let source = Source::look(&path).unwrap();
        let mut reader = Reader::start(&source, Have { offset: 0, digest: Digest::of(b"") });
        assert_eq!(reader.offset().await.unwrap(), 0);
        let mut read = Vec::new();
        // All buffers are full by now, or all is read, so that the change comes in the middle.
        if let Some(first) = reader.next().await {
            read.extend_from_slice(&first);
            change(&path);
            reader.give_back(first);
        }
        while let Some(buffer) = reader.next().await {
            read.extend_from_slice(&buffer);
            reader.give_back(buffer);
        }
        reader.end().await.map(|digest| (read, digest))
    }

    fn bytes() -> Vec<u8> {
        (0..8 * BUFFER + 7).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_file_is_read_to_its_end() {
        let (read, digest) = read(&bytes(), |_| {}).await.unwrap();
        assert!(read == bytes());
        assert_eq!(digest, Digest::of(&bytes()));
    }

    #[tokio::test]
    async fn a_file_that_changes_while_it_is_read_is_noticed() {
        let changes: [fn(&File) -> io::Result<()>; 3] = [
            |mut file| file.write_all(b"it grows"),
            |file| file.set_len(BUFFER as u64),
            |file| file.set_len(0),
        ];
        for change in changes {
            let change = |path: &Path| change(&OpenOptions::new().append(true).open(path).unwrap()).unwrap();
            let error = read(&bytes(), change).await.unwrap_err();
            assert!(matches!(error, FileError::Changed { .. }), "{error}");
        }
    }

    #[test]
    fn only_a_file_can_be_sent() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Source::look(dir.path()), Err(FileError::NotAFile { .. })));
        assert!(matches!(Source::look(&dir.path().join("none")), Err(FileError::Unreadable { .. })));
    }
}
