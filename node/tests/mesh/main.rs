//! Private networks of whole nodes.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod authority;
mod changing;
#[path = "../common/mod.rs"]
mod common;
mod joining;
mod poison;
mod puppet;
mod refusals;
mod renewals;
mod stage;
mod strangers;
mod visibility;
