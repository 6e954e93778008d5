//! Private networks of whole nodes.

mod changing;
#[path = "../common/mod.rs"]
mod common;
mod joining;
mod stage;
