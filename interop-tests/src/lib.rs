//! Airway beside stock libp2p: what strangers can learn from a node, and what its streams cost.
//!
//! ```text
//! tests/stranger.rs ─► stranger ─► stock ─► libp2p as it comes
//!                   └► agent ────► airway::Node
//! bin/bench ─► bench ─┬► airway ─► agent
//!                     └► plain ──► libp2p as it comes, with libp2p-stream
//! ```

pub mod agent;
pub mod bench;
