//! Files between real agents: whole, once, gone on with after a break, and only where they belong.
//!
//! `AIRWAY_TEST_SIZE=full` breaks off files of 1 GiB in place of 64 MiB. A test that needs a mount of its own fails where
//! that is not allowed, unless `AIRWAY_ALLOW_SKIP=1`.

#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod common;
#[path = "bad_input/hostile.rs"]
#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod hostile;
#[path = "common/introduce.rs"]
mod introduce;
#[path = "bad_input/mounts.rs"]
mod mounts;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

mod files {
    mod breaks;
    mod delivery;
    mod full_disk;
    mod inbox;
    mod peers;
    mod support;
}
