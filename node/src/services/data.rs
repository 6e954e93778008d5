//! Port 1001: messages into the inbox, each on disk before it is acknowledged.

mod receive;

pub(crate) use receive::{Inbox, serve};
