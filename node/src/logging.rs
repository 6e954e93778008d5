//! The log of the daemon, on stderr: text or JSON, with all that libp2p and we have to say, filtered.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts the log of this process; a second start changes nothing.
pub(crate) fn start(log: &Log) {
    // The configuration has checked the filter; should that ever fail, a log too few is better than no node.
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_default();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => subscriber.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "the log runs already");
    }
}
