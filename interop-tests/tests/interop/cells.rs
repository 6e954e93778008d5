//! What happens in each cell, the same for all transports and both directions.

mod events;
mod mesh;
mod services;
mod tasks;
mod trust;

pub(crate) use events::{broadcast, events, publish_to, replay};
pub(crate) use mesh::{expel, find_by_address, find_by_name, find_by_tag, join};
pub(crate) use services::{echo, file, message, perf, ping, port_stream};
pub(crate) use tasks::{receipt_chain, task, task_cancelled, task_fails, task_file};
pub(crate) use trust::{knock, pair, revoke};
