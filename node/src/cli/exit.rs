//! The numbers that the process ends with.

use std::{fmt::Write, process::ExitCode};

use crate::api::Code;

/// How a command ended, for scripts. A number keeps its meaning for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// The command did what it says.
    Done = 0,
    /// It could not; none of the reasons below.
    Failed = 1,
    /// The command makes no sense as it was given.
    Usage = 2,
    /// No daemon runs on this home.
    NotRunning = 3,
    /// The peer, or the port on it, cannot be reached, or not in time.
    Unreachable = 4,
    /// The peer is not trusted, or does not trust us.
    NotTrusted = 5,
    /// No such contact or message.
    NotFound = 6,
    /// A fault of Airway itself.
    Internal = 70,
}

impl Exit {
    const ALL: [Self; 8] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotRunning,
        Self::Unreachable,
        Self::NotTrusted,
        Self::NotFound,
        Self::Internal,
    ];

    /// The number.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// What it says, in a few words.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "wrong usage",
            Self::NotRunning => "daemon not running",
            Self::Unreachable => "peer or its port unreachable, or time over",
            Self::NotTrusted => "not trusted, by us or by the peer",
            Self::NotFound => "no such contact or message",
            Self::Internal => "internal error",
        }
    }
}

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match code {
            Code::BadRequest => Self::Usage,
            Code::NotFound => Self::NotFound,
            Code::NotTrusted => Self::NotTrusted,
            Code::Unreachable | Code::PortClosed | Code::Timeout => Self::Unreachable,
            Code::NotRunning => Self::NotRunning,
            Code::Conflict | Code::Busy | Code::Quota | Code::AlreadyRunning | Code::Home => Self::Failed,
            Code::Internal => Self::Internal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// Every number with its meaning.
pub(super) fn all() -> impl Iterator<Item = (u8, &'static str)> {
    Exit::ALL.into_iter().map(|exit| (exit.number(), exit.meaning()))
}

/// The same for the help.
pub(super) fn table() -> String {
    let mut table = String::from("Exit codes:");
    for (number, meaning) in all() {
        // Writing to a string does not fail.
        write!(table, "\n  {number:>2}  {meaning}").ok();
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_exit_once_and_in_order() {
        let numbers: Vec<u8> = all().map(|(number, _)| number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 70]);
        assert_eq!(table().lines().count(), 1 + numbers.len());
    }

    #[test]
    fn every_code_ends_with_its_number() {
        let expected = [
            (Code::BadRequest, 2),
            (Code::NotFound, 6),
            (Code::Conflict, 1),
            (Code::NotTrusted, 5),
            (Code::Unreachable, 4),
            (Code::PortClosed, 4),
            (Code::Busy, 1),
            (Code::Quota, 1),
            (Code::Timeout, 4),
            (Code::NotRunning, 3),
            (Code::AlreadyRunning, 1),
            (Code::Home, 1),
            (Code::Internal, 70),
        ];
        for (code, number) in expected {
            assert_eq!(Exit::from(code).number(), number, "{code:?}");
        }
    }

    #[test]
    fn no_failure_looks_like_success() {
        for exit in Exit::ALL.into_iter().skip(1) {
            assert_ne!(exit.number(), 0);
        }
    }
}
