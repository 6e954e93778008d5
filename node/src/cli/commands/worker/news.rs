//! What becomes of tasks while commands do them: who is told that a task may not be ours any more.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::Notify, time::sleep};

use super::{RETRY, is_away, stop::Stop};
use crate::{
    api::{
        TaskEntry, TaskFollowQuery, TaskRole, TaskState,
        client::{Client, Follow},
    },
    cli::Error,
};

/// The log of tasks as it grows, and who waits for what in it. While it is followed, what comes is accepted.
#[derive(Debug)]
pub(super) struct News {
    accept: bool,
    /// The call that was begun first, until it is followed.
    first: Mutex<Option<Follow<TaskEntry>>>,
    jobs: Mutex<HashMap<String, Arc<Notify>>>,
}

/// A job that wants to hear of its task, until this is dropped.
#[derive(Debug)]
pub(super) struct Hearing<'a> {
    news: &'a News,
    task: String,
    notify: Arc<Notify>,
}

impl News {
    /// Begins to follow.
    pub(super) async fn begin(client: &Client, accept: bool) -> Result<Self, Error> {
        let query = TaskFollowQuery { accept, ..TaskFollowQuery::default() };
        let first = Mutex::new(Some(client.follow_tasks(&query).await?));
        Ok(Self { accept, first, jobs: Mutex::default() })
    }

    /// Hears of this task.
    pub(super) fn hear(&self, task: &str) -> Hearing<'_> {
        let notify = Arc::new(Notify::new());
        self.lock().insert(task.to_owned(), notify.clone());
        Hearing { news: self, task: task.to_owned(), notify }
    }

    /// Tells jobs what they have to look at, and lets the daemon accept until the user wants to stop. A daemon that is away
    /// is waited for.
    pub(super) async fn follow(&self, client: &Client, stop: &Stop) -> Result<Infallible, Error> {
        loop {
            let accepting = self.accept && !stop.is_asked();
            let begun = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let follow = match begun {
                Some(follow) => Ok(follow),
                None => {
                    let query = TaskFollowQuery { accept: accepting, ..TaskFollowQuery::default() };
                    client.follow_tasks(&query).await
                }
            };
            match follow {
                Ok(mut follow) => {
                    // Meanwhile something may have happened that nobody has told.
                    self.tell_all();
                    tokio::select! {
                        () = self.read(&mut follow) => self.tell_all(),
                        () = stop.asked(), if accepting => continue,
                    }
                }
                Err(error) if is_away(&error) => {}
                Err(error) => return Err(error.into()),
            }
            sleep(RETRY).await;
        }
    }

    /// Returns when nothing comes any more.
    async fn read(&self, follow: &mut Follow<TaskEntry>) {
        while let Ok(Some(entry)) = follow.next().await {
            let over = entry.state.is_some_and(|state| state != TaskState::Executing);
            if entry.role == TaskRole::Worker && over {
                self.lock().get(&entry.task).inspect(|job| job.notify_one());
            }
        }
    }

    fn tell_all(&self) {
        self.lock().values().for_each(|job| job.notify_one());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing<'_> {
    /// Returns when it is worth a look whether the task is still ours.
    pub(super) async fn told(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Hearing<'_> {
    fn drop(&mut self) {
        self.news.lock().remove(&self.task);
    }
}
