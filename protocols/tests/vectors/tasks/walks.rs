//! Walks of both machines.

use serde_json::Value as Json;

use super::*;

mod orders;
mod works;

pub(super) use orders::orders;
pub(super) use works::works;

/// A limit of a task: ten hours.
const LIMIT: u64 = 36_000_000;

#[derive(Serialize)]
pub(super) struct Walk {
    name: &'static str,
    start: Json,
    steps: Vec<Step>,
}

/// An event, and what the machine is behind it.
#[derive(Serialize)]
struct Step {
    now: u64,
    event: Json,
    refused: Option<String>,
    after: Json,
    due: Option<u64>,
}

fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap()
}
