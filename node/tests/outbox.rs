//! What is sent to an agent that is away waits, is seen and taken back, and arrives once and in order, whoever is killed
//! meanwhile.
//!
//! `AIRWAY_TEST_SIZE=full` sends 1,000 messages through 20 kills in place of 100 through 3, and a file of 1 GiB through 200
//! in place of 64 MiB through 6.

#[path = "common/forget.rs"]
mod forget;
#[path = "common/forgetful.rs"]
mod forgetful;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

mod outbox {
    mod away;
    mod files;
    mod kills;
}
