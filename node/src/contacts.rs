//! The agents that we trust: kept in the store, mirrored in memory for every lookup, and the only writer of the
//! access list and the address book.
//!
//! Order of a change: first the disk, then the access list, then memory. So a crash leaves either all or
//! nothing of it, and whoever is shown as trusted is.

mod change;
mod error;
mod resolve;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
};
pub use error::{ChangeError, WhoError};
use libp2p::{Multiaddr, PeerId, identity};
use tokio::sync::Mutex;

use crate::{
    clock,
    net::Shared,
    store::{self, Store},
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

    /// Reads a row of the store; `None` if its key is none, which a damaged row alone can cause.
    fn from_row(row: store::Contact) -> Option<Self> {
        let key = identity::ed25519::PublicKey::try_from_bytes(&row.public_key).ok()?;
        Some(Self {
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
        let rows = store.contacts_list().await?;
        let known: HashMap<_, _> = rows
            .into_iter()
            .filter_map(|row| {
                let contact = Contact::from_row(row);
                if contact.is_none() {
                    tracing::error!("a contact in the database has a damaged key and is left out");
                }
                contact.map(|contact| (contact.agent, contact))
            })
            .collect();
        for contact in known.values() {
            shared.book.set(contact.peer, contact.multiaddrs.clone());
            shared.access.allow(contact.peer);
        }
        let known = Arc::new(RwLock::new(known));
        Ok(Self { store, shared, me, known, editing: Arc::default() })
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
