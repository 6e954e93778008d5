//! What can go wrong with peers.

use std::{io, path::PathBuf};

/// Why a peer did not start, or did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no Go on this machine.
    #[error("needs Go {major}.{minor} or newer, and there is none: install it from https://go.dev/dl; distributions have older ones", major = super::go::NEEDED.0, minor = super::go::NEEDED.1)]
    NoGo,
    /// The Go on this machine is too old.
    #[error(
        "needs Go {major}.{minor} or newer, and here is {found}: install it from https://go.dev/dl",
        major = super::go::NEEDED.0,
        minor = super::go::NEEDED.1
    )]
    OldGo {
        /// Its version, as it says.
        found: String,
    },
    /// The Go peer does not compile, or what it needs could not be downloaded.
    #[error("the Go peer could not be built:\n{0}")]
    Build(String),
    /// The Rust peer is not there.
    #[error("no Rust peer at {0}: cargo build -p airway-interop-tests --bin peer")]
    NoRust(PathBuf),
    /// What the peer runs on is not there.
    #[error("{dir} has not been installed; do: {how}", dir = dir.display())]
    NotInstalled {
        /// Where the peer is.
        dir: PathBuf,
        /// What installs it.
        how: &'static str,
    },
    /// The peer said why it does not start.
    #[error("{peer} does not start: {reason}")]
    Start {
        /// Its name.
        peer: String,
        /// In its own words.
        reason: String,
    },
    /// The peer did not do what it was asked to.
    #[error("{peer} does not {verb}: {reason}")]
    Refused {
        /// Its name.
        peer: String,
        /// What it was asked to do.
        verb: String,
        /// In its own words.
        reason: String,
    },
    /// The peer did not answer within the time that everything takes at most.
    #[error("{peer} has not answered in time: {verb}")]
    Silent {
        /// Its name.
        peer: String,
        /// What it was asked to do.
        verb: String,
    },
    /// The process has ended, and was not asked to.
    #[error("{peer} has ended")]
    Ended {
        /// Its name.
        peer: String,
    },
    /// The process could not be started or spoken to.
    #[error("{peer}: {source}")]
    Io {
        /// Its name.
        peer: String,
        /// What failed.
        source: io::Error,
    },
}

impl Error {
    /// What the peer itself said against a request; `None` if it said nothing.
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } => Some(reason),
            _ => None,
        }
    }
}
