//! Agents that change machines, and keys that are in two places: the built binary, in homes that are moved and
//! copied.

#[path = "common/process.rs"]
mod process;

mod moving {
    mod copies;
    mod export;
    mod import;
    mod support;
}
