//! Tidying up: what broken attempts and a crash while clearing left behind.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use airway_protocols::{agent::AgentId, data::MessageId};

use super::{Files, disk, ledger::Key};
use crate::store::{self, Store};

/// How long what has come of a file is kept for its sender to go on with.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A directory of a file.
#[derive(Debug)]
struct Found {
    key: Key,
    path: PathBuf,
    /// What is in it.
    bytes: u64,
    /// When something was last written into it.
    used: SystemTime,
}

impl Files {
    /// Deletes what nobody can go on with or read, and counts what somebody can; returns how many files it deleted.
    ///
    /// # Errors
    /// If the directory or the database cannot be read.
    pub(crate) async fn sweep(&self, store: &Store) -> Result<usize, store::Error> {
        let root = self.0.root.clone();
        let found = tokio::task::spawn_blocking(move || find(&root)).await;
        let found = match found.map_err(io::Error::other).flatten() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the received files cannot be listed");
                return Ok(0);
            }
        };
        let mut deleted = 0;
        for file in found {
            // Whoever has the turn looks after it.
            let Some(mut slot) = self.0.ledger.try_enter(file.key) else { continue };
            let (sender, id) = file.key;
            let owners = store.file_owners(*id.as_bytes()).await?;
            let mut owners = owners.iter().filter(|owner| sender.matches(&AgentId::from_bytes(owner.agent)));
            match owners.next() {
                Some(owner) if owner.held => slot.keep(0),
                None if file.used.elapsed().is_ok_and(|unused| unused < KEPT) => slot.keep(file.bytes.max(1)),
                // Cleared, or given up.
                _ => {
                    slot.keep(0);
                    let delete = move || disk::remove(&file.path);
                    tokio::task::spawn_blocking(delete).await.ok();
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }
}

/// All directories of files; what is called otherwise is not ours.
fn find(root: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for (sender, path) in entries(root)? {
        let Ok(sender) = sender.parse() else { continue };
        for (id, path) in entries(&path)? {
            let Ok(id) = id.parse::<MessageId>() else { continue };
            if let Ok((bytes, used)) = measure(&path) {
                found.push(Found { key: (sender, id), path, bytes, used });
            }
        }
    }
    Ok(found)
}

/// Name and path of what is in a directory; nothing if it is not there, or gone meanwhile.
fn entries(directory: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    entries
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
        .collect()
}

fn measure(directory: &Path) -> io::Result<(u64, SystemTime)> {
    let (mut bytes, mut used) = (0, fs::metadata(directory)?.modified()?);
    for entry in fs::read_dir(directory)? {
        let metadata = entry?.metadata()?;
        bytes += metadata.len();
        used = used.max(metadata.modified()?);
    }
    Ok((bytes, used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{OfferedFile, Sequence};

    const SENDER: AgentId = AgentId::from_bytes([1; 32]);
    const AMPLE: u64 = 1 << 40;

    struct Scratch {
        files: Files,
        store: Store,
        _dir: tempfile::TempDir,
    }

    fn scratch() -> Scratch {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::new(dir.path().join("files"));
        Scratch { files, store: Store::open(&dir.path().join("airway.db")).unwrap(), _dir: dir }
    }

    impl Scratch {
        /// A file on the disk that was written to so long ago.
        fn write(&self, id: &MessageId, name: &str, age: Duration) -> PathBuf {
            let path = self.files.path(&SENDER, id, name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, b"bytes").unwrap();
            let then = SystemTime::now() - age;
            for path in [path.as_path(), path.parent().unwrap()] {
                fs::File::open(path).unwrap().set_modified(then).unwrap();
            }
            path
        }

        /// Puts its message into the inbox.
        async fn put(&self, id: &MessageId) {
            let file = OfferedFile {
                agent: *SENDER.as_bytes(),
                id: *id.as_bytes(),
                reply_to: None,
                sent_at_ms: 0,
                name: "a".into(),
                size: 5,
            };
            self.store.file_put(&Sequence::default(), file, [0; 32], 0, AMPLE).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_in_the_inbox_or_may_be_gone_on_with_is_kept() {
        let scratch = scratch();
        let old = KEPT * 2;
        let [held, partial, complete, given_up, cleared, taken] = [(); 6].map(|()| MessageId::new());
        let kept = [
            scratch.write(&held, "a", old),
            scratch.write(&partial, ".partial", KEPT / 2),
            scratch.write(&complete, "a", KEPT / 2),
            scratch.write(&taken, ".partial", old),
        ];
        let deleted =
            [scratch.write(&given_up, ".partial", old), scratch.write(&cleared, "a", Duration::ZERO)];
        scratch.put(&cleared).await;
        scratch.store.inbox_clear(store::Clear::All).await.unwrap();
        scratch.put(&held).await;
        let foreign = scratch.files.0.root.join("notes.txt");
        fs::write(&foreign, b"not ours").unwrap();
        let _slot = scratch.files.0.ledger.enter((SENDER.fingerprint(), taken)).await;

        assert_eq!(scratch.files.sweep(&scratch.store).await.unwrap(), 2);
        for path in kept.iter().chain([&foreign]) {
            assert!(path.exists(), "{}", path.display());
        }
        for path in deleted {
            assert!(!path.parent().unwrap().exists(), "{}", path.display());
        }
        let other = scratch.files.0.ledger.enter((SENDER.fingerprint(), MessageId::new())).await;
        let pending = other.reserve(1).unwrap();
        assert_eq!(pending, 2 * 5 + 1 + 3 * store::FILE_COST, "what may be gone on with counts");
    }

    #[tokio::test]
    async fn a_home_without_files_needs_no_sweeping() {
        let scratch = scratch();
        assert_eq!(scratch.files.sweep(&scratch.store).await.unwrap(), 0);
    }
}
