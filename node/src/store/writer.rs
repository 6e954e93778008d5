//! The one thread that changes the database. It commits in groups: see the documentation of the store.

use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    Error,
    job::{Command, Job},
    reserve::Reserve,
};

/// Changes beyond the first that share a commit. More would not make the sync cheaper, and the first would
/// wait for all of them.
const WRITE_BATCH: usize = 256;

/// Serves `commands` until asked to close, or until nobody is left who could ask.
pub(super) fn run(
    connection: Connection,
    mut commands: mpsc::Receiver<Command>,
    reserve: &Reserve,
    commits: &Histogram,
) {
    let mut closing = None;
    while closing.is_none() {
        let Some(first) = commands.blocking_recv() else { break };
        let mut group = Vec::new();
        closing = gather(first, &mut commands, &mut group);
        if !group.is_empty() {
            // The owner may have made room since.
            reserve.recover(&connection);
            let start = Instant::now();
            let outcome = commit(&connection, &mut group);
            commits.observe(start.elapsed().as_secs_f64());
            if let Err(Error::Full) = outcome {
                reserve.disk_is_full();
            }
            // What was cleared is free before anybody hears of it.
            reserve.recover(&connection);
            for job in group {
                job.settle(outcome.clone());
            }
        }
    }
    close(connection);
    if let Some(done) = closing {
        done.send(()).ok();
    }
}

/// Moves `first` and what waits behind it into `group`. Stops at a request to close, and returns whom to tell.
fn gather(
    first: Command,
    commands: &mut mpsc::Receiver<Command>,
    group: &mut Vec<Job>,
) -> Option<oneshot::Sender<()>> {
    let mut next = Some(first);
    while let Some(command) = next {
        match command {
            Command::Run(job) => group.push(job),
            Command::Close(done) => return Some(done),
        }
        next = if group.len() <= WRITE_BATCH { commands.try_recv().ok() } else { None };
    }
    None
}

/// Runs `group` in one transaction. On an error none of it has happened.
fn commit(connection: &Connection, group: &mut [Job]) -> Result<(), Error> {
    let outcome = transact(connection, group);
    if let Err(error) = &outcome {
        tracing::error!(%error, changes = group.len(), "changes not committed");
        // A commit that failed leaves its transaction open, and the next group could not begin.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "transaction not rolled back");
        }
    }
    outcome
}

fn transact(connection: &Connection, group: &mut [Job]) -> Result<(), Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in group {
        connection.execute_batch("SAVEPOINT job")?;
        let kept = job.run(connection);
        // On some errors SQLite rolls back by itself, and not to the savepoint but altogether.
        if connection.is_autocommit() {
            return Err(Error::Aborted);
        }
        connection.execute_batch(if kept { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" })?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

/// Folds the log into the database, so that the file is complete by itself, and closes it.
fn close(connection: Connection) {
    let folded = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    let closed = folded.and_then(|()| connection.close().map_err(|(_, error)| error));
    if let Err(error) = closed {
        // Nothing is lost: the log is read again at the next start.
        tracing::warn!(%error, "database not closed cleanly");
    }
}
