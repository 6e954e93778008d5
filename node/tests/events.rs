//! Events between whole nodes: from the broker of one agent to those whom it lets subscribe.

mod common;
#[path = "common/size.rs"]
mod size;
mod events {
    mod cutting;
    mod delivery;
    mod hostile;
    mod limits;
    mod resuming;
    mod scopes;
    mod stage;
    mod stalled;
}
