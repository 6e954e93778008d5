//! What an agent remembers: its inbox and outbox, tasks and receipts, how it stands to other agents, and small facts about itself, in SQLite.
//!
//! ```text
//! Store ─► writer thread: takes all changes that wait, commits them as one transaction, then answers all
//!    └───► reader thread: answers queries from the last committed state, while the writer writes
//! ```
//!
//! **Acknowledged means durable.** A method that changes something returns `Ok` only after the commit has
//! reached the disk (WAL, `synchronous = FULL`). Changes that wait at the same time share that one sync, so a
//! thousand senders cost little more than one. Each change has a savepoint of its own: one that fails is
//! undone alone. If the commit itself fails, because the disk is full for example, every change in the group
//! gets that error and none of them has happened; the store goes on and works again when there is room. Clearing
//! the inbox and delivering what is in the outbox make room even then.
//!
//! Dropping the future of a change does not take the change back: it may or may not have happened, as after a
//! crash.

mod contacts;
mod error;
mod free;
mod inbox;
mod inspect;
mod job;
mod mesh;
mod meta;
mod migrate;
mod outbox;
mod reader;
mod receipts;
mod reserve;
mod sql;
mod tasks;
mod trust;
mod writer;

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use futures::future::BoxFuture;
use prometheus_client::metrics::histogram::Histogram;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use self::{
    contacts::Carried,
    inspect::{Snapshot, reserve_is_held},
    mesh::CarriedMesh,
};
pub use self::{
    contacts::{AddContactError, AliasError, Contact, NewContact},
    error::Error,
    inbox::{
        Clear, Cleared, FILE_COST, FILE_KIND, File, Filter, GetError, InboxHead, InboxUsage, MAX_LISTED,
        Message, NewMessage, Offered, OfferedFile, Owner, Pick, Prefix, PrefixError, REMEMBER_AT_LEAST,
        REMEMBER_IDS, Sequence, Stored,
    },
    mesh::{
        InviteRow, InviteStoreError, Issue, IssueOutcome, IssuedRow, IssuedState, MAX_INVITES, MAX_ISSUED,
        MAX_MESH_PEERS, Membership, MeshPeer, Profile,
    },
    meta::Mark,
    outbox::{Entry, Key, NewParcel, OutboxFilter, Parcel, Queued},
    receipts::{ChainHead, MAX_LEARNT, MAX_RECEIPTS, NewReceipt, ReceiptRow},
    tasks::{
        KEEP_OVER, KEEP_TIGHT, NewTaskEntry, Room, Table, TaskEntry, TaskFilter, TaskKey, TaskLogFilter,
        TaskPick, TaskPickError, TaskRow, TaskUsage,
    },
    trust::{
        ContactChange, EVICTED, LogEntry, Look, MAX_CONFLICTS, MAX_PENDING, MAX_STRANGERS, MAX_TICKETS,
        NewLogEntry, Pin, PinConflict, PinError, Relation, RelationState, TicketError, TicketRow,
        TrustStoreError, Turn,
    },
};
use self::{
    job::{Command, Job},
    reserve::Reserve,
};
use crate::metrics;

/// Jobs that wait for a thread; whoever comes later waits for a place. Times the largest message, of 1 MiB,
/// this is 256 MiB, which only a disk that hangs can pile up.
const QUEUE: usize = 256;
/// How long to wait for another process that has the database locked, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What the write-ahead log shrinks to after a large change, in bytes. It would keep its largest size otherwise.
const LOG_BYTES: u32 = 16 * 1024 * 1024;
/// Prepared statements kept by each connection: more than there are in this module.
const STATEMENTS: usize = 128;
/// The database can hold everything that was ever said to the agent, so nobody else may read it.
const FILE_MODE: u32 = 0o600;

/// A handle to the database of an agent. Clones are cheap and share the two threads behind it.
///
/// The threads end after [`Store::close`], or when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    writer: mpsc::Sender<Command>,
    reader: mpsc::Sender<Command>,
    /// The sequence number of the newest committed message in the inbox.
    newest: watch::Sender<u64>,
    /// The number of the newest committed entry in the log of trust.
    logged: watch::Sender<u64>,
    /// The number of the newest committed entry in the log of tasks.
    task_logged: watch::Sender<u64>,
    /// The number of the newest committed receipt.
    receipted: watch::Sender<u64>,
    reserve: Reserve,
    commits: Histogram,
}

impl Store {
    /// Opens the database at `path`, creating it or bringing it up to date first. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] and [`Error::Newer`] leave the file as it was.
    pub fn open(path: &Path) -> Result<Self, Error> {
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        migrate::check(&connection)?;
        configure(&connection)?;
        migrate::run(&mut connection)?;
        let newest = watch::Sender::new(inbox::newest(&connection)?);
        let logged = watch::Sender::new(trust::newest(&connection)?);
        let task_logged = watch::Sender::new(tasks::newest(&connection)?);
        let receipted = watch::Sender::new(receipts::newest(&connection)?);

        let queries = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        queries.busy_timeout(BUSY_TIMEOUT)?;
        queries.set_prepared_statement_cache_capacity(STATEMENTS);

        let reserve = Reserve::beside(path);
        let (writer, changes) = mpsc::channel(QUEUE);
        let (reader, questions) = mpsc::channel(QUEUE);
        let commits = metrics::commit_seconds();
        let (of_writer, timing) = (reserve.clone(), commits.clone());
        spawn("airway-store-write", move || writer::run(connection, changes, &of_writer, &timing))?;
        spawn("airway-store-read", move || reader::run(queries, questions))?;
        Ok(Self { writer, reader, newest, logged, task_logged, receipted, reserve, commits })
    }

    /// How long commits take, in seconds.
    pub(crate) fn commits(&self) -> &Histogram {
        &self.commits
    }

    /// Shows that both threads answer, and that there is room for more.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] if there is none, or whatever else is wrong.
    pub async fn check(&self) -> Result<(), Error> {
        let reserve = self.reserve.clone();
        self.write(move |_| if reserve.is_held() && reserve.has_room() { Ok(()) } else { Err(Error::Full) })
            .await?;
        self.inbox_unread().await.map(|_| ())
    }

    /// Finishes what waits, folds the log into the database and closes it. Later calls get [`Error::Closed`].
    pub async fn close(&self) {
        // The reader first: the log cannot be folded in completely while somebody reads from it.
        for thread in [&self.reader, &self.writer] {
            let (done, closed) = oneshot::channel();
            // An error on either channel means that it is closed already.
            if thread.send(Command::Close(done)).await.is_ok() {
                closed.await.ok();
            }
        }
    }

    /// Runs `change` in the next group, and returns when that is on the disk.
    ///
    /// If `change` returns an error or panics, its own writes are undone and no others.
    async fn write<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.enqueue(change, |_| {}).await?.await
    }

    /// Like [`Store::write`] in two steps: returns when the change has its place behind those enqueued before, with
    /// the future of its result. `settled` hears that on the writer, before what comes in later groups runs, and even
    /// if nobody waits any more.
    async fn enqueue<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        settled: impl FnOnce(Result<&T, &E>) + Send + 'static,
    ) -> Result<Pending<T, E>, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, result) = Job::new(change, settled);
        Ok(submit(&self.writer, job, result).await?)
    }

    /// Runs `query` on the last committed state. It cannot write.
    async fn read<T, E>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, result) = Job::new(query, |_| {});
        submit(&self.reader, job, result).await?.await
    }
}

/// What a thread will answer.
type Pending<T, E> = BoxFuture<'static, Result<T, E>>;

async fn submit<T: Send + 'static, E: From<Error> + Send + 'static>(
    thread: &mpsc::Sender<Command>,
    job: Job,
    result: oneshot::Receiver<Result<T, E>>,
) -> Result<Pending<T, E>, Error> {
    thread.send(Command::Run(job)).await.map_err(|_| Error::Closed)?;
    Ok(Box::pin(async { result.await.map_err(|_| Error::Closed)? }))
}

/// Creates the file for its owner alone, and refuses one that others can read. SQLite gives the files beside
/// it the same permissions.
fn create_private(path: &Path) -> Result<(), Error> {
    let failed = |source: io::Error| Error::open(path, source);
    // Opened for writing to hear at once if that is not allowed.
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(FILE_MODE).open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if mode & !FILE_MODE != 0 {
        return Err(Error::Permissions { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Sets what holds for a connection and not for the file.
fn configure(connection: &Connection) -> Result<(), Error> {
    // Has an effect before the first table is made: pages that were cleared can be given back to the disk.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS a plain sync stops at the cache of the drive; elsewhere these two do nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // Pages written before the commit could meet a full disk in the middle of a group, and SQLite would then
    // give up the group without saying why. They take as much memory as the jobs that write them.
    connection.pragma_update(None, "cache_spill", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    std::thread::Builder::new().name(name.into()).spawn(run).map_err(Error::thread)?;
    Ok(())
}

#[cfg(test)]
mod tests;
