//! Coming, going, and naming.

use airway_protocols::{agent::AgentId, name::Name};

use super::{ChangeError, Contact, Contacts};
use crate::store::{self, AliasError};

impl Contacts {
    /// Takes in an agent that is trusted now, or what has changed of one.
    pub(crate) async fn admit(&self, agent: AgentId) -> Result<Contact, ChangeError> {
        let _editing = self.editing.lock().await;
        self.reload(agent).await
    }

    /// Leaves out an agent that is not trusted any more. From the return of this call on, no new stream or connection
    /// of it is served; those that are open are the caller's to close.
    pub(crate) async fn dismiss(&self, agent: &AgentId) {
        // A change that has read the row of a contact must not bring it back.
        let _editing = self.editing.lock().await;
        let Some(contact) = self.write().remove(agent) else { return };
        self.shared.access.set(contact.peer, None);
        self.shared.book.remove(&contact.peer);
    }

    /// Notes that a contact has heard that we trust it.
    pub(crate) fn confirm(&self, agent: &AgentId) {
        if let Some(contact) = self.write().get_mut(agent) {
            contact.confirmed = true;
        }
    }

    /// Whether a contact has heard that we trust it. Of whoever is none any more there is nothing to hear.
    pub(crate) fn is_confirmed(&self, agent: &AgentId) -> bool {
        self.get(agent).is_none_or(|contact| contact.confirmed)
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
    pub(crate) fn free_alias(&self, agent: &AgentId, alias: &str) -> Result<Name, ChangeError> {
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

    /// Checks an alias for an agent that is not known yet.
    pub(crate) fn unused_alias(&self, alias: &str) -> Result<Name, ChangeError> {
        self.free_alias(&self.me, alias)
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
        let relation = self.store.relation(*agent.as_bytes()).await?;
        let contact = row.zip(relation).and_then(|(row, relation)| Contact::from_rows(row, &relation));
        let contact = contact.ok_or(store::Error::Corrupt)?;
        self.enter(contact.clone());
        Ok(contact)
    }
}
