//! Trust between whole nodes: asked for, given, refused and taken back.

mod common;
#[path = "common/size.rs"]
mod size;
mod trust {
    mod asking;
    mod hostile;
    mod puppet;
    mod replay;
}
