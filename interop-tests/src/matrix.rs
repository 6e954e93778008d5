//! The matrix of protocols, transports and directions: which cells there are, and the table of how they went.

mod table;

use std::fmt;

pub use self::table::{Table, of_readme};
use crate::{contract::Transport, driver::Language};

/// The protocols: as their tests are called, and as the table has them.
pub const PROTOCOLS: [(&str, &str); 23] = [
    ("ping", "ping"),
    ("echo", "echo"),
    ("port_stream", "stream on a port"),
    ("message", "message"),
    ("file", "file"),
    ("perf", "perf"),
    ("events", "events"),
    ("replay", "replay"),
    ("publish_to", "publish to"),
    ("task", "task"),
    ("task_fails", "task fails"),
    ("task_cancelled", "task cancelled"),
    ("task_file", "task as a file"),
    ("receipt_chain", "receipt chain"),
    ("pair", "pair by ticket"),
    ("knock", "knock and approve"),
    ("revoke", "revoke"),
    ("join", "join and admission"),
    ("find_by_name", "find by name"),
    ("find_by_address", "find by address"),
    ("find_by_tag", "find by tag"),
    ("broadcast", "broadcast"),
    ("expel", "expel"),
];

/// A column of the table: how two agents are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Column {
    /// What both listen on and dial by.
    pub transport: Transport,
    /// Who dials the other.
    pub dials: Language,
}

impl Column {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        let both = |transport| [Language::Rust, Language::Go].map(|dials| Self { transport, dials });
        Transport::ALL.into_iter().flat_map(both)
    }

    /// The path of its tests, such as `quic::go_dials`.
    pub fn path(self) -> String {
        format!("{}::{}_dials", self.transport.as_str().replace('-', "_"), self.dials)
    }
}

/// As the head of the table has it.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Quic => "QUIC",
            Transport::TcpTls => "TCP, TLS",
            Transport::TcpNoise => "TCP, Noise",
        };
        write!(f, "{transport}: {} dials", self.dials.title())
    }
}
