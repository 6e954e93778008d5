//! The database, and the room for it.

use super::{Finding, Patient};
use crate::{
    cli::output::human,
    store::{self, Snapshot, reserve_is_held},
};

/// Less room than this for the home is worth knowing: a few dozen of the largest messages.
const LITTLE: u64 = 64 * 1024 * 1024;

/// How full the inbox may be, in percent, before it is to be seen to.
const FULL: u64 = 90;

/// Whether the database can be read; all of it, if no daemon is at work on it.
pub(super) fn database(patient: &Patient) -> Vec<Finding> {
    let checked = Snapshot::open(&patient.home.database()).and_then(|snapshot| match snapshot {
        Some(snapshot) if patient.status.is_err() => snapshot.check(),
        _ => Ok(()),
    });
    checked.err().map(Finding::error).into_iter().collect()
}

/// Whether there is room for messages, and for clearing them when there is none.
pub(super) fn room(patient: &Patient) -> Vec<Finding> {
    let mut findings = Vec::new();
    let database = patient.home.database();
    if database.exists() && !reserve_is_held(&database) {
        findings.push(Finding::fail(
            "the disk was full when 1 MiB was to be set aside: messages are refused",
            store::Error::Full.hint().unwrap_or_default(),
        ));
    }
    if let Ok(disk) = rustix::fs::statvfs(patient.home.root()) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < LITTLE {
            let message = format!("{} are left on the disk of the home", human::size(free));
            findings
                .push(Finding::warn(message, "make room on the disk, or run `airway inbox clear --read`"));
        }
    }
    findings
}

/// Whether the inbox takes in more.
pub(super) fn inbox(patient: &Patient) -> Vec<Finding> {
    let (Ok(config), Ok(Some(snapshot))) = (&patient.config, Snapshot::open(&patient.home.database())) else {
        return Vec::new();
    };
    let (used, quota) = (snapshot.inbox_bytes().unwrap_or_default(), config.limits.inbox_bytes);
    let percent = u128::from(used) * 100 / u128::from(quota.max(1));
    if percent < u128::from(FULL) {
        return Vec::new();
    }
    vec![Finding::fail(
        format!("the inbox is {percent} % full: what does not fit is refused"),
        "run `airway inbox clear --read`, or raise limits.inbox_bytes",
    )]
}
