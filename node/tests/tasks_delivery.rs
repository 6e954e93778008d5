//! What is said about tasks arrives, once and at last: through absences, restarts, files, denials and the end of trust.
//!
//! `AIRWAY_TEST_SIZE=full` repeats a report a hundred thousand times in place of two thousand.

#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod common;
#[path = "common/size.rs"]
mod size;

mod tasks_delivery {
    mod away;
    mod denied;
    mod files;
    mod repeated;
    mod stage;
    mod trust;
}
