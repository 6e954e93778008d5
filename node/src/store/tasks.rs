//! Tasks: what this agent asked of others, and what others asked of it.
//!
//! The store keeps all of it and understands none: what a state means, and when it follows another, is for its callers.
//! [`Store::tasks_change`] hands them a [`Table`] to look at and to write to, in one change: rows, log and receipts, or nothing
//! of it.

mod list;
mod log;
mod prune;
mod row;
mod table;
mod usage;

use rusqlite::Connection;
use tokio::sync::watch;

pub(super) use self::log::newest;
#[cfg(test)]
pub(super) use self::log::{LOG_OF_ONE, LOG_REFUSED};
pub use self::{
    list::{TaskFilter, TaskPick, TaskPickError},
    log::{NewTaskEntry, TaskEntry, TaskLogFilter},
    prune::{KEEP_OVER, KEEP_TIGHT},
    row::{TaskKey, TaskRow},
    table::Table,
    usage::TaskUsage,
};
use super::{
    Error, Pending, Store,
    free::{Cut, with_reserve},
};

/// Whether a change needs room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It takes something in: on a full disk it fails.
    Takes,
    /// It ends something, and takes next to nothing: on a full disk, too, it is to happen.
    Ends,
}

impl Store {
    /// Lets `change` look at the tasks and write to them, as one change that shares its commit with others. Returns when it
    /// has its place behind those before it, with the future of its result.
    ///
    /// `change` runs on the thread that writes, between other changes: it may compute, such as sign, and must not wait. So does
    /// `committed`, which hears the result once that is on the disk, even if nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// That of `change`, or [`Error`], in either step; then nothing has changed.
    pub async fn tasks_change<T, E>(
        &self,
        room: Room,
        change: impl FnOnce(&Table<'_>) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Pending<T, E>, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reserve, logged, counted) =
            (self.reserve.clone(), self.task_logged.clone(), self.receipted.clone());
        let apply = move |db: &Connection| {
            let table = Table::new(db);
            let value = match room {
                Room::Takes if !reserve.is_held() => Err(Error::Full.into()),
                Room::Takes => change(&table),
                Room::Ends => with_reserve(db, &reserve, Cut::Few, |_| change(&table)),
            }?;
            Ok((table.noted(), value))
        };
        let announce = move |done: Result<&(table::Noted, T), &E>| {
            let Ok((noted, value)) = done else { return };
            if let Some(newest) = noted.log {
                logged.send_replace(newest);
            }
            if let Some(newest) = noted.receipt {
                counted.send_replace(newest);
            }
            committed(value);
        };
        let pending = self.enqueue(apply, announce).await?;
        Ok(Box::pin(async { pending.await.map(|(_, value)| value) }))
    }

    /// The number of the newest entry in the log of tasks on the disk, to wait for the next one without asking again and
    /// again. It starts with the newest of the last run; 0 if there was none ever.
    pub fn task_log_changes(&self) -> watch::Receiver<u64> {
        self.task_logged.subscribe()
    }

    /// The number of the newest receipt on the disk, to wait for the next one.
    pub fn receipt_changes(&self) -> watch::Receiver<u64> {
        self.receipted.subscribe()
    }
}
