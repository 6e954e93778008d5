//! Running an agent for long: what `doctor` finds, and the unit that `service` prints.

#[path = "common/forget.rs"]
mod forget;
#[path = "common/process.rs"]
mod process;

mod operations {
    mod doctor;
    mod service;
}
