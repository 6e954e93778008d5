//! The local API over its socket: what it says of itself, whom it refuses, and what callers cannot do to it.

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;

mod api {
    mod malformed;
    mod openapi;
}
