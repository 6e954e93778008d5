//! Why an agent was not exported or imported.

use std::{io, path::PathBuf};

use airway_protocols::address::DeriveError;

use crate::{authority, config, home, identity, seal, store};

/// Why an agent was not exported or imported; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no age file, or one for a key in place of a passphrase.
    #[error("this is no exported identity")]
    NotABundle,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open this file")]
    Passphrase,
    /// A piece is missing or was changed.
    #[error("the file is damaged: {what}")]
    Damaged {
        /// What is wrong with it.
        what: String,
    },
    /// Opening the file would take more time and memory than an export of ours ever asks for.
    #[error("the file asks for 2^{required} rounds of scrypt, 2^{most} are accepted")]
    Work {
        /// As the file says.
        required: u8,
        /// The most that is accepted.
        most: u8,
    },
    /// It was exported by a later version of this program.
    #[error("the file has version {found}, this program knows versions up to {known}")]
    Newer {
        /// The version in the file.
        found: u64,
        /// The latest version that this program knows.
        known: u64,
    },
    /// An agent lives in the home already.
    #[error("{} is the home of another agent, {address}", home.display())]
    Taken {
        /// The home.
        home: PathBuf,
        /// Full address of the agent in it.
        address: String,
    },
    /// The agent of the file lives in the home already.
    #[error("{address} lives in {} already", home.display())]
    Same {
        /// The home.
        home: PathBuf,
        /// Its full address.
        address: String,
    },
    /// The home has no key, but a database of some agent.
    #[error("{} holds the database of another agent", home.display())]
    Used {
        /// The home.
        home: PathBuf,
    },
    /// An import was interrupted, and has been undone just now.
    #[error("an import into {} was interrupted and has been undone", home.display())]
    Interrupted {
        /// The home.
        home: PathBuf,
    },
    /// A file of the home cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] home::Error),
    /// The key of the home cannot be used.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The settings of the home are wrong.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The key of an authority cannot be used.
    #[error(transparent)]
    Authority(#[from] authority::Error),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The key gives no address; has not been seen yet.
    #[error(transparent)]
    Address(#[from] DeriveError),
}

impl Error {
    pub(super) fn damaged(what: impl ToString) -> Self {
        Self::Damaged { what: what.to_string() }
    }
}

impl From<seal::Error> for Error {
    fn from(error: seal::Error) -> Self {
        match error {
            seal::Error::NotSealed => Self::NotABundle,
            seal::Error::Passphrase => Self::Passphrase,
            seal::Error::Damaged { what } => Self::Damaged { what },
            seal::Error::Work { required, most } => Self::Work { required, most },
        }
    }
}
