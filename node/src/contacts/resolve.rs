//! From what a person types to a contact: a card, an address, an alias or a name.

use airway_protocols::{
    address::Endpoint,
    card::{self, Card},
};

use super::{Contact, Contacts, WhoError};

impl Contacts {
    /// The contact that a text names. An alias of ours comes before the names that agents gave themselves.
    pub(crate) fn resolve(&self, who: &str) -> Result<Contact, WhoError> {
        let who = who.trim();
        if who.starts_with(card::PREFIX) {
            return self.by_card(&who.parse()?);
        }
        // Neither an alias nor a name contains a colon; every address does.
        if who.contains(':') {
            return self.by_endpoint(who);
        }
        let known = self.read();
        if let Some(contact) = known
            .values()
            .find(|contact| contact.alias.as_deref().is_some_and(|alias| alias.eq_ignore_ascii_case(who)))
        {
            return Ok(contact.clone());
        }
        let mut named = known.values().filter(|contact| contact.name.as_deref() == Some(who));
        match (named.next(), named.next()) {
            (Some(contact), None) => Ok(contact.clone()),
            (None, _) => Err(WhoError::Unknown { who: who.into() }),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(named);
                let mut candidates: Vec<_> = all.map(|contact| contact.endpoint().to_string()).collect();
                candidates.sort();
                Err(WhoError::Ambiguous { who: who.into(), candidates })
            }
        }
    }

    fn by_card(&self, card: &Card) -> Result<Contact, WhoError> {
        self.get(&card.agent_id()).ok_or_else(|| WhoError::NotTrusted { who: card.endpoint().to_string() })
    }

    fn by_endpoint(&self, who: &str) -> Result<Contact, WhoError> {
        let endpoint: Endpoint =
            who.parse().map_err(|source| WhoError::Address { who: who.into(), source })?;
        if endpoint.port.is_some() {
            return Err(WhoError::Port { who: who.into() });
        }
        let known = self.read();
        let contact = known.values().find(|contact| contact.address == endpoint.address);
        let contact = contact.ok_or_else(|| WhoError::NotTrusted { who: who.into() })?;
        match endpoint.fingerprint {
            Some(given) if !given.matches(&contact.agent) => Err(WhoError::Fingerprint {
                address: endpoint.address.to_string(),
                trusted: contact.agent.fingerprint().to_string(),
                given: given.to_string(),
            }),
            _ => Ok(contact.clone()),
        }
    }
}
