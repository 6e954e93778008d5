//! Why there is no configuration.

use std::{borrow::Cow, fmt, io, path::PathBuf};

use super::value::Bad;

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In this environment variable.
    Env(&'static str),
    /// In this flag.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Env(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The configuration file.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// The file is no TOML, has a key that nobody knows, or a value of the wrong type.
    #[error("{}:{line}: {message}", path.display())]
    File {
        /// The configuration file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there, with the name of the key.
        message: String,
    },
    /// A setting has a value that will not do.
    #[error("{place}: bad value {value:?} for {key}: expected {expected}")]
    Invalid {
        /// The setting.
        key: &'static str,
        /// Where the value stands.
        place: Place,
        /// The value.
        value: String,
        /// What is expected in its place.
        expected: Cow<'static, str>,
    },
    /// Two settings do not go together.
    #[error("{place}: {key} does not go together with {other}")]
    Contrary {
        /// The setting.
        key: &'static str,
        /// Where it stands.
        place: Place,
        /// The other setting.
        other: &'static str,
        /// What the user can do about it.
        hint: &'static str,
    },
    /// A setting means nothing without another one.
    #[error("{place}: {key} needs {other}")]
    Alone {
        /// The setting.
        key: &'static str,
        /// Where it stands.
        place: Place,
        /// The other setting.
        other: &'static str,
        /// What the user can do about it.
        hint: &'static str,
    },
}

impl Error {
    pub(super) fn invalid(key: &'static str, place: Place, bad: Bad) -> Self {
        Self::Invalid { key, place, value: bad.value, expected: bad.expected }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Read { path, .. } => format!("make {} readable, or move it away", path.display()),
            Self::Contrary { hint, .. } | Self::Alone { hint, .. } => (*hint).into(),
            Self::File { path, line, .. } | Self::Invalid { place: Place::File { path, line }, .. } => {
                format!("correct line {line} of {}", path.display())
            }
            Self::Invalid { place: Place::Env(name), .. } => format!("correct or unset {name}"),
            Self::Invalid { place: Place::Flag(name), .. } => format!("correct {name}"),
        })
    }
}
