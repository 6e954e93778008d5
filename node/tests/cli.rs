//! The command line as people and programs use it: the built binary, against daemons in homes of their own.

#[path = "common/forget.rs"]
mod forget;
#[path = "common/forgetful.rs"]
mod forgetful;
#[path = "common/process.rs"]
mod process;

mod cli {
    mod contacts;
    mod daemon;
    mod demo;
    mod events;
    mod follow;
    mod mesh;
    mod messages;
    mod network;
    mod output;
    mod polo;
    mod tasks;
    mod trust;
    mod worker;
}
