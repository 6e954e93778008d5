//! Why there is no key of an authority.

use std::{io, path::PathBuf};

use airway_protocols::network::InvalidGenesis;

use crate::seal;

/// Why the key of a network's authority was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was sealed is something else.
    #[error("this is no exported key of a network's authority")]
    NotAnAuthority,
    /// The passphrase does not open the export.
    #[error("the passphrase does not open this file")]
    Passphrase,
    /// A piece is missing or was changed.
    #[error("the key of the authority is damaged: {what}")]
    Damaged {
        /// What is wrong with it.
        what: String,
    },
    /// Opening the export would take more time and memory than one of ours ever asks for.
    #[error("the file asks for 2^{required} rounds of scrypt, 2^{most} are accepted")]
    Work {
        /// As the file says.
        required: u8,
        /// The most that is accepted.
        most: u8,
    },
    /// It was written by a later version of this program.
    #[error("the key of the authority has version {found}, this program knows version {known}")]
    Newer {
        /// The version in the file.
        found: u64,
        /// The version that this program knows.
        known: u64,
    },
    /// The genesis that goes with the key is none.
    #[error("the network of the authority is none")]
    Genesis(#[from] InvalidGenesis),
    /// The file in the home is damaged, or no file at all. It is left as it is.
    #[error("{} is not the key of a network's authority", path.display())]
    File {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read or replace the key.
    #[error("{} is open to other users (mode {mode:o})", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file in the home cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// The file in the home cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn damaged(what: impl ToString) -> Self {
        Self::Damaged { what: what.to_string() }
    }
}

impl From<seal::Error> for Error {
    fn from(error: seal::Error) -> Self {
        match error {
            seal::Error::NotSealed => Self::NotAnAuthority,
            seal::Error::Passphrase => Self::Passphrase,
            seal::Error::Damaged { what } => Self::Damaged { what },
            seal::Error::Work { required, most } => Self::Work { required, most },
        }
    }
}
