//! What members broadcast to their network: it comes to everybody, once, and from nobody else.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "compiled into each test by itself, which uses a part of it")]
mod common;
mod ears;
mod endings;
mod lonely;
mod spreading;
#[path = "../mesh/stage.rs"]
#[expect(dead_code, reason = "compiled into each test by itself, which uses a part of it")]
mod stage;
