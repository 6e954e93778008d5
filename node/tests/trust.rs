//! Trust between whole nodes: asked for, given, refused and taken back.

mod common;
mod trust {
    mod asking;
}
