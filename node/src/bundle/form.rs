//! What stands in the envelope: JSON. The table of fields is at the top of [`super`].

use std::io::{self, Write};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    name::Name,
};
use data_encoding::BASE64;
use libp2p::{Multiaddr, identity::ed25519};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Bundle, Error};
use crate::{clock, contacts::MAX_MULTIADDRS, identity::Identity, store};

/// The version of the form. A reader that knows it refuses whatever is newer.
const VERSION: u64 = 1;

/// What every version begins with.
#[derive(Deserialize)]
struct Head {
    airway_identity: u64,
}

#[derive(Serialize, Deserialize)]
struct Form<'a> {
    airway_identity: u64,
    exported_at: u64,
    address: String,
    /// Borrowed, so that no copy of it is left behind.
    key: &'a str,
    name: Option<String>,
    multiaddrs: Vec<Multiaddr>,
    contacts: Vec<Contact>,
}

#[derive(Serialize, Deserialize)]
struct Contact {
    agent_id: AgentId,
    public_key: String,
    address: String,
    name: Option<String>,
    alias: Option<String>,
    multiaddrs: Vec<Multiaddr>,
    trusted_at: u64,
    last_used: Option<u64>,
}

pub(super) fn write(bundle: &Bundle) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = Zeroizing::new(BASE64.encode(&bundle.identity.encoded()));
    let form = Form {
        airway_identity: VERSION,
        exported_at: clock::unix_ms(),
        address: bundle.identity.endpoint()?.to_string(),
        key: &key,
        name: bundle.name.clone(),
        multiaddrs: bundle.multiaddrs.clone(),
        contacts: bundle.contacts.iter().map(Contact::from).collect(),
    };
    // Measured first: a buffer that grows leaves copies of the key behind.
    let mut length = Length(0);
    serde_json::to_writer(&mut length, &form).map_err(Error::damaged)?;
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, &form).map_err(Error::damaged)?;
    Ok(text)
}

pub(super) fn read(text: &[u8]) -> Result<Bundle, Error> {
    let head: Head = serde_json::from_slice(text).map_err(|_| Error::NotABundle)?;
    if head.airway_identity != VERSION {
        return Err(Error::Newer { found: head.airway_identity, known: VERSION });
    }
    let form: Form<'_> = serde_json::from_slice(text).map_err(Error::damaged)?;
    let key = BASE64.decode(form.key.as_bytes()).map(Zeroizing::new).ok();
    let identity = key.and_then(|key| Identity::decoded(&key));
    let identity = identity.ok_or_else(|| Error::damaged("its key is none"))?;
    if form.address != identity.endpoint()?.to_string() {
        return Err(Error::damaged("its address is not that of its key"));
    }
    // It becomes a setting.
    let name = form.name.map(name).transpose()?;
    let contacts = form.contacts.into_iter().map(Contact::checked).collect::<Result<_, _>>()?;
    Ok(Bundle { identity, name, multiaddrs: form.multiaddrs, contacts })
}

fn name(name: String) -> Result<String, Error> {
    match name.parse::<Name>() {
        Ok(_) => Ok(name),
        Err(rule) => Err(Error::damaged(format!("{name:?} is no name: {rule}"))),
    }
}

impl From<&store::Contact> for Contact {
    fn from(contact: &store::Contact) -> Self {
        let agent = AgentId::from_bytes(contact.agent);
        let address = Address::from_bytes(contact.address);
        Self {
            agent_id: agent,
            public_key: BASE64.encode(&contact.public_key),
            address: Endpoint::full(address, &agent).to_string(),
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
    fn checked(self) -> Result<store::Contact, Error> {
        let damaged = || Error::damaged(format!("the contact {} is not what it says", self.address));
        let key = BASE64.decode(self.public_key.as_bytes()).map_err(|_| damaged())?;
        let key = ed25519::PublicKey::try_from_bytes(&key).map_err(|_| damaged())?;
        let endpoint: Endpoint = self.address.parse().map_err(|_| damaged())?;
        let agent = AgentId::of(&key);
        let named = endpoint.fingerprint.is_some_and(|fingerprint| fingerprint.matches(&agent));
        if agent != self.agent_id || !named {
            return Err(damaged());
        }
        Ok(store::Contact {
            agent: *agent.as_bytes(),
            public_key: key.to_bytes(),
            address: endpoint.address.to_bytes(),
            name: self.name.map(name).transpose()?,
            alias: self.alias.map(name).transpose()?,
            multiaddrs: self.multiaddrs.into_iter().take(MAX_MULTIADDRS).collect(),
            trusted_at_ms: self.trusted_at,
            last_used_ms: self.last_used,
        })
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
