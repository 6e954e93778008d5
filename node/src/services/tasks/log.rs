//! What happened to tasks, as it is followed.

use super::{TaskEntry, Tasks};
use crate::store::{self, TaskLogFilter};

impl Tasks {
    /// What happened, oldest first.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn entries(&self, filter: TaskLogFilter) -> Result<Vec<TaskEntry>, store::Error> {
        let entries = self.0.store.task_log(filter).await?;
        entries.into_iter().map(TryInto::try_into).collect()
    }

    /// What happened behind the entry with this number; waits until there is something.
    ///
    /// # Errors
    /// If the database fails, or closes.
    pub(crate) async fn entries_from(&self, after: u64) -> Result<Vec<TaskEntry>, store::Error> {
        let mut news = self.0.store.task_log_changes();
        loop {
            news.mark_unchanged();
            let entries = self.entries(TaskLogFilter { after, ..TaskLogFilter::default() }).await?;
            if !entries.is_empty() {
                return Ok(entries);
            }
            news.changed().await.map_err(|_| store::Error::Closed)?;
        }
    }

    /// The number of the newest entry.
    pub(crate) fn newest_entry(&self) -> u64 {
        *self.0.store.task_log_changes().borrow()
    }
}
