//! Airway in Rust against Airway in Go: every protocol, over every transport, each dialling the other; and meshes of both.
//!
//! `AIRWAY_PEERS=rust` puts a Rust peer into the place of each Go peer: whatever fails then is not Go's doing.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests and their helpers")]

mod broadcast;
mod cells;
mod contract;
mod differential;
mod files;
mod hearing;
mod matrix;
mod mixed;
mod plain;
#[path = "../../../node/tests/gossip_hostile/rogue.rs"]
#[allow(dead_code, reason = "compiled into each test by itself, which uses a part of it")]
mod rogue;
#[path = "../../../node/tests/common/size.rs"]
mod size;
mod stage;
mod table;
