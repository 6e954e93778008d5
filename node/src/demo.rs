//! Two agents that meet on this machine, as a first look.

use serde::Serialize;

use crate::api::{Code, Error};

/// What the demonstration did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Its steps, in order.
    pub(crate) steps: Vec<String>,
    /// Homes of the agents, if they were kept.
    pub(crate) homes: Vec<String>,
}

/// Starts two agents in temporary homes, lets them trust each other and talk. Tells `progress` each step.
#[expect(clippy::unused_async, reason = "waits once the daemon is assembled")]
pub(crate) async fn run(_keep: bool, _progress: impl FnMut(&str) + Send) -> Result<Report, Error> {
    Err(Error::new(Code::Internal, "the demonstration is not part of this build"))
}
