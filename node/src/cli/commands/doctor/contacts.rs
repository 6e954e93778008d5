//! Whether those whom we trust answer us.

use std::{cmp::Reverse, time::Duration};

use futures::future::join_all;

use super::{Finding, Patient};
use crate::{
    api::{Code, Contact, PingRequest},
    clock::unix_ms,
};

/// How many are asked, all at once: those connected and those last spoken with.
const MOST: usize = 16;

/// How long each may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whoever was neither spoken with nor trusted for so long is not asked.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks them, unless told not to. Without a daemon there is nobody who could.
pub(super) async fn contacts(patient: &Patient, offline: bool) -> Vec<Finding> {
    if patient.status.is_err() {
        return Vec::new();
    }
    let mut contacts = match patient.client.contacts().await {
        Ok(contacts) => contacts,
        Err(error) => return vec![Finding::error(error)],
    };
    if contacts.is_empty() {
        let hint = "run `airway pair`, or `airway trust <card>` with the card of another agent";
        return vec![Finding::warn("nobody is trusted yet, so nobody can talk to this agent", hint)];
    }
    if offline {
        return Vec::new();
    }
    contacts.retain(is_recent);
    contacts.sort_by_key(|contact| Reverse((contact.connected, contact.last_used)));
    contacts.truncate(MOST);
    join_all(contacts.iter().map(|contact| ask(patient, contact))).await.into_iter().flatten().collect()
}

fn is_recent(contact: &Contact) -> bool {
    let now = i64::try_from(unix_ms()).unwrap_or(i64::MAX);
    let last = contact.last_used.unwrap_or_default().max(contact.trusted_at);
    contact.connected || now.saturating_sub(last) < RECENT.as_millis() as i64
}

async fn ask(patient: &Patient, contact: &Contact) -> Option<Finding> {
    let timeout_ms = Some(PATIENCE.as_millis() as u64);
    let request = PingRequest { who: contact.address.clone(), timeout_ms };
    let error = patient.client.ping(&request).await.err()?;
    let who = contact.alias.as_ref().or(contact.name.as_ref()).unwrap_or(&contact.address);
    let message = match error.code {
        Code::NotTrusted => format!("{who} does not trust this agent"),
        Code::Unreachable | Code::Timeout => format!("{who} cannot be reached"),
        _ => format!("{who}: {}", error.message),
    };
    let hint = match error.code {
        Code::Timeout => "check that its agent is up".into(),
        _ => error.hint.unwrap_or_default(),
    };
    Some(Finding::warn(message, hint))
}
