//! Stock libp2p clients against an agent: strangers, who get nothing, and trusted ones who misbehave.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod agent;
mod client;
mod dial_back;
mod hostile;
#[path = "../../../node/tests/common/introduce.rs"]
mod introduce;
mod mesh;
mod raw;
mod relay;
mod stealth;
mod stranger;

use std::time::Duration;

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);
