//! The daemon: a [`Node`] with the local API in front of it, until a caller or a signal ends it.

use std::{io, os::fd::AsFd as _, path::Path};

use tokio::{
    net::UnixListener,
    signal::unix::{SignalKind, signal},
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
    tokio::spawn(end_on_signal(end.clone()));
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

/// Ends on Ctrl-C and on what a service manager sends. A terminal that closes does not end a daemon.
async fn end_on_signal(end: CancellationToken) {
    let signals =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = signals else {
        return tracing::error!("no signal handlers: end the daemon with airway down");
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => tracing::debug!("the terminal has closed"),
        }
    }
    end.cancel();
}
