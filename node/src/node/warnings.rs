//! What the owner should know.

use airway_protocols::address::Endpoint;
use jiff::Timestamp;

use super::Node;
use crate::alarms::{Alarm, Raised};

impl Node {
    /// What did not go as configured, and what has come up since the start that somebody has to look into. Each
    /// says what to do.
    pub fn warnings(&self) -> Vec<String> {
        let alarms = self.0.alarms.list();
        let told = alarms.iter().filter_map(|raised| self.told(raised));
        self.0.warnings.iter().cloned().chain(self.reach_warnings()).chain(told).collect()
    }

    /// `None` where the reason is gone.
    fn told(&self, raised: &Raised) -> Option<String> {
        let place = raised.place.as_ref().map_or_else(String::new, |place| format!(", seen at {place}"));
        let since = i64::try_from(raised.since).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let since = since.map_or_else(String::new, |since| format!(" since {since:.0}"));
        match raised.alarm {
            Alarm::OwnCopy => Some(format!(
                "another copy of this agent runs{since}{place}: messages reach either of them. Stop one, then restart the \
                 other; if it is not yours, the key is stolen and your contacts have to untrust it"
            )),
            Alarm::ContactCopies(agent) => {
                let contact = self.contact(&agent)?;
                Some(format!(
                    "two copies of {} run with the same key{since}: ask its owner, who has to stop one; if one is not its \
                     owner's, run airway untrust {}",
                    contact.label(),
                    contact.endpoint(),
                ))
            }
            Alarm::AddressConflict(address, claimant) => {
                let claimant = Endpoint::full(address, &claimant);
                Some(format!(
                    "{claimant} claims the address of another agent{since}, and is refused: ask both owners for their \
                     fingerprints, then run airway pins settle <address#fingerprint> with that of the right one"
                ))
            }
        }
    }
}
