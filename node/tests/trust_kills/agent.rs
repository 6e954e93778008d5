//! A daemon that dies where it is told to.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use airway::api::{LogQuery, RequestsQuery, Standing, TrustEvent, Which, client::Client};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    crash::Place,
    process::{Daemon, airway},
};

/// A place that is not reached by then is not reached.
const REACHED: Duration = Duration::from_secs(30);

/// Unix milliseconds.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Agent {
    /// Taken only while it is exchanged for the next.
    daemon: Option<Daemon>,
    pub(crate) address: String,
    /// What it is told by.
    orders: PathBuf,
    socket: PathBuf,
}

impl Agent {
    pub(crate) async fn new(name: &str) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let (home, orders) = (dir.path().join("home"), dir.path().join("die-at"));
        let daemon = Daemon::start(name, dir, mortal(&home, &orders), |_| home.clone()).await;
        let (address, socket) = (daemon.address().to_owned(), daemon.socket());
        Self { daemon: Some(daemon), address, orders, socket }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.socket)
    }

    /// Tells it where to die. It must not be on its way yet.
    pub(crate) fn order(&self, place: Place) {
        fs::write(&self.orders, format!("{place:?}")).unwrap();
    }

    /// Whether it has died where it was told to, in time.
    pub(crate) async fn obeys(&mut self) -> bool {
        self.daemon.as_mut().unwrap().ends_within(REACHED).await
    }

    /// Kills it if it lives, and starts it again, without an order.
    pub(crate) async fn rise(&mut self) {
        let mut former = self.daemon.take().unwrap();
        former.kill().await;
        fs::remove_file(&self.orders).ok();
        let command = mortal(&former.home, &self.orders);
        self.daemon = Some(former.restart_by(command).await);
    }

    /// Forgets who has knocked: a stranger may do so six times within twenty minutes, and whoever rises, or has lost its
    /// trust, knocks again.
    pub(crate) async fn forget_knocks(&mut self) {
        self.rise().await;
    }

    pub(crate) async fn kill(&mut self) {
        self.daemon.as_mut().unwrap().kill().await;
    }

    /// How it stands to another.
    pub(crate) async fn standing(&self, other: &str) -> Standing {
        let client = self.client();
        // In this order: what is asked for now may be trusted at the next look, and the reverse takes longer.
        let requests = client.requests(&RequestsQuery { state: Which::All }).await.unwrap();
        if let Some(request) = requests.iter().find(|request| request.address == other) {
            return request.state;
        }
        let trusted = client.contacts().await.unwrap().iter().any(|contact| contact.address == other);
        if trusted { Standing::Trusted } else { Standing::Stranger }
    }

    /// What it has found to be wrong, in all its lives.
    pub(crate) fn errors(&self) -> Vec<String> {
        let log = self.daemon.as_ref().unwrap().log();
        log.lines().filter(|line| line.contains(" ERROR ")).map(str::to_owned).collect()
    }

    /// The end of its log, for a failure.
    pub(crate) fn last_words(&self) -> String {
        const LINES: usize = 40;
        let log = self.daemon.as_ref().unwrap().log();
        let lines: Vec<_> = log.lines().rev().take(LINES).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// The number of the newest event between agents.
    pub(crate) async fn newest(&self) -> u64 {
        self.events(None).await.last().map_or(0, |event| event.seq)
    }

    /// The events after this one.
    pub(crate) async fn events(&self, after: Option<u64>) -> Vec<TrustEvent> {
        let query = LogQuery { after, limit: Some(if after.is_some() { 100 } else { 1 }), who: None };
        self.client().trust_log(&query).await.unwrap()
    }
}

/// The command of a daemon that looks for orders.
fn mortal(home: &Path, orders: &Path) -> Command {
    let mut command = airway(home);
    command.env("AIRWAY_CRASH_AT", orders);
    command
}
