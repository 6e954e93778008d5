//! Files: into the inbox as messages are, but with their bytes in the home and not in the database.
//!
//! ```text
//! <home>/files/<fingerprint of the sender>/<id>/.partial    while it comes, and after an attempt that broke
//! <home>/files/<fingerprint of the sender>/<id>/<name>      once all of it is there and on the disk
//! ```
//!
//! A directory for each file: no name that a peer chooses meets another, and so nothing is ever overwritten. No name of a
//! peer begins with a dot, hence none is `.partial`.
//!
//! **Order.** The digest is right; the file is synced, renamed, its directories synced; its row is committed; only then
//! the sender hears `stored`. A crash after the rename leaves a file without a row, which the next attempt takes for a
//! partial one that lacks nothing.
//!
//! **Disk and network** never wait for each other's system calls: each attempt has a blocking thread of its own, which
//! reads or writes and computes the digest, and trades buffers with the task that serves the stream. Whichever of
//! the two ends, the other does.

mod buffers;
mod copy;
mod disk;
mod ledger;
mod partial;
mod receive;
mod send;
mod source;
mod sweep;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use airway_protocols::{agent::AgentId, data::MessageId};
use tokio_util::task::TaskTracker;

use self::ledger::Ledger;
pub use self::{copy::CopyError, send::FileError, source::Changed};
pub(crate) use self::{
    copy::{COPYING, copy, write},
    receive::{Receiver, serve},
    send::send,
    source::Source,
};

/// How long a peer may neither send nor take a byte.
const IDLE: Duration = Duration::from_secs(60);

/// How long a peer may take to look at what it has of a file, and to bring the last of it to its disk.
const DISK_TIME: Duration = Duration::from_secs(600);

/// How long the threads of broken attempts are waited for at the end: each has a few buffers left to write.
const SETTLING: Duration = Duration::from_secs(5);

/// The received files of a home; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    ledger: Ledger,
    threads: TaskTracker,
}

impl Files {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self(Arc::new(Inner { root, ledger: Ledger::default(), threads: TaskTracker::new() }))
    }

    /// Where a file lies.
    pub(crate) fn path(&self, from: &AgentId, id: &MessageId, name: &str) -> PathBuf {
        directory(&self.0.root, from, id).join(name)
    }

    /// Deletes files whose messages are gone.
    pub(crate) async fn remove(&self, files: Vec<(AgentId, MessageId)>) {
        let root = self.0.root.clone();
        let remove = move || {
            for (from, id) in files {
                disk::remove(&directory(&root, &from, &id));
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(remove).await {
            tracing::error!(%error, "cleared files were not deleted");
        }
    }

    /// Waits until nothing is written any more, once the network has ended.
    pub(crate) async fn settle(&self) {
        self.0.threads.close();
        if tokio::time::timeout(SETTLING, self.0.threads.wait()).await.is_err() {
            tracing::warn!("a file is still being written");
        }
    }
}

/// The directory of a file.
fn directory(root: &Path, from: &AgentId, id: &MessageId) -> PathBuf {
    root.join(from.fingerprint().to_string()).join(id.to_string())
}
