//! The built binary as real processes: daemons in homes of their own, and commands that talk to them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "compiled into each test by itself, which uses a part of it"
)]

mod command;

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

pub use command::{Ran, airway, airway_through, run};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};

/// However loaded the machine is, what has not happened by then will not happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// QUIC and TCP on loopback, on a port that the home remembers.
pub const LISTEN: [&str; 2] = ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"];

/// A daemon. Dropping it kills the process, and fails the test if it had panicked.
#[derive(Debug)]
pub struct Daemon {
    name: String,
    /// Where commands find it.
    pub home: PathBuf,
    /// What it said of itself when it was ready.
    pub status: Value,
    child: Child,
    /// Holds the home and the log.
    dir: TempDir,
}

impl Daemon {
    /// Starts an agent with a new key, and waits until it is ready.
    pub async fn new(name: &str) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let home = dir.path().join("home");
        let command = airway(&home);
        Self::start(name, dir, command, |_| home).await
    }

    /// Starts a daemon by this command, which lacks `up` and what follows. Commands find its home by its pid.
    pub async fn start(
        name: &str,
        dir: TempDir,
        mut command: Command,
        home: impl FnOnce(u32) -> PathBuf,
    ) -> Self {
        command.args(["--json", "up", "--name", name, "--log", "info,airway=debug"]);
        command.args(LISTEN.iter().flat_map(|address| ["--listen", address]));
        let log = File::options().create(true).append(true).open(log_in(&dir)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let home = home(child.id().unwrap());
        let mut daemon = Self { name: name.into(), home, status: Value::Null, child, dir };
        let stdout = BufReader::new(daemon.child.stdout.take().unwrap());
        let line = timeout(PATIENCE, stdout.lines().next_line()).await;
        let Ok(Ok(Some(line))) = line else { panic!("{name} did not start: {line:?}\n{}", daemon.log()) };
        daemon.status = serde_json::from_str(&line).unwrap();
        daemon
    }

    /// Kills the process if it runs, and starts another on the same home.
    pub async fn restart(self) -> Self {
        let command = airway(&self.home);
        self.restart_by(command).await
    }

    /// The same by this command, which lacks `up` and what follows.
    pub async fn restart_by(mut self, command: Command) -> Self {
        self.kill().await;
        let dir = std::mem::replace(&mut self.dir, TempDir::new().unwrap());
        let home = self.home.clone();
        Self::start(&self.name, dir, command, |_| home).await
    }

    /// Ends the process by SIGKILL and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits until the process has ended by itself; returns its number.
    pub async fn ended(&mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("the daemon did not end").unwrap().code()
    }

    /// Waits until the process has ended by itself, for no longer than this; returns whether it has.
    pub async fn ends_within(&mut self, patience: Duration) -> bool {
        timeout(patience, self.child.wait()).await.is_ok_and(|ended| ended.is_ok())
    }

    /// Where its local API listens.
    pub fn socket(&self) -> PathBuf {
        self.home.join("run/api.sock")
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the daemon runs")
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(log_in(&self.dir)).unwrap_or_default()).into_owned()
    }

    /// A command for this daemon.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = airway(&self.home);
        command.args(args);
        command
    }

    /// Runs a command.
    pub async fn run(&self, args: &[&str]) -> Ran {
        run(self.command(args), b"").await
    }

    /// Runs a command that prints JSON and succeeds; returns its data.
    pub async fn json(&self, args: &[&str]) -> Value {
        run(self.command(["--json"].iter().chain(args)), b"").await.data()
    }

    /// Runs a command that prints JSON and fails so; returns the error.
    pub async fn fails(&self, args: &[&str], code: i32, name: &str) -> Value {
        run(self.command(["--json"].iter().chain(args)), b"").await.error(code, name)
    }

    /// The card to hand out.
    pub async fn card(&self) -> String {
        self.json(&["card"]).await["card"].as_str().unwrap().to_owned()
    }

    /// A ticket, made with these flags.
    pub async fn ticket(&self, flags: &[&str]) -> String {
        self.json(&[&["pair", "--no-wait"], flags].concat()).await["ticket"].as_str().unwrap().to_owned()
    }

    /// Full address.
    pub fn address(&self) -> &str {
        self.status["address"].as_str().unwrap()
    }

    /// Messages in the inbox, oldest first.
    pub async fn inbox(&self) -> Vec<Value> {
        self.json(&["inbox", "list"]).await.as_array().unwrap().clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let log = self.log();
        if !std::thread::panicking() {
            assert!(!log.contains("panicked"), "{} panicked:\n{log}", self.name);
        }
    }
}

fn log_in(dir: &TempDir) -> PathBuf {
    dir.path().join("log")
}

/// Two daemons that trust each other as `alice` and `bob`.
pub async fn friends() -> (Daemon, Daemon) {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    befriend(&alice, &bob).await;
    (alice, bob)
}

/// Makes two daemons trust each other: one makes a ticket, the other uses it.
pub async fn befriend(a: &Daemon, b: &Daemon) {
    let ticket = a.ticket(&[]).await;
    b.json(&["pair", &ticket, "--timeout", "50s"]).await;
    confirmed(a, b.address()).await;
}

/// Waits until an agent knows that this contact has heard of its trust.
pub async fn confirmed(daemon: &Daemon, address: &str) {
    until("the other has heard", async || {
        let trusted = daemon.json(&["trusted"]).await;
        trusted.as_array().unwrap().iter().any(|one| one["address"] == address && one["confirmed"] == true)
    })
    .await;
}

/// Waits until a condition holds.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let holds = async {
        while !condition().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, holds).await.unwrap_or_else(|_| panic!("not within a minute: {what}"));
}
