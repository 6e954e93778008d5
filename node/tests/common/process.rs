//! The built binary as real processes: daemons in homes of their own, and commands that talk to them.

use std::{
    io::Write as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{LISTEN, PATIENCE};

/// A daemon on loopback; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    pub home: TempDir,
    name: &'static str,
    child: Child,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The data of a command that was to succeed, run with `--json`.
    pub fn data(&self) -> Value {
        let envelope: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{self:?}"));
        assert_eq!((self.code, &envelope["status"]), (0, &"ok".into()), "{self:?}");
        envelope["data"].clone()
    }

    /// Checks that it failed with this code, said why, and what to do next.
    pub fn failed(&self, code: i32) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.contains("error: ") && self.stderr.contains("hint: "), "{self:?}");
        assert!(self.stdout.is_empty(), "{self:?}");
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Daemon {
    /// Starts a daemon on a new home and waits until it answers.
    pub fn new(name: &'static str) -> Self {
        let home = TempDir::with_prefix("airway-").unwrap();
        let child = spawn(home.path(), name);
        let mut daemon = Self { home, name, child };
        daemon.until_up();
        daemon
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same home.
    pub fn start(&mut self) {
        self.child = spawn(self.home.path(), self.name);
        self.until_up();
    }

    fn until_up(&mut self) {
        let start = Instant::now();
        while self.run(&["status"]).code != 0 {
            assert!(start.elapsed() < PATIENCE, "{} did not start", self.name);
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{} ended: {status}: {}", self.name, self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What the daemon has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("test.log")).unwrap()
    }

    /// A command on this home.
    pub fn command(&self, args: &[&str]) -> Command {
        airway(self.home.path(), args)
    }

    /// Runs a command on this home to its end, without input.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).stdin(Stdio::null()).output().unwrap().into()
    }

    /// The same with `--json`, and its data.
    pub fn json(&self, args: &[&str]) -> Value {
        self.command(args).arg("--json").stdin(Stdio::null()).output().map(Ran::from).unwrap().data()
    }

    /// Runs a command with this input.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// The daemon's contact card.
    pub fn card(&self) -> String {
        let card = self.run(&["card"]);
        assert_eq!(card.code, 0, "{card:?}");
        card.stdout.trim().to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        // Shown by the test runner if the test has failed.
        println!("log of {}:\n{}", self.name, self.log());
        assert!(!self.log().contains("panicked") || std::thread::panicking(), "{} panicked", self.name);
    }
}

/// The binary with a home and no settings from outside.
pub fn airway(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airway"));
    command.env_clear().arg("--home").arg(home).args(args);
    command
}

/// Two daemons that trust each other: alice and bob.
pub fn friends() -> (Daemon, Daemon) {
    let (alice, bob) = (Daemon::new("alice"), Daemon::new("bob"));
    assert_eq!(alice.run(&["trust", &bob.card()]).code, 0);
    assert_eq!(bob.run(&["trust", &alice.card()]).code, 0);
    (alice, bob)
}

fn spawn(home: &Path, name: &str) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(home.join("test.log")).unwrap();
    airway(home, &["up", "--name", name, "--listen", LISTEN[0], "--listen", LISTEN[1]])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}
