//! What must not bring a daemon down: peers, disks, homes, people and programs that give it nonsense.
//!
//! `AIRWAY_TEST_SIZE=full` sends 100,000 malformed frames in place of 300. A test that needs a mount of its own
//! fails where that is not allowed, unless `AIRWAY_ALLOW_SKIP=1`.

#[path = "common/introduce.rs"]
mod introduce;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

mod bad_input {
    mod disk;
    mod events;
    mod frames;
    mod homes;
    mod hostile;
    mod mounts;
    mod runs;
    mod tasks;
    mod texts;
}
