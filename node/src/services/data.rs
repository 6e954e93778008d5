//! Port 1001: messages into the inbox, each on disk before it is acknowledged.

mod receive;
mod send;

pub(crate) use receive::{Inbox, serve};
pub use send::SendError;
pub(crate) use send::Sender;
