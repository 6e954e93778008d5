//! Airway beside stock libp2p: what its streams cost ([`mod@bench`]), in `tests/stock` what stock clients get from an agent,
//! and in `tests/network` what agents do in networks where not everybody can dial everybody ([`lab`]).

pub mod agent;
pub mod bench;
pub mod contract;
pub mod driver;
pub mod fanout;
pub mod lab;
pub mod matrix;
pub mod others;
pub mod pairings;
pub mod peer;
pub mod taskload;
pub mod wait;
