//! The local API over its socket: what it says of itself, whom it refuses, and what callers cannot do to it.

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

mod api {
    mod crowds;
    mod events;
    mod followers;
    mod malformed;
    mod network;
    mod openapi;
    mod other_user;
    mod pairing;
    mod tasks;
    mod watch;
}
