//! x

pub mod home;
