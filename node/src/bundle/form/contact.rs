//! Contacts in the form.

use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};

use super::{Checked, Error, Who, name};
use crate::{contacts::MAX_MULTIADDRS, store};

#[derive(Serialize, Deserialize)]
pub(super) struct Contact {
    #[serde(flatten)]
    who: Who,
    name: Option<String>,
    alias: Option<String>,
    multiaddrs: Vec<Multiaddr>,
    trusted_at: u64,
    last_used: Option<u64>,
}

impl From<&store::Contact> for Contact {
    fn from(contact: &store::Contact) -> Self {
        Self {
            who: Who::new(contact.agent, &contact.public_key, contact.address),
            name: contact.name.clone(),
            alias: contact.alias.clone(),
            multiaddrs: contact.multiaddrs.clone(),
            trusted_at: contact.trusted_at_ms,
            last_used: contact.last_used_ms,
        }
    }
}

impl Contact {
    /// As the store keeps it, if key, id and address fit each other.
    pub(super) fn checked(self) -> Result<store::Contact, Error> {
        let Checked { agent, public_key, address } = self.who.checked()?;
        Ok(store::Contact {
            agent,
            public_key,
            address,
            name: self.name.map(name).transpose()?,
            alias: self.alias.map(name).transpose()?,
            multiaddrs: self.multiaddrs.into_iter().take(MAX_MULTIADDRS).collect(),
            trusted_at_ms: self.trusted_at,
            last_used_ms: self.last_used,
        })
    }
}
