//! The server process: this program once more, with a hidden command.
//!
//! It prints one line of JSON when it is ready, and ends when its standard input does.

use std::{env, io, process::Stdio, time::Duration};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use super::{Runtime, Stack, Transport};

/// A server that has not started by then will not start; one that holds contacts first writes them all to disk.
const START: Duration = Duration::from_secs(120);

/// The line that a server prints when it is ready.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Where it listens.
    pub listening: String,
    /// What a client has to know besides: of an Airway node the contact card, of quinn the certificate in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl Ready {
    /// The credential of a server that has to have one.
    pub(super) fn credential(&self) -> io::Result<&str> {
        self.credential.as_deref().ok_or_else(|| io::Error::other("the server did not say who it is"))
    }
}

/// A running server. Dropping it closes the input of the process, which then ends by itself and leaves nothing behind.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    _input: Option<ChildStdin>,
}

impl Server {
    /// Starts a server for the streams of one client.
    pub(super) async fn start(
        runtime: Runtime,
        stack: Stack,
        transport: Transport,
        args: &[&str],
    ) -> io::Result<(Self, Ready)> {
        let mut command = program(runtime)?;
        command.args(["serve", &name(stack), "--transport", &name(transport)]).args(args);
        Self::spawn(command).await
    }

    /// Starts a server that is to hold so many connections.
    pub(super) async fn holding(
        runtime: Runtime,
        stack: Stack,
        connections: usize,
    ) -> io::Result<(Self, Ready)> {
        let mut command = program(runtime)?;
        command.args(["hold", &name(stack), &connections.to_string()]);
        Self::spawn(command).await
    }

    async fn spawn(mut command: Command) -> io::Result<(Self, Ready)> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            timeout(START, BufReader::new(output).read_line(&mut line)).await??;
        }
        let ready = serde_json::from_str(&line)?;
        let input = process.stdin.take();
        Ok((Self { process, _input: input }, ready))
    }

    /// The id of the process.
    pub(super) fn id(&self) -> io::Result<u32> {
        self.process.id().ok_or_else(|| io::Error::other("the server has ended"))
    }
}

fn program(runtime: Runtime) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("--runtime").arg(name(runtime));
    Ok(command)
}

fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Waits, in the server, until the client has closed our standard input or is gone.
pub(super) async fn client_gone() {
    let mut byte = [0];
    while let Ok(1) = tokio::io::stdin().read(&mut byte).await {}
}
