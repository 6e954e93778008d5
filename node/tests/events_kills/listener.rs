//! A process that subscribes, as the test sees it: all that it has said before it was killed counts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{env, process::Stdio};

use airway::protocols::events::{Position, Reason};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    sync::watch,
    time::timeout,
};

use crate::{
    broker::Broker,
    process::PATIENCE,
    worker::{Said, Settings, WORKER},
};

/// See the module. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Listener {
    settings: Settings,
    process: Child,
    lines: BufReader<ChildStdout>,
    /// In the order in which they came, from all its lives.
    pub(crate) events: Vec<(Position, String)>,
    pub(crate) gaps: Vec<(Position, Position, Reason)>,
    _home: TempDir,
}

impl Listener {
    /// Becomes a contact of the broker, and subscribes to whatever is still to come.
    pub(crate) async fn new(broker: &Broker, patterns: &[&str]) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let settings = Settings {
            home: dir.path().join("home"),
            ticket: Some(broker.ticket().await),
            patterns: patterns.iter().map(ToString::to_string).collect(),
            since: None,
        };
        let (process, lines) = spawn(&settings);
        let mut new = Self { settings, process, lines, events: Vec::new(), gaps: Vec::new(), _home: dir };
        new.lives().await;
        new.settings.ticket = None;
        new
    }

    /// Kills it, and has another go on.
    pub(crate) async fn restart(self) -> Self {
        self.die().await.rise().await
    }

    /// Kills it, and takes in what it has said by then.
    pub(crate) async fn die(mut self) -> Self {
        self.process.kill().await.unwrap();
        while let Some(said) = self.next().await {
            self.take_in(said);
        }
        self
    }

    /// Starts another on the same home, which goes on behind the last that this one has said.
    pub(crate) async fn rise(mut self) -> Self {
        self.settings.since = self.events.last().map(|(position, _)| *position).or(self.settings.since);
        (self.process, self.lines) = spawn(&self.settings);
        self.lives().await;
        self
    }

    async fn lives(&mut self) {
        match timeout(PATIENCE, self.next()).await {
            Ok(Some(Said::Live(position))) => {
                self.settings.since.get_or_insert(position);
            }
            other => panic!("it does not subscribe: {other:?}"),
        }
    }

    /// Listens until it has heard so many events, and says how many after each.
    pub(crate) async fn hear(&mut self, events: usize, heard: &watch::Sender<usize>) {
        while self.events.len() < events {
            self.hear_one().await;
            heard.send_replace(self.events.len());
        }
    }

    /// Listens until it has heard this one.
    pub(crate) async fn hear_position(&mut self, position: Position) {
        while self.events.last().is_none_or(|(last, _)| *last < position) {
            self.hear_one().await;
        }
    }

    async fn hear_one(&mut self) {
        let said = timeout(PATIENCE, self.next()).await;
        let said = said.unwrap_or_else(|_| panic!("nothing comes behind {:?}", self.events.last()));
        let said = said.unwrap_or_else(|| panic!("it has ended behind {:?}", self.events.last()));
        self.take_in(said);
    }

    fn take_in(&mut self, said: Said) {
        match said {
            Said::Event(position, text) => self.events.push((position, text)),
            Said::Gap(after, next, reason) => self.gaps.push((after, next, reason.into())),
            Said::Live(position) => panic!("it is live once more, at {position}"),
        }
    }

    /// The next that it says. What the test harness prints in it is nothing; nor is what it was killed over.
    async fn next(&mut self) -> Option<Said> {
        let mut line = String::new();
        loop {
            line.clear();
            self.lines.read_line(&mut line).await.unwrap();
            if !line.ends_with('\n') {
                return None;
            }
            if let Some(at) = line.find('{')
                && let Ok(said) = serde_json::from_str(line[at..].trim_end())
            {
                return Some(said);
            }
        }
    }

    /// The positions of all that it has heard.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> {
        self.events.iter().map(|(position, _)| *position)
    }

    /// Where what it has heard begins to be something else.
    pub(crate) fn difference(&self, published: &[(Position, String)]) -> String {
        let same =
            self.events.iter().zip(published).take_while(|(heard, published)| heard == published).count();
        format!("event {same} is {:?}, and was heard as {:?}", published.get(same), self.events.get(same))
    }
}

/// Starts this program once more, as a worker.
fn spawn(settings: &Settings) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "worker::subscribes", "--nocapture"]);
    command.env(WORKER, serde_json::to_string(settings).unwrap());
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap());
    (process, lines)
}
