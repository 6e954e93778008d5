//! Members that speak gossip as no agent does, alone in their process: the memory that they take is measured.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "shared with tests of more subjects")]
mod common;
mod floods;
mod forgeries;
mod frames;
#[path = "../common/memory.rs"]
mod memory;
#[path = "rogue.rs"]
#[allow(dead_code, reason = "compiled into each test by itself, which uses a part of it")]
mod rogue;
#[path = "../common/size.rs"]
mod size;
mod stage;
mod topics;
