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
}

/// As the table has it.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {} dials", self.language.title(), self.transport, self.dials.title())
    }
}
