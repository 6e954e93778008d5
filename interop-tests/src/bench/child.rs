//! The server process: this program once more, with the hidden command `serve`.
//!
//! It prints one line of JSON when it is ready, and ends when its standard input does.

use std::{env, io, process::Stdio, time::Duration};

use clap::ValueEnum as _;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use super::Runtime;

/// A server that has not started by then will not start.
const START: Duration = Duration::from_secs(60);

/// The line that a server prints when it is ready.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Where it listens.
    pub listening: String,
    /// Its contact card, if it is an Airway node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// A running server; dropping it ends the process.
#[derive(Debug)]
pub(super) struct Server {
    _process: Child,
    _input: Option<ChildStdin>,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub(super) async fn start(runtime: Runtime, args: &[&str]) -> io::Result<(Self, Ready)> {
        let runtime = runtime.to_possible_value().map(|value| value.get_name().to_owned());
        let mut process = Command::new(env::current_exe()?)
            .arg("--runtime")
            .arg(runtime.unwrap_or_default())
            .arg("serve")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            timeout(START, BufReader::new(output).read_line(&mut line)).await??;
        }
        let ready = serde_json::from_str(&line)?;
        let input = process.stdin.take();
        Ok((Self { _process: process, _input: input }, ready))
    }
}

/// Waits, in the server, until the client has closed our standard input or is gone.
pub(super) async fn client_gone() {
    let mut byte = [0];
    while let Ok(1) = tokio::io::stdin().read(&mut byte).await {}
}
