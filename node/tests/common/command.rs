//! Commands of the built binary, run to their end.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{path::Path, process::Stdio};

use airway::config::env;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use super::PATIENCE;

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    /// The number it ended with; -1 if a signal ended it.
    pub code: i32,
    /// Data.
    pub stdout: Vec<u8>,
    /// Talk.
    pub stderr: String,
}

impl Ran {
    /// stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// Each line of stdout as JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one envelope on stdout of a command that was asked for JSON.
    fn envelope(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The data in the envelope of a command that succeeded.
    pub fn data(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        let mut envelope = self.envelope();
        assert_eq!(envelope["status"], "ok", "{self:?}");
        envelope["data"].take()
    }

    /// The error in the last line of a command that failed so, with what to do next.
    pub fn error(&self, code: i32, name: &str) -> Value {
        assert_eq!(self.code, code, "{self:?}");
        let error = self.lines().pop().unwrap_or_else(|| panic!("no error on stdout: {self:?}"));
        assert_eq!((&error["status"], &error["code"]), (&"error".into(), &name.into()), "{self:?}");
        for part in ["message", "hint"] {
            assert!(error[part].as_str().is_some_and(|text| !text.is_empty()), "no {part}: {self:?}");
        }
        error
    }
}

/// The binary for a home, without the settings of whoever runs the tests.
pub fn airway(home: &Path) -> Command {
    plain(Command::new(env!("CARGO_BIN_EXE_airway")), home)
}

/// The same by way of another program, which gets the binary and its arguments as its own last ones.
pub fn airway_through(mut program: Command, home: &Path) -> Command {
    program.arg(env!("CARGO_BIN_EXE_airway"));
    plain(program, home)
}

fn plain(mut command: Command, home: &Path) -> Command {
    let settings =
        [env::HOME, env::NAME, env::LISTEN, env::INVITE, env::LOG, env::LOG_FORMAT, env::PASSPHRASE];
    for variable in settings {
        command.env_remove(variable);
    }
    command.arg("--home").arg(home).kill_on_drop(true);
    command
}

/// Runs a command to its end, with these bytes on its stdin.
pub async fn run(mut command: Command, stdin: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let feed = async move {
        // A command that needs no more input may close it early.
        input.write_all(stdin).await.ok();
    };
    let both = async { tokio::join!(feed, child.wait_with_output()).1.unwrap() };
    let output = timeout(PATIENCE, both).await.unwrap_or_else(|_| panic!("did not end: {command:?}"));
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
