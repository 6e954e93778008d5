//! The peers on js-libp2p and py-libp2p: what they do with a Rust agent, and the table of how it went.
//!
//! They are contacts and no agents: they use a ticket, and from then on speak ports, echo and ping. A row of the table is
//! one pair of processes, which goes through all cells.

mod cells;
mod own;
mod table;

use std::fmt;

pub use self::{
    cells::{Failure, run},
    own::{vectors, version},
    table::{Outcome, Table},
};
use crate::{contract::Transport, driver::Language};

/// The cells of a row, in their order.
pub const CELLS: [&str; 5] = ["pair by ticket", "ping", "echo", "stream on a port", "revoke"];

/// What a stack cannot do, as the notes below the table have it.
const LIMITS: [(Language, Transport, usize, &str); 1] = [(
    Language::Python,
    Transport::Quic,
    8 * 1024,
    "streams of 8 KiB in place of 1 MiB: py-libp2p 0.8.1 loses parts of longer ones, since several of its tasks hand out \
     the events of a QUIC connection from one list (`_process_quic_events_batched`)",
)];

/// Bytes of a stream where nothing stands against it: more than fits into any window at once.
const BYTES: usize = 1024 * 1024 + 1;

/// A row of the table: which two are connected, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    /// What the peer beside the Rust agent is written in.
    pub language: Language,
    /// What both listen on and dial by.
    pub transport: Transport,
    /// Who dials the other.
    pub dials: Language,
}

impl Row {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        [Language::Js, Language::Python].into_iter().flat_map(|language| {
            Transport::ALL.into_iter().flat_map(move |transport| {
                [Language::Rust, language].map(|dials| Self { language, transport, dials })
            })
        })
    }

    /// How much goes through a stream.
    fn bytes(self) -> usize {
        self.limit().map_or(BYTES, |(bytes, _)| bytes)
    }

    /// Why it is less than usual.
    fn note(self) -> Option<&'static str> {
        self.limit().map(|(_, note)| note)
    }

    fn limit(self) -> Option<(usize, &'static str)> {
        let mut limits = LIMITS.into_iter();
        limits
            .find(|limit| (limit.0, limit.1) == (self.language, self.transport))
            .map(|limit| (limit.2, limit.3))
    }
}

/// As the table has it.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {} dials", self.language.title(), self.transport, self.dials.title())
    }
}
