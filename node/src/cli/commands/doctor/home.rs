//! The directory, the key and the settings.

use super::{Finding, Patient};
use crate::{api, bundle, home::Home, identity::Identity};

/// Whether there is a home, for its owner alone.
pub(super) fn home(patient: &Patient) -> Vec<Finding> {
    let root = patient.home.root();
    // Opening would create it.
    if !root.exists() {
        let message = format!("there is no home in {}", root.display());
        return vec![Finding::fail(message, format!("run `{}`, or name another with --home", patient.up))];
    }
    match Home::open(root) {
        Ok(home) => home.warning().map(|warning| Finding::warn(warning, "")).into_iter().collect(),
        Err(error) => vec![Finding::error(error)],
    }
}

/// Whether the key can be read, by its owner alone.
pub(super) fn identity(patient: &Patient) -> Vec<Finding> {
    if !patient.home.root().exists() {
        return Vec::new();
    }
    match Identity::load(&patient.home.identity()) {
        Ok(_) => Vec::new(),
        Err(error) => vec![Finding::error(api::Error::from(bundle::Error::from(error)))],
    }
}

/// Whether the daemon would start with what is set.
pub(super) fn settings(patient: &Patient) -> Vec<Finding> {
    match &patient.config {
        Ok(_) => Vec::new(),
        Err(error) => {
            vec![Finding::fail(error.to_string(), error.hint().unwrap_or_default())]
        }
    }
}
