//! Private networks of whole nodes.

#[path = "../common/mod.rs"]
mod common;
mod joining;
mod stage;
