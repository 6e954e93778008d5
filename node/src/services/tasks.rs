//! Tasks.

pub(crate) mod copies;
pub(crate) mod steady;
