//! A daemon that dies where it is told to, and what is heard of its tasks in all its lives.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use airway::api::{
    Code, Error, TaskEntry, TaskFollowQuery, TaskPathQuery, TaskRole, TaskState, client::Client,
};
use tempfile::TempDir;
use tokio::{
    process::Command,
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    crash::Place,
    process::{Daemon, airway},
};

/// A place that is not reached by then is not reached.
const REACHED: Duration = Duration::from_secs(30);

/// Between two calls to a daemon that is dead.
const PACE: Duration = Duration::from_millis(20);

/// See the module.
#[derive(Debug)]
pub(crate) struct Agent {
    /// Taken only while it is exchanged for the next.
    daemon: Option<Daemon>,
    /// What it is told by.
    orders: PathBuf,
    pub(crate) tasks: Tasks,
}

/// The tasks of an agent, whichever of its lives it is in.
#[derive(Debug, Clone)]
pub(crate) struct Tasks {
    pub(crate) role: TaskRole,
    pub(crate) client: Client,
    /// All that has happened, in the order in which it did.
    events: Arc<Mutex<Vec<TaskEntry>>>,
    /// Whether what comes is accepted by itself.
    accepting: watch::Sender<bool>,
    /// Those that have ended.
    ended: watch::Sender<BTreeMap<String, TaskState>>,
}

impl Agent {
    pub(crate) async fn new(name: &str, role: TaskRole) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let (home, orders) = (dir.path().join("home"), dir.path().join("die-at"));
        let daemon = Daemon::start(name, dir, mortal(&home, &orders), |_| home.clone()).await;
        let client = Client::new(daemon.socket());
        let accepting = watch::Sender::new(role == TaskRole::Worker);
        let tasks =
            Tasks { role, client, events: Arc::default(), accepting, ended: watch::Sender::default() };
        Self { daemon: Some(daemon), orders, tasks }
    }

    pub(crate) fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    /// Tells it where to die.
    pub(crate) fn order(&self, place: Place) {
        fs::write(&self.orders, format!("{place:?}")).unwrap();
    }

    /// Whether it has died where it was told to, in time.
    pub(crate) async fn obeys(&mut self) -> bool {
        self.dies_within(REACHED).await
    }

    /// Whether it dies by itself, within this time.
    pub(crate) async fn dies_within(&mut self, time: Duration) -> bool {
        self.daemon.as_mut().unwrap().ends_within(time).await
    }

    pub(crate) async fn kill(&mut self) {
        self.daemon.as_mut().unwrap().kill().await;
    }

    /// Starts it again, without an order.
    pub(crate) async fn rise(&mut self) {
        let mut former = self.daemon.take().unwrap();
        former.kill().await;
        fs::remove_file(&self.orders).ok();
        let command = mortal(&former.home, &self.orders);
        self.daemon = Some(former.restart_by(command).await);
    }

    /// What it has found to be wrong, in all its lives.
    pub(crate) fn errors(&self) -> Vec<String> {
        let log = self.daemon().log();
        log.lines().filter(|line| line.contains(" ERROR ")).map(str::to_owned).collect()
    }
}

impl Tasks {
    /// Hears all that happens with its tasks, over all its lives; does not end.
    pub(crate) async fn follow(&self) {
        let (mut pace, mut accepting) = (pace(), self.accepting.subscribe());
        loop {
            let after = self.events().last().map_or(0, |event| event.seq);
            let accept = *accepting.borrow_and_update();
            let query = TaskFollowQuery { after: Some(after), task: None, accept };
            if let Ok(mut events) = self.client.follow_tasks(&query).await {
                let hearing = async {
                    while let Ok(Some(event)) = events.next().await {
                        self.take_in(event);
                    }
                };
                tokio::select! {
                    () = hearing => {}
                    _ = accepting.changed() => {}
                }
            }
            pace.tick().await;
        }
    }

    /// Has tasks accepted as they come, or wait for that.
    pub(crate) fn accept(&self, accepting: bool) {
        self.accepting.send_replace(accepting);
    }

    fn take_in(&self, event: TaskEntry) {
        if let Some(state) = event.state.filter(|state| state.is_final()) {
            self.ended.send_modify(|ended| _ = ended.insert(event.task.clone(), state));
        }
        self.events.lock().unwrap().push(event);
    }

    /// All that has happened.
    pub(crate) fn events(&self) -> Vec<TaskEntry> {
        self.events.lock().unwrap().clone()
    }

    /// Waits until so many tasks have ended.
    pub(crate) async fn have_ended(&self, count: usize) {
        let mut ended = self.ended.subscribe();
        ended.wait_for(|ended| ended.len() >= count).await.unwrap();
    }

    /// Waits until this one has.
    pub(crate) async fn has_ended(&self, id: &str) {
        let mut ended = self.ended.subscribe();
        ended.wait_for(|ended| ended.contains_key(id)).await.unwrap();
    }

    /// Whether this one has ended, as far as was heard.
    pub(crate) fn knows_the_end_of(&self, id: &str) -> bool {
        self.ended.borrow().contains_key(id)
    }

    /// Makes a call until the daemon lives and answers.
    pub(crate) async fn insist<T>(
        &self,
        mut call: impl AsyncFnMut(&Client) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut pace = pace();
        loop {
            match call(&self.client).await {
                Err(error) if is_dead(&error) => drop(pace.tick().await),
                answer => return answer,
            }
        }
    }

    /// A task in which it has its part.
    pub(crate) async fn task(&self, id: &str) -> Option<airway::api::Task> {
        let query = TaskPathQuery { role: Some(self.role) };
        match self.client.task(id, &query).await {
            Ok(task) => Some(task),
            Err(error) if error.code == Code::NotFound => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether nobody was there to answer, or was to the end.
fn is_dead(error: &Error) -> bool {
    matches!(error.code, Code::NotRunning | Code::Home | Code::Internal | Code::Timeout)
}

/// In which to look at what changes.
pub(crate) fn pace() -> Interval {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

/// The command of a daemon that looks for orders.
fn mortal(home: &Path, orders: &Path) -> Command {
    let mut command = airway(home);
    command.env("AIRWAY_CRASH_AT", orders);
    command
}
