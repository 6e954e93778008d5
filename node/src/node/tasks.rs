//! Tasks, as a program sees them.

use std::time::Duration;

use futures::{Stream, stream};

use super::Node;
use crate::{
    contacts::Contact,
    services::{Accepting, Material, NewTask, Task, TaskEntry, TaskError, TaskFilter, TaskRef},
    store::{self, TaskLogFilter},
};

impl Node {
    /// Submits a task to a contact. It is on our disk when this returns, and goes out as soon as the contact can be reached, for
    /// up to 7 days; what comes of it is applied once, whatever crashes.
    ///
    /// # Errors
    /// [`TaskError`]; then it is not submitted.
    pub async fn task_submit(&self, to: &Contact, task: NewTask) -> Result<Task, TaskError> {
        self.0.tasks.submit(to, task).await
    }

    /// Tasks, those of others and our own, in the order in which they came to be here. A page may be shorter than asked for; an
    /// empty one is the end.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tasks(&self, filter: TaskFilter) -> Result<Vec<Task>, TaskError> {
        self.0.tasks.list(filter).await
    }

    /// What others want done and was accepted, in the order in which [`Node::task_next`] takes it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn task_queue(&self) -> Result<Vec<Task>, TaskError> {
        self.0.tasks.queue().await
    }

    /// One task.
    ///
    /// # Errors
    /// Unless exactly one is meant.
    pub async fn task(&self, which: &TaskRef) -> Result<Task, TaskError> {
        self.0.tasks.get(which).await
    }

    /// Accepts a task of another: it comes into the queue.
    ///
    /// # Errors
    /// If it is not new, or not of another.
    pub async fn task_accept(&self, which: &TaskRef) -> Result<Task, TaskError> {
        self.0.tasks.accept(which).await
    }

    /// Declines a task of another, which hears why.
    ///
    /// # Errors
    /// If it is not new, or not of another.
    pub async fn task_decline(&self, which: &TaskRef, reason: Option<String>) -> Result<Task, TaskError> {
        self.0.tasks.decline(which, reason).await
    }

    /// Takes the first task of the queue for execution; waits for one for up to `wait`, at most ten minutes.
    ///
    /// With a lease it goes back to the queue, or fails if it may be executed once alone, when nothing was heard of the execution
    /// for so long: see [`Node::task_progress`]. Without one it is taken until somebody says how it ended. A task that was taken
    /// for a caller who went away meanwhile is taken all the same.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn task_next(
        &self,
        lease: Option<Duration>,
        wait: Duration,
    ) -> Result<Option<Task>, TaskError> {
        self.0.tasks.next(lease, wait).await
    }

    /// Says how far an execution is, in thousandths, and renews its lease. With neither progress nor text, that is all.
    ///
    /// # Errors
    /// If it is not being executed, or another attempt has begun since.
    pub async fn task_progress(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        progress: Option<u16>,
        text: Option<String>,
    ) -> Result<Task, TaskError> {
        self.0.tasks.progress(which, attempt, progress, text).await
    }

    /// Hands in the result of a task, which is on our disk when this returns. A repeat is the same as once.
    ///
    /// # Errors
    /// If it is not being executed, or another attempt has begun since.
    pub async fn task_complete(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        result: Option<Material>,
    ) -> Result<Task, TaskError> {
        self.0.tasks.complete(which, attempt, result).await
    }

    /// Says that nothing will come of a task that was accepted.
    ///
    /// # Errors
    /// If it is over, or another attempt has begun since.
    pub async fn task_fail(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        reason: String,
    ) -> Result<Task, TaskError> {
        self.0.tasks.fail(which, attempt, reason).await
    }

    /// Gives back a task that was taken for execution: it is the first of the queue again, or fails if it may be executed once
    /// alone.
    ///
    /// # Errors
    /// If it is not being executed, or another attempt has begun since.
    pub async fn task_release(&self, which: &TaskRef, attempt: Option<u32>) -> Result<Task, TaskError> {
        self.0.tasks.release(which, attempt).await
    }

    /// Calls a task of ours off: it ends when its worker says so, and if there is a result by then, with that. With `abandon` it
    /// ends here at once, and a result that comes later is refused.
    ///
    /// # Errors
    /// If it is over, or not ours.
    pub async fn task_cancel(
        &self,
        which: &TaskRef,
        text: Option<String>,
        abandon: bool,
    ) -> Result<Task, TaskError> {
        self.0.tasks.cancel(which, text, abandon).await
    }

    /// Accepts what others submit, and what they have submitted, for as long as the guard is kept.
    pub fn accept_tasks(&self) -> Accepting {
        self.0.tasks.accept_all()
    }

    /// What happened to a task and about it, oldest first; the last 256 changes.
    ///
    /// # Errors
    /// Unless exactly one is meant.
    pub async fn task_history(&self, which: &TaskRef) -> Result<Vec<TaskEntry>, TaskError> {
        let task = Some(*self.0.tasks.get(which).await?.id.as_bytes());
        Ok(self.0.tasks.entries(TaskLogFilter { task, ..TaskLogFilter::default() }).await?)
    }

    /// What happened to all tasks and what was refused, a page of it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn task_log(&self, filter: TaskLogFilter) -> Result<Vec<TaskEntry>, store::Error> {
        self.0.tasks.entries(filter).await
    }

    /// What happens to tasks and is refused, behind the entry with this number or from now on. Ends when the node does.
    pub fn task_changes(
        &self,
        after: Option<u64>,
    ) -> impl Stream<Item = Result<TaskEntry, store::Error>> + Send + 'static {
        let tasks = self.0.tasks.clone();
        let after = after.unwrap_or_else(|| tasks.newest_entry());
        let pages = stream::try_unfold((tasks, after), |(tasks, after)| async move {
            match tasks.entries_from(after).await {
                Ok(page) => {
                    let last = page.last().map_or(after, |entry| entry.seq);
                    Ok(Some((stream::iter(page.into_iter().map(Ok)), (tasks, last))))
                }
                Err(store::Error::Closed) => Ok(None),
                Err(error) => Err(error),
            }
        });
        futures::TryStreamExt::try_flatten(pages)
    }
}
