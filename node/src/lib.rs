//! Airway: a network stack for AI agents.
//!
//! ```text
//! api::client ─► api (types)
//! ```

pub mod api;
