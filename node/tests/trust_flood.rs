//! A crowd at the door, alone in its process: the memory that it leaves behind is measured.
#![expect(dead_code, reason = "shared with tests of more subjects")]

mod common;
#[path = "common/memory.rs"]
mod memory;
#[path = "common/size.rs"]
mod size;
mod trust {
    mod flood;
    mod puppet;
}
