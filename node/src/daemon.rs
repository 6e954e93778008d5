//! The daemon: a [`Node`] with the local API in front of it, until a caller or a signal ends it.

use std::{io, os::fd::AsFd as _, path::Path};

use tokio::{
    net::UnixListener,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Node, StartError,
    api::{Code, Error, Status, server},
    config::{Config, Overrides, env},
    home::Home,
    logging,
};

/// Runs the agent of a home; calls `ready` once the API answers.
///
/// # Errors
/// If the agent cannot start. Once it runs, it ends without error.
pub(crate) async fn run(home: &Path, flags: Overrides, ready: impl FnOnce(Status)) -> Result<(), Error> {
    let home = Home::open(home).map_err(StartError::from)?;
    let config = Config::load(&home.config(), env::system, flags).map_err(StartError::from)?;
    logging::start(&config.log);
    let node = Node::start_with(home, config).await?;
    let socket = node.lock().prepare_socket().map_err(StartError::from)?;
    let listener = server::bind(&socket).map_err(no_socket)?;
    // Whoever waits for the daemon to end tries the socket: it stays until the home is free again.
    let held = listener.as_fd().try_clone_to_owned();
    let served = serve(&node, listener, ready).await;
    node.shut_down().await;
    if let Err(error) = std::fs::remove_file(&socket) {
        tracing::warn!(%error, "the socket was not removed");
    }
    tracing::info!("stopped");
    drop(held);
    served
}

async fn serve(node: &Node, listener: UnixListener, ready: impl FnOnce(Status)) -> Result<(), Error> {
    let end = CancellationToken::new();
    // Caught before anybody hears that the daemon is ready, and may end it.
    match Signals::catch() {
        Ok(signals) => drop(tokio::spawn(signals.end(end.clone()))),
        Err(error) => tracing::error!(%error, "no signal handlers: end the daemon with airway down"),
    }
    let status = Status::of(node).await?;
    tracing::info!(address = %status.address, home = %status.home, "started");
    let serving = tokio::spawn(server::serve(node.clone(), listener, end));
    ready(status);
    let served = serving.await.map_err(|panicked| Error::new(Code::Internal, panicked.to_string()))?;
    served.map_err(no_socket)
}

fn no_socket(error: io::Error) -> Error {
    Error::new(Code::Home, format!("cannot serve the local socket: {error}"))
}

/// Ctrl-C, what a service manager sends, and what a terminal sends when it closes.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Ends the daemon on the first two. A terminal that closes does not.
    async fn end(mut self, end: CancellationToken) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => break,
                _ = self.terminate.recv() => break,
                _ = self.hangup.recv() => tracing::debug!("the terminal has closed"),
            }
        }
        end.cancel();
    }
}
