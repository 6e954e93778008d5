//! x

pub mod home;
pub mod identity;
