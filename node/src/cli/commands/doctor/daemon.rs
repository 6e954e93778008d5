//! The daemon, and what it says of itself.

use super::{Finding, Patient};
use crate::{api::Code, home::Home};

/// Whether it runs, answers, and is what this command belongs to.
pub(super) fn running(patient: &Patient) -> Vec<Finding> {
    let ours = env!("CARGO_PKG_VERSION");
    match &patient.status {
        Ok(status) if status.version == ours => Vec::new(),
        Ok(status) => vec![Finding::fail(
            format!("the daemon has version {}, this command {ours}", status.version),
            format!("run `airway down`, then `{}`", patient.up),
        )],
        Err(error) if error.code == Code::NotRunning => vec![silent(patient)],
        Err(error) => vec![Finding::error(error.clone())],
    }
}

/// Nobody answers. Somebody may hold the home all the same.
fn silent(patient: &Patient) -> Finding {
    let Patient { home, up, .. } = patient;
    match home.holder() {
        Some(pid) => {
            let who = pid.map_or_else(|| "a process".into(), |pid| format!("process {pid}"));
            let hint = format!("a program that embeds the agent needs no daemon; else end it and run `{up}`");
            Finding::fail(format!("{who} has the home, but answers no commands"), hint)
        }
        None if is_stale(home) => {
            Finding::fail("the daemon is not running, and did not end in good order", format!("run `{up}`"))
        }
        None => Finding::fail("the daemon is not running", format!("run `{up}`")),
    }
}

fn is_stale(home: &Home) -> bool {
    home.socket().symlink_metadata().is_ok()
}

/// Whether anybody can reach the agent.
pub(super) fn listening(patient: &Patient) -> Vec<Finding> {
    match &patient.status {
        Ok(status) if status.listening.is_empty() => vec![Finding::fail(
            "the agent listens on no address",
            "see the network of this machine, and `airway config` for the addresses",
        )],
        _ => Vec::new(),
    }
}

/// What the daemon warns of: a port that is not the usual one, alarms.
pub(super) fn warnings(patient: &Patient) -> Vec<Finding> {
    let Ok(status) = &patient.status else { return Vec::new() };
    // The home was looked at already.
    let known = patient.home.warning();
    let new = status.warnings.iter().filter(|warning| Some(*warning) != known.as_ref());
    new.map(|warning| Finding::fail(warning, "")).collect()
}
