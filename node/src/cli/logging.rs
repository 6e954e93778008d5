//! What the daemon tells its operator, on stderr.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::error::Error;

/// What is logged unless a filter says otherwise.
const DEFAULT_FILTER: &str = "warn,airway=info";

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One object per line
    Json,
}

/// Starts the log of this process.
pub(super) fn start(filter: Option<&str>, format: Format) -> Result<(), Error> {
    let filter = EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER)).map_err(|error| {
        Error::usage(format!("not a log filter: {error}"), "write it as in `--log warn,airway=debug`")
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        Format::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        Format::Json => log.json().try_init(),
    };
    started.map_err(|error| Error::internal(format!("cannot start the log: {error}")))
}
