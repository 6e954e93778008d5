//! The daemon, as the command line starts it.

use std::path::PathBuf;

use libp2p::Multiaddr;

use crate::api::{Code, Error, Status};

/// What flags say about a run; everything else comes from the home's configuration.
#[derive(Debug)]
#[expect(dead_code, reason = "read once the daemon is assembled")]
pub(crate) struct Options {
    /// Where the agent's files lie.
    pub(crate) home: PathBuf,
    /// Addresses to listen on, instead of the configured ones if any is given.
    pub(crate) listen: Vec<Multiaddr>,
    /// Addresses to put on the card besides those found.
    pub(crate) announce: Vec<Multiaddr>,
    /// The name on the card.
    pub(crate) name: Option<String>,
}

/// Runs until it is told to end, by call or by signal. Calls `ready` once the API answers.
#[expect(clippy::unused_async, reason = "waits once the daemon is assembled")]
pub(crate) async fn run(_options: Options, _ready: impl FnOnce(Status) + Send) -> Result<(), Error> {
    Err(Error::new(Code::Internal, "the daemon is not part of this build"))
}
