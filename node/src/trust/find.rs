//! From what a person types to a relation: a card, an address, an alias or a name.

use airway_protocols::agent::AgentId;

use super::{Trust, owner::ANY, row::label};
use crate::{
    contacts::{ChangeError, Known, WhoError, resolve},
    store::{self, RelationState},
};

impl Known for store::Relation {
    fn agent(&self) -> AgentId {
        AgentId::from_bytes(self.agent)
    }

    fn address(&self) -> airway_protocols::address::Address {
        airway_protocols::address::Address::from_bytes(self.address)
    }

    fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Trust {
    /// The relation that a text names, among those in these states.
    pub(super) async fn find_in(
        &self,
        who: &str,
        states: &[RelationState],
    ) -> Result<store::Relation, ChangeError> {
        // A contact goes by its alias of today, which the relation need not know.
        if states.contains(&RelationState::Trusted)
            && let Ok(contact) = self.contacts.resolve(who)
            && let Some(row) = self.store.relation(*contact.agent.as_bytes()).await?
        {
            return Ok(row);
        }
        let mut rows = Vec::new();
        for state in states {
            rows.extend(self.store.relations_in(*state).await?);
        }
        match resolve(who, &rows) {
            Ok(row) => Ok(row.clone()),
            Err(error @ (WhoError::Unknown { .. } | WhoError::NotTrusted { .. })) => {
                Err(self.wrong_state(who).await?.unwrap_or_else(|| error.into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The agent that a text names, however we stand with it.
    pub(crate) async fn known(&self, who: &str) -> Result<AgentId, ChangeError> {
        Ok(AgentId::from_bytes(self.find_in(who, &ANY).await?.agent))
    }

    /// Whom the text names, if it is somebody to whom this cannot be done.
    async fn wrong_state(&self, who: &str) -> Result<Option<ChangeError>, store::Error> {
        let rows = self.store.relations_list().await?;
        let Ok(row) = resolve(who, &rows) else { return Ok(None) };
        let who = label(row);
        Ok(Some(ChangeError::Standing { who, standing: row.state.into() }))
    }
}
