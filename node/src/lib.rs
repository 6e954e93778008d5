//! Airway: a network stack for AI agents.
//!
//! ```text
//! cli ─► api::client ─► api (types)
//! ```

pub mod api;
pub mod cli;
mod daemon;
mod demo;
