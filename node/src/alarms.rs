//! What the owner has to look into: set off by what the network sees, told by `status` and `doctor`.
//!
//! An alarm about keys in two places stays until the daemon is restarted, which is what its remedy comes down to; one about
//! two agents of one address until the owner has settled which of them is meant.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use airway_protocols::{address::Address, agent::AgentId};

use crate::clock;

/// Alarms kept at once; others are in the log alone. Each contact can set off one, and strangers some: those make room
/// first, so that nobody hides the one about our own key behind many others.
const MAX_ALARMS: usize = 64;

/// A reason for alarm; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// Another process runs with our key.
    OwnCopy,
    /// Two processes run with the key of a contact.
    ContactCopies(AgentId),
    /// An agent claims an address that is pinned to another.
    AddressConflict(Address, AgentId),
}

/// An alarm that was set off.
#[derive(Debug, Clone)]
pub(crate) struct Raised {
    pub(crate) alarm: Alarm,
    /// Unix milliseconds of the first time.
    pub(crate) since: u64,
    /// Where it was seen last, if that is known.
    pub(crate) place: Option<String>,
}

/// All alarms since the start; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alarms(Arc<Mutex<BTreeMap<Alarm, Raised>>>);

impl Alarms {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Alarm, Raised>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets off an alarm; returns whether it is new, and not only seen once more.
    pub(crate) fn raise(&self, alarm: Alarm, place: Option<String>) -> bool {
        let mut all = self.lock();
        if let Some(raised) = all.get_mut(&alarm) {
            raised.place = place.or(raised.place.take());
            return false;
        }
        all.insert(alarm, Raised { alarm, since: clock::unix_ms(), place });
        if all.len() > MAX_ALARMS {
            all.pop_last();
        }
        true
    }

    /// Takes back an alarm that was settled.
    pub(crate) fn clear(&self, alarm: Alarm) {
        self.lock().remove(&alarm);
    }

    /// All of them, our own key first.
    pub(crate) fn list(&self) -> Vec<Raised> {
        self.lock().values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_new_once_and_remembers_the_last_place() {
        let alarms = Alarms::default();
        assert!(alarms.raise(Alarm::OwnCopy, Some("here".into())));
        assert!(!alarms.raise(Alarm::OwnCopy, Some("there".into())));
        assert!(!alarms.raise(Alarm::OwnCopy, None));
        let all = alarms.list();
        assert_eq!((all.len(), all[0].place.as_deref()), (1, Some("there")));
    }

    #[test]
    fn there_are_no_more_alarms_than_fit() {
        let alarms = Alarms::default();
        for byte in 0..=255 {
            alarms.raise(Alarm::ContactCopies(AgentId::from_bytes([byte; 32])), None);
        }
        assert_eq!(alarms.list().len(), MAX_ALARMS);
        alarms.raise(Alarm::OwnCopy, None);
        assert_eq!((alarms.list().len(), alarms.list()[0].alarm), (MAX_ALARMS, Alarm::OwnCopy));
    }
}
