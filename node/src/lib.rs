//! x

pub mod config;
pub mod home;
pub mod identity;
pub mod store;
