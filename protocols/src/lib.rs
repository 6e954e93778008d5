//! x

pub mod gate;
pub mod streams;
