//! Drives peers: programs in any language that keep to the contract of the README. Each is a process of its own.
//!
//! ```no_run
//! # async fn example() -> Result<(), airway_interop_tests::driver::Error> {
//! use airway_interop_tests::{contract::{Flags, Transport}, driver::{Language, Peer}};
//! use serde_json::json;
//!
//! let alice = Peer::start(Language::Rust, Flags::new("alice", Transport::Quic)).await?;
//! let bob = Peer::start(Language::Go, Flags::new("bob", Transport::Quic)).await?;
//! let ticket = alice.ask("ticket", json!({})).await?["ticket"].take();
//! let paired = bob.ask("pair", json!({ "ticket": ticket })).await?;
//! bob.ask("echo", json!({ "who": paired["who"], "bytes": 65536 })).await?;
//! # Ok(())
//! # }
//! ```

mod error;
mod go;
mod peer;
mod plain;
mod process;
mod program;

pub use self::{
    error::Error,
    peer::Peer,
    plain::Plain,
    program::{Language, build_go, versions},
};
