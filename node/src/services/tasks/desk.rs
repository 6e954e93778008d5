//! What the owner, and programs of this machine, do with tasks.

use std::time::Duration;

use airway_protocols::tasks::{
    Body, Content, DEFAULT_LIMIT, Execution, Invalid, MAX_PROGRESS, MAX_TEXT, State, Submission, TaskId,
    order, order::Order, work,
};
use tokio::time::{Instant, timeout_at};

use super::{Accepting, Material, Role, Task, TaskError, TaskFilter, TaskRef, Tasks, row};
use crate::{
    clock,
    contacts::Contact,
    crash::{self, Place},
    store::{self, Room, TaskKey, TaskPickError, TaskRow},
};

/// Open tasks of our own: a program that submits without end is to hear of it while its disk has room.
const OPEN_OF_OURS: u64 = 20_000;

/// The longest that [`Tasks::next`] waits: whoever wants to wait for longer asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What a task is worth at most unless told otherwise.
const MAX_REWARD: u64 = 10;

/// A task to submit.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// The same id is one task, however often it is submitted. Drawn if absent.
    pub id: Option<TaskId>,
    /// What is to be done: 1 byte to 16 KiB.
    pub description: String,
    /// What it is to be done with.
    pub input: Option<Material>,
    /// How long the worker may take from when it has the task: 1 second to 28 days.
    pub limit: Duration,
    /// How often it may be executed.
    pub execution: Execution,
    /// The most that its receipt may credit the worker with.
    pub max_reward: u64,
    /// The task in whose place it is submitted.
    pub supersedes: Option<TaskId>,
}

impl NewTask {
    /// A task that may take a day.
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            id: None,
            description: description.into(),
            input: None,
            limit: Duration::from_millis(DEFAULT_LIMIT),
            execution: Execution::default(),
            max_reward: MAX_REWARD,
            supersedes: None,
        }
    }
}

/// Whether it is the same task that is submitted again: the time is set anew, and so is the id of a copy.
fn is_same(one: &Submission, other: &Submission) -> bool {
    let what = |content: &Option<Content>| match content {
        Some(Content::File(file)) => Some((file.name.clone(), file.size, file.digest.as_bytes().to_vec())),
        Some(Content::Inline { data }) => Some((String::new(), data.len() as u64, data.clone())),
        None => None,
    };
    let rest = |of: &Submission| (of.limit, of.execution, of.max_reward, of.supersedes);
    one.description == other.description && rest(one) == rest(other) && what(&one.input) == what(&other.input)
}

fn check_text(text: Option<&String>) -> Result<(), TaskError> {
    match text.map(String::len) {
        Some(size) if size > MAX_TEXT => Err(Invalid::Text { size }.into()),
        _ => Ok(()),
    }
}

impl Tasks {
    /// Keeps a task on the disk, to be submitted as soon as that is possible.
    ///
    /// # Errors
    /// [`TaskError`]; then it is not kept.
    pub(crate) async fn submit(&self, to: &Contact, mut new: NewTask) -> Result<Task, TaskError> {
        let (input, held) = self.attach(new.input.take()).await?;
        let submitted = self.submit_with(to, new, input.clone(), held).await;
        self.drop_unnamed(input, &submitted).await;
        submitted
    }

    async fn submit_with(
        &self,
        to: &Contact,
        new: NewTask,
        input: Option<Content>,
        held: bool,
    ) -> Result<Task, TaskError> {
        let id = new.id.unwrap_or_else(TaskId::new);
        let submission = Submission {
            description: new.description,
            input,
            limit: u64::try_from(new.limit.as_millis()).unwrap_or(u64::MAX),
            execution: new.execution,
            max_reward: new.max_reward,
            supersedes: new.supersedes,
            at: clock::unix_ms(),
        };
        let body = Body::of(&submission)?;
        let (key, quota) = (row::key(Role::Requester, &to.agent, &id), self.0.quota);
        let submitted = self.turn(Room::Takes, move |turn| {
            if let Some(known) = turn.table.find(&key)? {
                let same =
                    row::body(&known)?.is_some_and(|known| is_same(known.submission(), body.submission()));
                return if same { Ok(()) } else { Err(TaskError::Conflict) };
            }
            let all = turn.table.usage(key.role)?;
            if all.open >= OPEN_OF_OURS || all.bytes.saturating_add(body.as_bytes().len() as u64) > quota {
                return Err(TaskError::Full);
            }
            let mut row = row::new(key, Some(&body), submission.max_reward);
            Ok(turn.put_order(&mut row, None, &Order::new(submission.limit, held, turn.now), None)?)
        });
        submitted.await?.await?;
        crash::point(Place::SubmissionKept);
        if self.0.reach.contacts.get(&to.agent).is_none() {
            // The trust ended while it was put there.
            self.disown().await;
            return Err(TaskError::NotTrusted { who: to.label() });
        }
        self.by_key(key).await
    }

    /// Accepts a task.
    ///
    /// # Errors
    /// [`TaskError`]; then nothing has changed.
    pub(crate) async fn accept(&self, which: &TaskRef) -> Result<Task, TaskError> {
        self.work(which, work::Event::Accept, None, None).await
    }

    /// Declines a task.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn decline(&self, which: &TaskRef, reason: Option<String>) -> Result<Task, TaskError> {
        self.work(which, work::Event::Decline, reason, None).await
    }

    /// Says how far an execution is, or with neither progress nor text that it goes on.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn progress(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        progress: Option<u16>,
        text: Option<String>,
    ) -> Result<Task, TaskError> {
        if let Some(progress) = progress.filter(|progress| *progress > MAX_PROGRESS) {
            return Err(Invalid::Progress(progress).into());
        }
        let event = match (&progress, &text) {
            (None, None) => work::Event::Beat { attempt },
            _ => work::Event::Progress { attempt, progress },
        };
        self.work(which, event, text, None).await
    }

    /// Hands in what came of a task.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn complete(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        result: Option<Material>,
    ) -> Result<Task, TaskError> {
        let (output, held) = self.attach(result).await?;
        let event = work::Event::Complete { attempt, held };
        let done = self.work(which, event, None, output.clone()).await;
        if done.is_ok() {
            crash::point(Place::ResultKept);
        }
        self.drop_unnamed(output, &done).await;
        done
    }

    /// Says that nothing will come of a task.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn fail(
        &self,
        which: &TaskRef,
        attempt: Option<u32>,
        reason: String,
    ) -> Result<Task, TaskError> {
        self.work(which, work::Event::Fail { attempt }, Some(reason), None).await
    }

    /// Gives back what was taken.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn release(&self, which: &TaskRef, attempt: Option<u32>) -> Result<Task, TaskError> {
        self.work(which, work::Event::Interrupted { attempt }, None, None).await
    }

    /// Lets something happen to a task of others.
    async fn work(
        &self,
        which: &TaskRef,
        event: work::Event,
        text: Option<String>,
        output: Option<Content>,
    ) -> Result<Task, TaskError> {
        check_text(text.as_ref())?;
        let (key, id) = self.find(which, Role::Worker).await?;
        let output = output.as_ref().map(row::encode).transpose()?;
        let stepped = self.turn(Room::Ends, move |turn| {
            let mut row = turn.table.find(&key)?.ok_or(store::Error::Aborted)?;
            // Written only if something comes of the event, and then with what belongs to it.
            row.output = output.or(row.output);
            let state = row::work(&row)?.state;
            turn.step_work(&mut row, event, text)?.map(drop).map_err(|refused| TaskError::State {
                id,
                state,
                why: refused.to_string(),
            })
        });
        stepped.await?.await?;
        self.by_key(key).await
    }

    /// Calls a task of ours off, or gives it up without its worker's word.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn cancel(
        &self,
        which: &TaskRef,
        text: Option<String>,
        abandon: bool,
    ) -> Result<Task, TaskError> {
        check_text(text.as_ref())?;
        let (key, id) = self.find(which, Role::Requester).await?;
        let stepped = self.turn(Room::Ends, move |turn| {
            let mut row = turn.table.find(&key)?.ok_or(store::Error::Aborted)?;
            row.words = text.or(row.words);
            let state = row::order(&row)?.state;
            let event = if abandon { order::Event::Abandon } else { order::Event::CancelAsked };
            turn.step_order(&mut row, event, None)?.map(drop).map_err(|refused| TaskError::State {
                id,
                state,
                why: refused.to_string(),
            })
        });
        stepped.await?.await?;
        self.by_key(key).await
    }

    /// Takes the first task from the queue to execute it; waits for one for up to so long, at most ten minutes.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn next(
        &self,
        lease: Option<Duration>,
        wait: Duration,
    ) -> Result<Option<Task>, TaskError> {
        let lease = lease.map(|lease| u64::try_from(lease.as_millis()).unwrap_or(u64::MAX).max(1));
        let until = Instant::now() + wait.min(LONGEST_WAIT);
        loop {
            let mut news = std::pin::pin!(self.0.queued.notified());
            // From here on nothing is missed.
            news.as_mut().enable();
            if let Some(row) = self.take_first(lease).await? {
                crash::point(Place::TaskTaken);
                return Ok(Some(self.view(row).await?));
            }
            if timeout_at(until, news).await.is_err() {
                return Ok(None);
            }
        }
    }

    async fn take_first(&self, lease: Option<u64>) -> Result<Option<TaskRow>, store::Error> {
        let taken = self.turn(Room::Ends, move |turn| {
            let Some(mut row) = turn.table.head()? else { return Ok(None) };
            // What is queued can be begun.
            let begun = turn.step_work(&mut row, work::Event::Start { lease }, None)?;
            Ok(begun.is_ok().then_some(row))
        });
        taken.await?.await
    }

    /// Accepts what comes, and what has come, for as long as the guard is kept.
    pub(crate) fn accept_all(&self) -> Accepting {
        let guard = self.0.accepts.guard();
        let tasks = self.clone();
        self.0.reach.net.spawn(async move {
            if let Err(error) = tasks.accept_new().await {
                tracing::warn!(%error, "what has come was not accepted");
            }
        });
        guard
    }

    async fn accept_new(&self) -> Result<(), store::Error> {
        let mut after = Some(0);
        while let Some(from) = after {
            let accepted = self.turn::<_, store::Error>(Room::Ends, move |turn| {
                let rows = turn.table.in_state(Role::Worker.into(), State::New.into(), from)?;
                let last = rows.last().map(|row| row.seq);
                for mut row in rows {
                    // What is new can be accepted.
                    let _accepted = turn.step_work(&mut row, work::Event::Accept, None)?;
                }
                Ok(last)
            });
            after = accepted.await?.await?;
        }
        Ok(())
    }

    /// Tasks in the order in which they came to be here.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn list(&self, filter: TaskFilter) -> Result<Vec<Task>, TaskError> {
        let rows = self.0.store.tasks_list(filter.into()).await?;
        Ok(self.views(rows).await?)
    }

    /// The queue, first to last.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn queue(&self) -> Result<Vec<Task>, TaskError> {
        let rows = self.0.store.tasks_queued().await?;
        Ok(self.views(rows).await?)
    }

    /// One task.
    ///
    /// # Errors
    /// Unless exactly one is meant.
    pub(crate) async fn get(&self, which: &TaskRef) -> Result<Task, TaskError> {
        let row = self.0.store.task_pick(which.pick(which.role)).await?;
        Ok(self.view(row).await?)
    }

    async fn by_key(&self, key: TaskKey) -> Result<Task, TaskError> {
        let row = self.0.store.task(key).await?.ok_or(store::Error::Aborted)?;
        Ok(self.view(row).await?)
    }

    /// The task that is meant, where we have this part.
    async fn find(&self, which: &TaskRef, role: Role) -> Result<(TaskKey, TaskId), TaskError> {
        let row = match self.0.store.task_pick(which.pick(which.role.or(Some(role)))).await {
            // What is not there in this role may be there in the other one, and that is to be said.
            Err(TaskPickError::NotFound(_)) => self.0.store.task_pick(which.pick(None)).await?,
            found => found?,
        };
        let id = row::id(&row)?;
        match Role::try_from(row.key.role)? {
            found if found == role => Ok((row.key, id)),
            found => Err(TaskError::Role { id, ours: found == Role::Requester }),
        }
    }
}
