//! Trust between whole nodes: asked for, given, refused and taken back.

mod common;
#[path = "common/size.rs"]
mod size;
mod trust {
    mod asking;
    mod conflict;
    mod ending;
    mod hostile;
    mod meter;
    mod puppet;
    mod replay;
    mod revoking;
    mod stage;
    mod terms;
    mod tickets;
}
