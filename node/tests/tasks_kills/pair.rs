//! A requester and a worker, of which one or the other dies while tasks go on; and the programs that each has.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use airway::{
    api::{CancelRequest, FailRequest, NextRequest, ProgressRequest, Task, TaskRole},
    protocols::tasks::TaskId,
};
use futures::{StreamExt as _, future::join_all, stream};
use tokio::time::timeout;

use crate::{
    agent::{Agent, Tasks, pace},
    crash::Place,
    deed::Deed,
    plan::{Death, Moment, Victim},
    process::{PATIENCE, befriend},
    tally::Tally,
};

/// Tasks under way at once.
const AT_ONCE: usize = 8;

/// Tasks that are executed at once.
const HANDS: usize = 2;

/// The first ones, which go one by one: a newcomer may have no more under way.
const FIRST: usize = 3;

/// How long the worker's program is believed to live without a word.
const LEASE_MS: u64 = 1_500;

/// How long it waits for a task in one call.
const WAIT_MS: u64 = 1_000;

/// However many die meanwhile, a task that has not ended by then will not end.
const LIFE: Duration = Duration::from_secs(300);

/// What the programs of a pair know.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// The tasks that were submitted, by their ids.
    pub(crate) submitted: Mutex<BTreeMap<String, Deed>>,
    /// Each execution: which attempts of which task.
    pub(crate) executions: Mutex<BTreeMap<String, Vec<u32>>>,
    /// Nobody dies any more.
    over: AtomicBool,
    /// All tasks have ended.
    done: AtomicBool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) requester: Agent,
    pub(crate) worker: Agent,
    pub(crate) course: Arc<Course>,
    pub(crate) tally: Tally,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        let (requester, worker) = tokio::join!(
            Agent::new("requester", TaskRole::Requester),
            Agent::new("worker", TaskRole::Worker)
        );
        befriend(requester.daemon(), worker.daemon()).await;
        Self { requester, worker, course: Arc::default(), tally: Tally::default() }
    }

    /// Has at least so many tasks done, while these deaths are died.
    pub(crate) async fn play(&mut self, tasks: usize, deaths: &[Death]) {
        let (ours, theirs) = (self.requester.tasks.clone(), self.worker.tasks.clone());
        let (to, course) = (self.worker.daemon().address().to_owned(), self.course.clone());
        let working = join_all((0..HANDS).map(|_| work(&theirs, &course)));
        let dying = async {
            self.die(tasks, deaths).await;
            course.over.store(true, Ordering::Relaxed);
        };
        let played = async {
            let submitting = async {
                let (submitted, ()) = tokio::join!(submit_all(&ours, &to, tasks, &course), dying);
                course.done.store(true, Ordering::Relaxed);
                submitted
            };
            let (submitted, _) = tokio::join!(submitting, working);
            assert_eq!(submitted, course.submitted.lock().unwrap().len());
            settle(&[&ours, &theirs], &course).await
        };
        let left = tokio::select! {
            left = played => left,
            _ = join_all([ours.follow(), theirs.follow()]) => unreachable!("they do not end"),
        };
        self.tally.wrong.extend(left);
    }

    /// Spreads the deaths over the tasks.
    async fn die(&mut self, tasks: usize, deaths: &[Death]) {
        for (at, death) in deaths.iter().enumerate() {
            let due = FIRST + at * tasks.saturating_sub(FIRST) / deaths.len();
            let ended = self.requester.tasks.have_ended(due);
            timeout(LIFE, ended).await.unwrap_or_else(|_| panic!("{due} tasks have not ended: {death:?}"));
            match death.moment {
                Moment::At(place) => {
                    // What is accepted as it comes is never new.
                    self.worker.tasks.accept(place != Place::TaskKept);
                    let victim = self.victims(death.victim).remove(0);
                    victim.order(place);
                    if !victim.obeys().await {
                        self.tally.missed.push(format!("{death:?}"));
                    }
                }
                Moment::After(time) => drop(self.victims(death.victim)[0].dies_within(time).await),
            }
            let victims = self.victims(death.victim);
            let dead = victims.len();
            join_all(victims.into_iter().map(async |victim| {
                victim.kill().await;
                victim.rise().await;
            }))
            .await;
            self.worker.tasks.accept(true);
            self.tally.kills += dead;
        }
    }

    fn victims(&mut self, victim: Victim) -> Vec<&mut Agent> {
        match victim {
            Victim::Requester => vec![&mut self.requester],
            Victim::Worker => vec![&mut self.worker],
            Victim::Both => vec![&mut self.requester, &mut self.worker],
        }
    }
}

/// Waits until neither has anything to tell the other, and all has been heard of them; returns what is left over.
async fn settle(sides: &[&Tasks], course: &Course) -> Vec<String> {
    let ids: Vec<_> = course.submitted.lock().unwrap().keys().cloned().collect();
    let mut left = Vec::new();
    for side in sides {
        for id in &ids {
            let mut last = None;
            let settled = async {
                let mut pace = pace();
                loop {
                    last = side.task(id).await;
                    if last.as_ref().is_none_or(|task| task.settled && side.knows_the_end_of(id)) {
                        return;
                    }
                    pace.tick().await;
                }
            };
            if timeout(PATIENCE, settled).await.is_err() {
                left.push(format!("{:?} has not settled {last:?}", side.role));
            }
        }
    }
    left
}

/// Submits tasks, each until it has ended, and goes on until it is over; returns how many.
async fn submit_all(tasks: &Tasks, to: &str, count: usize, course: &Course) -> usize {
    for number in 0..FIRST {
        submit(tasks, to, Deed(number * 8), course).await;
    }
    let wanted = |number: &usize| *number < count || !course.over.load(Ordering::Relaxed);
    let numbers = stream::iter(FIRST..).take_while(|number| futures::future::ready(wanted(number)));
    let submitted = numbers.map(|number| submit(tasks, to, Deed(number), course));
    FIRST + submitted.buffer_unordered(AT_ONCE).count().await
}

/// Submits one, takes it back if it is one of those, and waits for its end.
async fn submit(tasks: &Tasks, to: &str, deed: Deed, course: &Course) {
    let id = TaskId::new().to_string();
    course.submitted.lock().unwrap().insert(id.clone(), deed);
    let request = deed.request(to, id.clone());
    let submitted = tasks.insist(async |client| client.submit_task(&request).await).await.unwrap();
    assert_eq!(submitted.id, id);
    if deed.is_cancelled() {
        let request = CancelRequest { text: None, abandon: false };
        // It may have ended.
        drop(tasks.insist(async |client| client.cancel_task(&id, &request).await).await);
    }
    timeout(LIFE, tasks.has_ended(&id)).await.unwrap_or_else(|_| panic!("{id} does not end: {deed:?}"));
}

/// The program of the worker: takes one task after the other, until all is done.
async fn work(tasks: &Tasks, course: &Course) {
    let next = NextRequest { lease_ms: Some(LEASE_MS), wait_ms: Some(WAIT_MS) };
    while !course.done.load(Ordering::Relaxed) {
        let task = timeout(PATIENCE, tasks.insist(async |client| client.next_task(&next).await)).await;
        if let Some(task) = task.unwrap().unwrap().task {
            execute(tasks, course, task).await;
        }
    }
}

async fn execute(tasks: &Tasks, course: &Course, task: Task) {
    let (id, attempt, deed) = (task.id, task.attempt, Deed::of(&task.description));
    course.executions.lock().unwrap().entry(id.clone()).or_default().push(attempt);
    if deed.is_dropped(attempt) {
        return;
    }
    let progress =
        ProgressRequest { attempt: Some(attempt), progress: Some(500), text: Some("half of it".into()) };
    // Whoever asks too late is told so: the attempt was given to another, or the task has been taken back.
    drop(tasks.client.task_progress(&id, &progress).await);
    if deed.fails() {
        let reason = FailRequest { attempt: Some(attempt), reason: "not this one".into() };
        drop(tasks.insist(async |client| client.fail_task(&id, &reason).await).await);
    } else {
        let result = deed.result(attempt);
        drop(tasks.insist(async |client| client.complete_task(&id, &result).await).await);
    }
}
