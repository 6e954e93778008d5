//! Tasks.

pub(crate) mod steady;
