//! Files that go with tasks: copies in our home, which nobody changes, until the other has them or need not.
//!
//! ```text
//! <home>/tasks/<id of the file>     from before the row that names it until that is settled
//! ```
//!
//! The copy comes first, the row that names it after it: a crash in between leaves a copy that no row names, which the next
//! start deletes.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use airway_protocols::{
    data::MessageId,
    files::{Digest, FileName},
};

use crate::{
    crash::{self, Place},
    services::files::{self, CopyError, FileError, Source},
    store::FILE_COST,
};

/// How old a copy is that no row names before it is deleted while the agent runs: its row may be on its way.
pub(super) const UNNAMED: Duration = Duration::from_secs(3600);

/// Why a file does not go with a task.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// It was not copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The files of tasks that wait to be delivered take up as much as they may.
    #[error("the files of tasks that are on their way take up as much as they may")]
    Full,
    /// The thread that copies failed: a mistake in the program.
    #[error("internal error: the file was not copied")]
    Thread(#[source] io::Error),
}

impl From<FileError> for AttachError {
    fn from(error: FileError) -> Self {
        Self::Copy(error.into())
    }
}

/// What goes with a task and is too large to stand in it.
#[derive(Debug, Clone)]
pub(crate) enum Original {
    /// A file of this machine.
    Path(PathBuf),
    /// Bytes that are at hand.
    Bytes(Vec<u8>),
}

/// A copy that is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The id that it is delivered under.
    pub(crate) id: MessageId,
    pub(crate) name: FileName,
    pub(crate) size: u64,
    pub(crate) digest: Digest,
}

/// The copies of a home; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Copies(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// Bytes that all of them may take.
    quota: u64,
    /// What each takes of it.
    costs: Mutex<HashMap<MessageId, u64>>,
}

impl Copies {
    pub(crate) fn new(root: PathBuf, quota: u64) -> Self {
        Self(Arc::new(Inner { root, quota, costs: Mutex::default() }))
    }

    /// Where a copy lies. Its name is an id of our own, whatever others call it.
    fn path(&self, id: &MessageId) -> PathBuf {
        self.0.root.join(id.to_string())
    }

    fn costs(&self) -> MutexGuard<'_, HashMap<MessageId, u64>> {
        self.0.costs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies something, to be named by a row from now on. On the disk when this returns.
    ///
    /// # Errors
    /// [`AttachError`]; then there is no copy.
    pub(crate) async fn take(
        &self,
        original: Original,
        name: Option<FileName>,
    ) -> Result<Copied, AttachError> {
        let copies = self.clone();
        let copied = tokio::task::spawn_blocking(move || copies.copy(&original, name)).await;
        copied.map_err(|panicked| AttachError::Thread(io::Error::other(panicked)))?
    }

    fn copy(&self, original: &Original, name: Option<FileName>) -> Result<Copied, AttachError> {
        let id = MessageId::new();
        let to = self.path(&id);
        let (size, copied, usual) = match original {
            Original::Path(path) => {
                let source = Source::look(path)?;
                self.reserve(id, source.size)?;
                (source.size, files::copy(&source, &to), FileName::of_path(path))
            }
            Original::Bytes(bytes) => {
                let size = bytes.len() as u64;
                self.reserve(id, size)?;
                (size, files::write(bytes, &to), FileName::lossy("data"))
            }
        };
        match copied {
            Ok(digest) => {
                crash::point(Place::FileCopied);
                Ok(Copied { id, name: name.unwrap_or(usual), size, digest })
            }
            Err(error) => {
                self.costs().remove(&id);
                Err(error.into())
            }
        }
    }

    fn reserve(&self, id: MessageId, size: u64) -> Result<(), AttachError> {
        let mut costs = self.costs();
        let cost = size.saturating_add(FILE_COST);
        let used = costs.values().fold(0, |used: u64, cost| used.saturating_add(*cost));
        if used.saturating_add(cost) > self.0.quota {
            return Err(AttachError::Full);
        }
        costs.insert(id, cost);
        Ok(())
    }

    /// A copy, to be sent.
    ///
    /// # Errors
    /// If somebody has deleted it.
    pub(crate) async fn source(&self, id: &MessageId) -> Result<Source, FileError> {
        let path = self.path(id);
        let looked = tokio::task::spawn_blocking(move || Source::look(&path)).await;
        looked.map_err(|panicked| FileError::Thread(io::Error::other(panicked)))?
    }

    /// Deletes a copy that nobody needs any more; it may be gone already.
    pub(crate) async fn remove(&self, id: MessageId) {
        let copies = self.clone();
        let removed = tokio::task::spawn_blocking(move || copies.delete(id)).await;
        if let Err(error) = removed {
            tracing::error!(%error, "the file of a task was not deleted");
        }
    }

    fn delete(&self, id: MessageId) {
        let path = self.path(&id);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, path = %path.display(), "the file of a task was not deleted");
            }
            _ => drop(self.costs().remove(&id)),
        }
    }

    /// Deletes what no row names and is at least so old, and counts the rest; returns how much it deleted.
    pub(crate) async fn sweep(&self, named: HashSet<MessageId>, age: Duration) -> usize {
        let copies = self.clone();
        let swept = tokio::task::spawn_blocking(move || copies.sweep_now(&named, age)).await;
        match swept.map_err(io::Error::other).flatten() {
            Ok(deleted) => deleted,
            Err(error) => {
                tracing::warn!(%error, "the files of tasks cannot be listed");
                0
            }
        }
    }

    fn sweep_now(&self, named: &HashSet<MessageId>, age: Duration) -> io::Result<usize> {
        let entries = match fs::read_dir(&self.0.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut deleted = 0;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let id = name.parse::<MessageId>().ok();
            let found = entry.metadata()?;
            // One from the future, by a clock that was set back, is as old as any other.
            let is_old = |at: SystemTime| at.elapsed().unwrap_or(age) >= age;
            match id {
                Some(id) if named.contains(&id) => {
                    self.costs().entry(id).or_insert(found.len().saturating_add(FILE_COST));
                }
                _ if !found.modified().is_ok_and(is_old) => {}
                Some(id) => {
                    self.delete(id);
                    deleted += 1;
                }
                // What a crash has left of one; what is called otherwise is not ours.
                None if name.starts_with(files::COPYING) => {
                    fs::remove_file(entry.path())?;
                    deleted += 1;
                }
                None => {}
            }
        }
        Ok(deleted)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn copies(dir: &Path, quota: u64) -> Copies {
        Copies::new(dir.join("tasks"), quota)
    }

    #[tokio::test]
    async fn what_is_copied_stays_when_the_original_goes() {
        let dir = tempfile::tempdir().unwrap();
        let copies = copies(dir.path(), 1 << 20);
        let original = dir.path().join("in.txt");
        fs::write(&original, b"bytes").unwrap();
        let copied = copies.take(Original::Path(original.clone()), None).await.unwrap();
        fs::remove_file(original).unwrap();
        let source = copies.source(&copied.id).await.unwrap();
        assert_eq!((copied.name.as_str(), copied.size, source.size), ("in.txt", 5, 5));
        assert_eq!(copied.digest, Digest::of(b"bytes"));
        copies.remove(copied.id).await;
        copies.remove(copied.id).await;
        assert!(copies.source(&copied.id).await.is_err());
    }

    #[tokio::test]
    async fn copies_take_no_more_than_they_may_and_give_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let copies = copies(dir.path(), 2 * FILE_COST + 10);
        let bytes = |length| Original::Bytes(vec![0; length]);
        let first = copies.take(bytes(6), None).await.unwrap();
        assert!(matches!(copies.take(bytes(5), None).await, Err(AttachError::Full)));
        let missing = Original::Path(dir.path().join("none"));
        assert!(matches!(copies.take(missing, None).await, Err(AttachError::Copy(_))));
        let name = FileName::lossy("a/b");
        let second = copies.take(bytes(4), Some(name)).await.unwrap();
        assert_eq!(second.name.as_str(), "a_b");
        assert!(matches!(copies.take(bytes(0), None).await, Err(AttachError::Full)));
        copies.remove(first.id).await;
        copies.take(bytes(6), None).await.unwrap();
    }

    #[tokio::test]
    async fn what_no_row_names_is_swept_and_the_rest_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let before = copies(dir.path(), 1 << 20);
        let kept = before.take(Original::Bytes(vec![0; 100]), None).await.unwrap();
        let orphan = before.take(Original::Bytes(vec![0; 100]), None).await.unwrap();
        let broken = before.0.root.join(".copy-x1y2");
        fs::write(&broken, b"half").unwrap();

        let after = copies(dir.path(), 2 * FILE_COST + 150);
        let named = HashSet::from([kept.id]);
        assert_eq!(after.sweep(named.clone(), UNNAMED).await, 0, "a row may be on its way");
        assert_eq!(after.sweep(named, Duration::ZERO).await, 2);
        assert!(after.source(&kept.id).await.is_ok());
        assert!(after.source(&orphan.id).await.is_err() && !broken.exists());
        after.take(Original::Bytes(vec![0; 50]), None).await.unwrap();
        assert!(matches!(after.take(Original::Bytes(vec![]), None).await, Err(AttachError::Full)));
    }

    #[tokio::test]
    async fn a_home_without_files_of_tasks_needs_no_sweeping() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(copies(dir.path(), 0).sweep(HashSet::new(), Duration::ZERO).await, 0);
    }
}
