//! Scores at large: what many agents that are in it together can make of themselves, and how long it takes to compute one.
//!
//! ```text
//! cargo test -p airway-protocols --test polo -- --nocapture            # prints what was found
//! make polo-bench                                                      # the same, optimised
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what cannot be made is a failed test; it prints what it found"
)]

#[path = "../../node/tests/common/size.rs"]
mod size;

#[path = "polo/large.rs"]
mod large;
#[path = "polo/sybils.rs"]
mod sybils;
