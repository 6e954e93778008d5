//! Airway beside stock libp2p: what its streams cost ([`mod@bench`]), and in `tests/stock` what stock clients get from an
//! agent.

pub mod agent;
pub mod bench;
