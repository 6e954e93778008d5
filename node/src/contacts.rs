//! The agents that we trust: kept in the store, mirrored in memory for every lookup, and in the access list and the
//! address book. Who comes to be one of them, and who ceases to, is the business of [`crate::trust`].

mod change;
mod error;
mod resolve;
mod scopes;
mod standing;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    trust::Scopes,
};
pub use error::{ChangeError, WhoError};
use libp2p::{Multiaddr, PeerId, identity};
pub(crate) use resolve::{Known, resolve};
pub(crate) use scopes::{granted, pack, scopes};
pub use standing::Standing;
use tokio::sync::Mutex;

use crate::{
    access::Tier,
    clock,
    net::Shared,
    store::{self, RelationState, Store},
};

/// Multiaddrs remembered of one agent: those on its card and those it reported since.
pub(crate) const MAX_MULTIADDRS: usize = 16;

/// The last use of a contact is written to the disk at most this often.
const USE_GRAIN: Duration = Duration::from_secs(60);

/// An agent that we trust.
#[derive(Debug, Clone)]
pub struct Contact {
    /// For life.
    pub agent: AgentId,
    /// From its key.
    pub peer: PeerId,
    /// Pinned to the agent: no other contact has it.
    pub address: Address,
    /// The name on its card: a hint.
    pub name: Option<String>,
    /// Our own name for it; unique.
    pub alias: Option<String>,
    /// Where it may be reached.
    pub multiaddrs: Vec<Multiaddr>,
    /// Unix milliseconds.
    pub trusted_at: u64,
    /// Unix milliseconds of the last exchange.
    pub last_used: Option<u64>,
    /// What it may do here.
    pub scopes: Arc<Scopes>,
    /// What we may do there, as it says.
    pub granted: Option<Scopes>,
    /// Unix milliseconds; the trust ends then.
    pub expires: Option<u64>,
    /// Whether it has heard that we trust it.
    pub confirmed: bool,
}

impl Contact {
    /// Address and fingerprint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address, &self.agent)
    }

    /// What to call it in a sentence: alias, name or address.
    pub fn label(&self) -> String {
        self.alias.clone().or_else(|| self.name.clone()).unwrap_or_else(|| self.endpoint().to_string())
    }

    /// Reads the rows of the store; `None` if its key is none, which a damaged row alone can cause.
    fn from_rows(row: store::Contact, relation: &store::Relation) -> Option<Self> {
        let key = identity::ed25519::PublicKey::try_from_bytes(&row.public_key).ok()?;
        let scopes = scopes(relation);
        Some(Self {
            expires: scopes.until,
            scopes: Arc::new(scopes),
            granted: granted(relation),
            confirmed: relation.said.is_none(),
            agent: AgentId::from_bytes(row.agent),
            peer: identity::PublicKey::from(key).to_peer_id(),
            address: Address::from_bytes(row.address),
            name: row.name,
            alias: row.alias,
            multiaddrs: row.multiaddrs,
            trusted_at: row.trusted_at_ms,
            last_used: row.last_used_ms,
        })
    }
}

/// See the module; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Contacts {
    store: Store,
    shared: Shared,
    me: AgentId,
    known: Arc<RwLock<HashMap<AgentId, Contact>>>,
    /// Held during a change: what was checked still holds when it is written.
    editing: Arc<Mutex<()>>,
}

impl Contacts {
    /// Reads the contacts and fills the access list and the address book.
    pub(crate) async fn load(store: Store, shared: Shared, me: AgentId) -> Result<Self, store::Error> {
        let contacts = Self { store, shared, me, known: Arc::default(), editing: Arc::default() };
        let rows = contacts.store.contacts_list().await?;
        let relations = contacts.store.relations_in(RelationState::Trusted).await?;
        let relations: HashMap<_, _> = relations.into_iter().map(|row| (row.agent, row)).collect();
        for row in rows {
            let contact = relations.get(&row.agent).and_then(|relation| Contact::from_rows(row, relation));
            match contact {
                Some(contact) => contacts.enter(contact),
                None => tracing::error!("a contact in the database is damaged and is left out"),
            }
        }
        Ok(contacts)
    }

    /// Makes a contact hold in memory. One whose time is over is not served any more; the rest is a matter of moments.
    fn enter(&self, contact: Contact) {
        self.shared.book.set(contact.peer, contact.multiaddrs.clone());
        let is_over = contact.expires.is_some_and(|end| end <= clock::unix_ms());
        let tier = (!is_over).then(|| Tier::Trusted(contact.scopes.clone()));
        self.shared.access.set(contact.peer, tier);
        self.write().insert(contact.agent, contact);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<AgentId, Contact>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<AgentId, Contact>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// All contacts, oldest first.
    pub(crate) fn list(&self) -> Vec<Contact> {
        let mut all: Vec<_> = self.read().values().cloned().collect();
        all.sort_by_key(|contact| (contact.trusted_at, contact.agent));
        all
    }

    /// The contact with this id.
    pub(crate) fn get(&self, agent: &AgentId) -> Option<Contact> {
        self.read().get(agent).cloned()
    }

    /// The contact behind an authenticated peer.
    pub(crate) fn by_peer(&self, peer: &PeerId) -> Option<Contact> {
        self.get(&AgentId::of_peer(peer).ok()?)
    }

    /// Whether the peer may be served at this moment.
    pub(crate) fn allows(&self, peer: &PeerId) -> bool {
        self.shared.access.allows(peer)
    }

    /// Notes that a contact was spoken with. Nobody waits for the disk: a time that a crash loses is of the last minute.
    pub(crate) fn used(&self, agent: AgentId) {
        let now = clock::unix_ms();
        let grain = USE_GRAIN.as_millis() as u64;
        let is_due = |contact: &Contact| contact.last_used.is_none_or(|last| last.abs_diff(now) >= grain);
        // Every exchange comes by here, and nearly all of them only look.
        if !self.read().get(&agent).is_some_and(is_due) {
            return;
        }
        if let Some(contact) = self.write().get_mut(&agent) {
            contact.last_used = Some(now);
        }
        let store = self.store.clone();
        tokio::spawn(async move {
            match store.contact_used(*agent.as_bytes(), now).await {
                Ok(_) | Err(store::Error::Closed) => {}
                Err(error) => tracing::warn!(%error, "the time of last use was not stored"),
            }
        });
    }

    /// Takes in where a trusted peer says it listens; older addresses stay behind the new ones.
    pub(crate) async fn learn(&self, peer: PeerId, reported: Vec<Multiaddr>) {
        let _editing = self.editing.lock().await;
        let Some(contact) = self.by_peer(&peer) else { return };
        let mut merged: Vec<Multiaddr> = Vec::new();
        for address in reported.into_iter().chain(contact.multiaddrs.iter().cloned()) {
            if !merged.contains(&address) && merged.len() < MAX_MULTIADDRS {
                merged.push(address);
            }
        }
        if merged == contact.multiaddrs {
            return;
        }
        if let Err(error) = self.store.contact_set_multiaddrs(*contact.agent.as_bytes(), merged.clone()).await
        {
            tracing::warn!(%error, "a contact's addresses were not stored");
        }
        self.shared.book.set(peer, merged.clone());
        if let Some(contact) = self.write().get_mut(&contact.agent) {
            contact.multiaddrs = merged;
        }
    }
}
