//! What stands in the envelope: JSON. The table of fields is at the top of [`super`].

mod contact;
mod network;
mod relation;

use std::collections::{HashMap, HashSet};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    name::Name,
};
use data_encoding::BASE64;
use libp2p::{Multiaddr, identity::ed25519};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use self::{
    contact::Contact,
    network::{Found, Network},
    relation::{Pin, Relation},
};
use super::{Bundle, Error};
use crate::{
    authority::Authority,
    clock,
    identity::Identity,
    seal,
    store::{self, Carried, RelationState},
};

/// The version of the form. A reader that knows it refuses whatever is newer.
///
/// Version 1 had contacts alone. What came with 2 must not be ignored by a reader that does not know it: it would serve
/// an agent beyond its scopes or the end of its trust, forget who is blocked, and begin anew with generations that
/// others have heard of already. So such a reader refuses it, rather than read what it can. The network came with 3: a
/// reader that does not know it would leave it, and forget whom its authority has let in and expelled.
const VERSION: u64 = 3;

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
    #[serde(default)]
    relations: Vec<Relation>,
    #[serde(default)]
    pins: Vec<Pin>,
    #[serde(default)]
    found: Found,
    #[serde(default)]
    network: Option<Network>,
    /// Borrowed, too.
    #[serde(default)]
    authority: Option<&'a str>,
}

/// The agent that an entry is about.
#[derive(Serialize, Deserialize)]
struct Who {
    agent_id: AgentId,
    public_key: String,
    address: String,
}

/// An agent as the store keeps it.
struct Checked {
    agent: [u8; 32],
    public_key: [u8; 32],
    address: [u8; 6],
}

pub(super) fn write(bundle: &Bundle) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = Zeroizing::new(BASE64.encode(&bundle.identity.encoded()));
    let authority = bundle.authority.as_ref().map(Authority::text).transpose().map_err(Error::damaged)?;
    let authority = authority.map(|text| Zeroizing::new(BASE64.encode(&text)));
    let (found, network) = network::parts(&bundle.mesh);
    let form = Form {
        airway_identity: VERSION,
        exported_at: clock::unix_ms(),
        address: bundle.identity.endpoint()?.to_string(),
        key: &key,
        name: bundle.name.clone(),
        multiaddrs: bundle.multiaddrs.clone(),
        contacts: bundle.trust.contacts.iter().map(Contact::from).collect(),
        relations: bundle.trust.relations.iter().map(Relation::from).collect(),
        pins: bundle.trust.pins.iter().map(Pin::from).collect(),
        found,
        network,
        authority: authority.as_deref().map(String::as_str),
    };
    seal::json(&form).map_err(Error::damaged)
}

pub(super) fn read(text: &[u8]) -> Result<Bundle, Error> {
    let head: Head = serde_json::from_slice(text).map_err(|_| Error::NotABundle)?;
    if !(1..=VERSION).contains(&head.airway_identity) {
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
    let contacts = form.contacts.into_iter().map(Contact::checked).collect::<Result<Vec<_>, _>>()?;
    let relations = form.relations.into_iter().map(Relation::checked).collect::<Result<Vec<_>, _>>()?;
    let pins = form.pins.into_iter().map(Pin::checked).collect::<Result<Vec<_>, _>>()?;
    check_trusted(&contacts, &relations)?;
    check_pins(&contacts, &pins)?;
    let trust = Carried { contacts, relations, pins };
    let mesh = network::checked(form.found, form.network, &identity)?;
    let authority = form.authority.map(authority).transpose()?;
    Ok(Bundle { identity, name, multiaddrs: form.multiaddrs, trust, mesh, authority })
}

fn authority(text: &str) -> Result<Authority, Error> {
    let text = BASE64.decode(text.as_bytes()).map(Zeroizing::new).map_err(Error::damaged)?;
    Authority::parse(&text).map_err(Error::damaged)
}

/// Whoever is trusted is a contact, and no contact is anything but trusted. A contact without a relation is of version 1.
fn check_trusted(contacts: &[store::Contact], relations: &[store::Relation]) -> Result<(), Error> {
    let contacts: HashSet<_> = contacts.iter().map(|contact| contact.agent).collect();
    let fits = |relation: &store::Relation| {
        contacts.contains(&relation.agent) == (relation.state == RelationState::Trusted)
    };
    if relations.iter().all(fits) { Ok(()) } else { Err(Error::damaged("contacts and trust do not fit")) }
}

/// No contact has the address of another agent.
fn check_pins(contacts: &[store::Contact], pins: &[store::Pin]) -> Result<(), Error> {
    let pins: HashMap<_, _> = pins.iter().map(|pin| (pin.address, pin.agent)).collect();
    let fits =
        |contact: &store::Contact| pins.get(&contact.address).is_none_or(|agent| *agent == contact.agent);
    if contacts.iter().all(fits) { Ok(()) } else { Err(Error::damaged("contacts and pins do not fit")) }
}

fn name(name: String) -> Result<String, Error> {
    match name.parse::<Name>() {
        Ok(_) => Ok(name),
        Err(rule) => Err(Error::damaged(format!("{name:?} is no name: {rule}"))),
    }
}

impl Who {
    fn new(agent: [u8; 32], public_key: &[u8; 32], address: [u8; 6]) -> Self {
        let agent_id = AgentId::from_bytes(agent);
        let address = Endpoint::full(Address::from_bytes(address), &agent_id).to_string();
        Self { agent_id, public_key: BASE64.encode(public_key), address }
    }

    /// The same as the store keeps it, if id, key and address fit each other.
    fn checked(&self) -> Result<Checked, Error> {
        let damaged = || Error::damaged(format!("{} is not who the file says", self.address));
        let key = BASE64.decode(self.public_key.as_bytes()).map_err(|_| damaged())?;
        let key = ed25519::PublicKey::try_from_bytes(&key).map_err(|_| damaged())?;
        let endpoint: Endpoint = self.address.parse().map_err(|_| damaged())?;
        let agent = AgentId::of(&key);
        let named = endpoint.fingerprint.is_some_and(|fingerprint| fingerprint.matches(&agent));
        if agent != self.agent_id || !named {
            return Err(damaged());
        }
        Ok(Checked {
            agent: *agent.as_bytes(),
            public_key: key.to_bytes(),
            address: endpoint.address.to_bytes(),
        })
    }
}
