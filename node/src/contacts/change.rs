//! Trusting, ceasing to trust, and naming.

use airway_protocols::{agent::AgentId, card::Card, name::Name};

use super::{ChangeError, Contact, Contacts};
use crate::{
    clock,
    store::{self, AddContactError, AliasError, NewContact},
};

impl Contacts {
    /// Trusts the holder of a card, or takes a newer card of one that is trusted; `true` if it is new.
    pub(crate) async fn trust(
        &self,
        card: &Card,
        alias: Option<&str>,
    ) -> Result<(Contact, bool), ChangeError> {
        let _editing = self.editing.lock().await;
        let agent = card.agent_id();
        if agent == self.me {
            return Err(ChangeError::Own);
        }
        let alias = alias.map(|alias| self.free_alias(&agent, alias)).transpose()?;
        let new = self.get(&agent).is_none();
        let added = self.store.contact_add(NewContact {
            agent: *agent.as_bytes(),
            public_key: card.public_key().to_bytes(),
            address: card.address().to_bytes(),
            name: card.name().map(ToString::to_string),
            multiaddrs: card.addresses().to_vec(),
            trusted_at_ms: clock::unix_ms(),
        });
        added.await.map_err(|error| self.refused(card, error))?;
        if let Some(alias) = alias {
            self.store_alias(agent, Some(alias)).await?;
        }
        let contact = self.reload(agent).await?;
        self.shared.book.set(contact.peer, contact.multiaddrs.clone());
        self.shared.access.allow(contact.peer);
        Ok((contact, new))
    }

    /// Ceases to trust. From the return of this call on, no new stream or connection of the agent is served; the streams
    /// that are open are the caller's to cut, and the connections its to close.
    pub(crate) async fn untrust(&self, who: &str) -> Result<Contact, ChangeError> {
        let _editing = self.editing.lock().await;
        let contact = self.resolve(who)?;
        self.store.contact_remove(*contact.agent.as_bytes()).await?;
        self.shared.access.deny(&contact.peer);
        self.shared.book.remove(&contact.peer);
        self.write().remove(&contact.agent);
        Ok(contact)
    }

    /// Gives a contact a name of ours, or takes it away.
    pub(crate) async fn set_alias(&self, who: &str, alias: Option<&str>) -> Result<Contact, ChangeError> {
        let _editing = self.editing.lock().await;
        let agent = self.resolve(who)?.agent;
        let alias = alias.map(|alias| self.free_alias(&agent, alias)).transpose()?;
        self.store_alias(agent, alias).await?;
        self.reload(agent).await
    }

    /// Checks an alias before anything is written.
    fn free_alias(&self, agent: &AgentId, alias: &str) -> Result<Name, ChangeError> {
        let name: Name =
            alias.parse().map_err(|source| ChangeError::BadAlias { alias: alias.into(), source })?;
        let known = self.read();
        let mut others = known.values().filter(|contact| contact.agent != *agent);
        match others.find(|contact| contact.alias.as_deref() == Some(name.as_str())) {
            Some(holder) => {
                Err(ChangeError::AliasTaken { alias: alias.into(), holder: holder.endpoint().to_string() })
            }
            None => Ok(name),
        }
    }

    async fn store_alias(&self, agent: AgentId, alias: Option<Name>) -> Result<(), ChangeError> {
        let alias = alias.map(|alias| alias.to_string());
        match self.store.contact_set_alias(*agent.as_bytes(), alias).await {
            Ok(()) => Ok(()),
            Err(AliasError::Store(error)) => Err(error.into()),
            // Both were ruled out under the lock.
            Err(AliasError::NoContact | AliasError::Taken { .. }) => Err(store::Error::Aborted.into()),
        }
    }

    /// Brings memory in line with the row just written.
    async fn reload(&self, agent: AgentId) -> Result<Contact, ChangeError> {
        let rows = self.store.contacts_list().await?;
        let row = rows.into_iter().find(|row| row.agent == *agent.as_bytes());
        let contact = row.and_then(Contact::from_row).ok_or(store::Error::Corrupt)?;
        self.write().insert(agent, contact.clone());
        Ok(contact)
    }

    fn refused(&self, card: &Card, error: AddContactError) -> ChangeError {
        match error {
            AddContactError::AddressConflict { holder, .. } => {
                let holder = AgentId::from_bytes(holder);
                let holder = self.get(&holder).map_or(holder.to_string(), |held| held.endpoint().to_string());
                ChangeError::AddressTaken { address: card.address().to_string(), holder }
            }
            // The id is the hash of the key: another key for it is a damaged row.
            AddContactError::KeyConflict => store::Error::Corrupt.into(),
            AddContactError::Store(error) => error.into(),
        }
    }
}
