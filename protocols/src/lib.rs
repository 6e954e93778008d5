//! What two Airway agents say to each other: addresses, signed objects, frames and stream protocols.

pub mod address;
pub mod agent;
pub mod data;
pub mod decimal;
pub mod echo;
pub mod envelope;
pub mod port;
mod text;
pub mod wire;
