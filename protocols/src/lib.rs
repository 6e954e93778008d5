//! What two Airway agents say to each other: addresses, signed objects, frames and stream protocols.

pub mod data;
pub mod echo;
pub mod envelope;
pub mod wire;
