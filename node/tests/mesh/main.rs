//! Private networks of whole nodes.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod authority;
mod changing;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "compiled into each test by itself, which uses a part of it")]
mod common;
mod gossip;
mod joining;
mod poison;
mod puppet;
mod refusals;
mod renewals;
mod stage;
mod strangers;
mod trusting;
mod visibility;
