//! Requesters and workers, and one run of tasks among them.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use airway::{
    Accepting, Contact, Material, NewTask, Node, Role, TaskRef,
    protocols::tasks::{State, TaskId},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{AT_ONCE, PATIENCE, Party};
use crate::{agent::Agent, bench::percentile};

/// Bytes of a result.
const RESULT: usize = 256;

/// Tasks that a worker executes at once. They take no time but that of their changes, which share commits.
const HANDS: usize = 16;

/// Tasks that a newcomer may have under way, and after which it is none.
const FIRST: usize = 3;

/// See the module. Dropping it ends the workers.
#[derive(Debug)]
pub(super) struct Course {
    parties: Vec<Party>,
    heard: Vec<Heard>,
    _workers: Vec<Agent>,
    _accepting: Vec<Accepting>,
    _running: JoinSet<()>,
}

/// When a requester has heard what of its tasks.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<HashMap<TaskId, watch::Sender<Times>>>>);

/// Of one task.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    accepted: Option<Instant>,
    ended: Option<(Instant, State)>,
}

/// What a run has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Tasks a second, from the first submission to the last result.
    pub rate: f64,
    /// Half of the submissions took no longer to be on the requester's disk, in milliseconds.
    pub durable: f64,
    /// Half of the tasks were accepted after no more milliseconds.
    pub accepted50: f64,
    /// And 99 of 100.
    pub accepted99: f64,
    /// Half of the results were there after no more milliseconds.
    pub result50: f64,
    /// And 99 of 100.
    pub result99: f64,
    /// Tasks that did not succeed.
    pub lost: u64,
}

/// How long one task took to be on the disk, accepted and done.
type Taken = [Duration; 3];

impl Course {
    /// Lets everybody do its first tasks for everybody.
    pub(super) async fn begin(
        parties: Vec<Party>,
        workers: Vec<Agent>,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut running = JoinSet::new();
        let accepting = workers.iter().map(|worker| worker.node.accept_tasks()).collect();
        for worker in &workers {
            for _ in 0..HANDS {
                running.spawn(work(worker.node.clone()));
            }
        }
        let mut heard = Vec::new();
        for party in &parties {
            let ears = Heard::default();
            running.spawn(listen(party.requester.node.clone(), ears.clone()));
            heard.push(ears);
        }
        let course = Self { parties, heard, _workers: workers, _accepting: accepting, _running: running };
        for (party, heard) in course.parties.iter().zip(&course.heard) {
            for worker in &party.workers {
                for _ in 0..FIRST {
                    submit(&party.requester.node, worker, heard).await?;
                }
            }
        }
        Ok(course)
    }

    /// Has so many tasks done, of all requesters together.
    pub(super) async fn measure(&self, tasks: usize) -> Result<Tally, Box<dyn Error + Send + Sync>> {
        let each = tasks.div_ceil(self.parties.len());
        let start = Instant::now();
        let all = stream::iter(self.parties.iter().zip(&self.heard)).map(async |(party, heard)| {
            let workers = party.workers.iter().cycle().take(each);
            let submitted = stream::iter(workers)
                .map(|worker| submit(&party.requester.node, worker, heard))
                .buffer_unordered(AT_ONCE);
            submitted.try_collect::<Vec<_>>().await
        });
        let taken: Vec<_> = all.buffer_unordered(self.parties.len()).try_concat().await?;
        Ok(Tally::of(taken, each * self.parties.len(), start.elapsed()))
    }
}

impl Tally {
    fn of(taken: Vec<Option<Taken>>, submitted: usize, time: Duration) -> Self {
        let well: Vec<_> = taken.into_iter().flatten().collect();
        let millis = |which: usize, rank| {
            let mut all: Vec<_> = well.iter().map(|taken| taken[which]).collect();
            all.sort_unstable();
            percentile(&all, rank).as_secs_f64() * 1e3
        };
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = well.len() as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE);
        Self {
            rate,
            durable: millis(0, 50),
            accepted50: millis(1, 50),
            accepted99: millis(1, 99),
            result50: millis(2, 50),
            result99: millis(2, 99),
            lost: (submitted - well.len()) as u64,
        }
    }
}

/// Submits a task, and waits until it has ended; nothing if it did not succeed.
async fn submit(
    node: &Node,
    worker: &Contact,
    heard: &Heard,
) -> Result<Option<Taken>, Box<dyn Error + Send + Sync>> {
    let id = TaskId::new();
    let mut times = heard.expect(id);
    let start = Instant::now();
    node.task_submit(worker, NewTask { id: Some(id), ..NewTask::new("answer") }).await?;
    let durable = start.elapsed();
    let ended = timeout(PATIENCE, times.wait_for(|times| times.ended.is_some())).await;
    let times = *ended.map_err(|_| format!("{id} has no end"))??;
    heard.lock().remove(&id);
    let (Some(accepted), Some((ended, State::Succeeded))) = (times.accepted, times.ended) else {
        return Ok(None);
    };
    Ok(Some([durable, accepted - start, ended - start]))
}

/// Executes one task after the other, for as long as the node lives.
async fn work(node: Node) {
    let result = || Some(Material::Inline(vec![0xA5; RESULT]));
    while let Ok(next) = node.task_next(None, PATIENCE).await {
        let Some(task) = next else { continue };
        let which = TaskRef::from(task.id);
        // What was refused shows as a task that does not succeed.
        let _ = node.task_complete(&which, Some(task.attempt), result()).await;
    }
}

/// Hears what becomes of the tasks of a requester.
async fn listen(node: Node, heard: Heard) {
    let mut changes = std::pin::pin!(node.task_changes(None));
    while let Some(Ok(entry)) = changes.next().await {
        let (Role::Requester, Some(state)) = (entry.role, entry.state) else { continue };
        if let Some(times) = heard.lock().get(&entry.task) {
            times.send_modify(|times| times.take_in(state));
        }
    }
}

impl Times {
    /// A task that was begun before its requester heard of its place in the queue was in it, too.
    fn take_in(&mut self, state: State) {
        let now = Instant::now();
        if !matches!(state, State::Submitted | State::New) {
            self.accepted.get_or_insert(now);
        }
        if state.is_final() {
            self.ended.get_or_insert((now, state));
        }
    }
}

impl Heard {
    fn expect(&self, id: TaskId) -> watch::Receiver<Times> {
        let (sender, receiver) = watch::channel(Times::default());
        self.lock().insert(id, sender);
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, watch::Sender<Times>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
