//! A running peer.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    Error, Language,
    process::{PATIENCE, Process},
};
use crate::contract::{Begin, Flags, Ready};

/// Most bytes of a log that are shown with a failure: its end.
const SHOWN: usize = 8 * 1024;

/// A peer in a process of its own, with a home that goes away with it. Dropping it kills the process; while the test
/// fails, it shows what the peer has logged.
#[derive(Debug)]
pub struct Peer {
    language: Language,
    flags: Flags,
    ready: Ready,
    process: Process,
    dir: TempDir,
}

impl Peer {
    /// Starts a peer, and waits until it is ready.
    ///
    /// # Errors
    /// If there is no such program here, or it does not start.
    pub async fn start(language: Language, flags: Flags) -> Result<Self, Error> {
        let io = |source| Error::Io { peer: flags.name.clone(), source };
        let dir = TempDir::with_prefix("airway-peer-").map_err(io)?;
        let home = flags.home.clone().unwrap_or_else(|| dir.path().join("home"));
        let flags = Flags { home: Some(home), ..flags };
        let (process, ready) = launch(language, &flags, &log(&dir)).await?;
        Ok(Self { language, flags, ready, process, dir })
    }

    /// Kills the process if it runs, and starts another on the same home.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.kill().await?;
        (self.process, self.ready) = launch(self.language, &self.flags, &log(&self.dir)).await?;
        Ok(())
    }

    /// Has the peer do something; returns what stands in its answer. `args` is an object.
    ///
    /// # Errors
    /// [`Error::Refused`] if it answers that it did not; others if it does not answer.
    pub async fn ask(&self, verb: &str, args: Value) -> Result<Value, Error> {
        self.ask_within(PATIENCE, verb, args).await
    }

    /// The same for what may take longer than a minute.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn ask_within(&self, patience: Duration, verb: &str, args: Value) -> Result<Value, Error> {
        self.process.ask(self.name(), verb, &args, patience).await
    }

    /// Ends the process at once, as if its machine had failed.
    ///
    /// # Errors
    /// If the system does not let us.
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.process.kill().await.map_err(|source| Error::Io { peer: self.flags.name.clone(), source })
    }

    /// Lets the peer end by itself; returns the number that it ended with.
    ///
    /// # Errors
    /// If it does not within a minute.
    pub async fn stop(&mut self) -> Result<Option<i32>, Error> {
        self.process.end().await.map_err(|source| Error::Io { peer: self.flags.name.clone(), source })
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.flags.name
    }

    /// The flags that it was started with; others hold from the next [`restart`](Self::restart) on.
    pub fn flags_mut(&mut self) -> &mut Flags {
        &mut self.flags
    }

    /// Who it was when it started.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its process, unless that has ended.
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// A directory for whatever is to go away with it; its home is in there.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        read(&log(&self.dir))
    }
}

/// Shows the log of a peer when something has failed.
impl Drop for Peer {
    fn drop(&mut self) {
        if thread::panicking() {
            show(&self.flags.name, self.language, &self.log());
        }
    }
}

async fn launch(language: Language, flags: &Flags, log: &Path) -> Result<(Process, Ready), Error> {
    let peer = || flags.name.clone();
    let program = language.program().await?;
    let io = |source| Error::Io { peer: peer(), source };
    let sink = File::options().create(true).append(true).open(log).map_err(io)?;
    let (process, line) = Process::start(&program, &flags.to_args(), sink).await.map_err(io)?;
    let reason = match line.as_deref().map(serde_json::from_str::<Begin>) {
        Some(Ok(Begin::Ready(ready))) => return Ok((process, ready)),
        Some(Ok(Begin::Failed { error })) => error,
        Some(Err(error)) => format!("{error} in {}", line.unwrap_or_default()),
        None => format!("it has ended\n{}", end_of(&read(log))),
    };
    Err(Error::Start { peer: peer(), reason })
}

fn log(dir: &TempDir) -> PathBuf {
    dir.path().join("log")
}

fn read(log: &Path) -> String {
    fs::read(log)
        .map_or_else(|error: io::Error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into())
}

fn end_of(log: &str) -> &str {
    let mut at = log.len().saturating_sub(SHOWN);
    while !log.is_char_boundary(at) {
        at += 1;
    }
    &log[at..]
}

#[expect(clippy::print_stderr, reason = "what a test prints when it fails")]
fn show(name: &str, language: Language, log: &str) {
    eprintln!("--- {name} ({language}) has logged:\n{}", end_of(log));
}
