//! Receipts of real tasks between whole nodes: what they are worth, to whom they are shown, and what is found in them.

#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod common;

mod polo {
    mod files;
    mod policy;
    mod scores;
    mod shown;
    mod work;
}
