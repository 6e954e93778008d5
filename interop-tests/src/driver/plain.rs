//! A go-libp2p node that knows nothing of Airway.

use std::{fs::File, path::PathBuf};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{
    Error,
    process::{PATIENCE, Process},
    program,
};

/// What the node is called in errors.
const NAME: &str = "the plain go-libp2p node";

/// The first line of the node.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Begin {
    Ready { peer: String, addresses: Vec<String> },
    Failed { error: String },
}

/// A running `go-peer/cmd/plain`; dropping it kills the process.
#[derive(Debug)]
pub struct Plain {
    process: Process,
    peer: String,
    addresses: Vec<String>,
    _dir: TempDir,
}

impl Plain {
    /// Starts a node with these flags, behind words such as those of a [host](crate::lab::Host::prefix) of the laboratory,
    /// and waits until it is ready.
    ///
    /// # Errors
    /// If there is no Go here, or it does not start.
    pub async fn start(prefix: &[String], flags: &[&str]) -> Result<Self, Error> {
        static PROGRAM: OnceCell<PathBuf> = OnceCell::const_new();
        let program = PROGRAM.get_or_try_init(|| program::build(program::build_plain)).await?;
        let io = |source| Error::Io { peer: NAME.into(), source };
        let dir = TempDir::with_prefix("airway-plain-").map_err(io)?;
        let log = File::create(dir.path().join("log")).map_err(io)?;
        let words: Vec<_> = prefix.iter().map(PathBuf::from).chain([program.clone()]).collect();
        let flags: Vec<_> = flags.iter().map(ToString::to_string).collect();
        let (process, line) = Process::start(&words, &flags, log).await.map_err(io)?;
        let reason = match line.as_deref().map(serde_json::from_str) {
            Some(Ok(Begin::Ready { peer, addresses })) => {
                return Ok(Self { process, peer, addresses, _dir: dir });
            }
            Some(Ok(Begin::Failed { error })) => error,
            Some(Err(error)) => error.to_string(),
            None => "it has ended".into(),
        };
        Err(Error::Start { peer: NAME.into(), reason })
    }

    /// Has the node do something; returns what stands in its answer. `args` is an object.
    ///
    /// # Errors
    /// [`Error::Refused`] if it answers that it did not; others if it does not answer.
    pub async fn ask(&self, verb: &str, args: Value) -> Result<Value, Error> {
        self.process.ask(NAME, verb, &args, PATIENCE).await
    }

    /// Its peer id.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// Where it listens, with its peer id at the end; the first that has this in it, such as `/tcp/`.
    pub fn address(&self, with: &str) -> Option<String> {
        self.addresses.iter().find(|address| address.contains(with)).cloned()
    }
}
