//! From what a person types to an agent: a card, an address, an alias or a name.

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    card::{self, Card},
};

use super::{Contact, Contacts, WhoError};

/// An agent that can be named.
pub(crate) trait Known {
    fn agent(&self) -> AgentId;
    fn address(&self) -> Address;
    /// The name that the owner of this home gave it.
    fn alias(&self) -> Option<&str>;
    /// The name that it gave itself.
    fn name(&self) -> Option<&str>;

    fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address(), &self.agent())
    }
}

impl Known for Contact {
    fn agent(&self) -> AgentId {
        self.agent
    }

    fn address(&self) -> Address {
        self.address
    }

    fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Contacts {
    /// The contact that a text names.
    pub(crate) fn resolve(&self, who: &str) -> Result<Contact, WhoError> {
        resolve(who, self.read().values()).cloned()
    }
}

/// The one that a text names. An alias of ours comes before the names that agents gave themselves.
pub(crate) fn resolve<'a, T: Known>(
    who: &str,
    known: impl IntoIterator<Item = &'a T> + Clone,
) -> Result<&'a T, WhoError> {
    let who = who.trim();
    if who.starts_with(card::PREFIX) {
        let card: Card = who.parse()?;
        let found = known.into_iter().find(|one| one.agent() == card.agent_id());
        return found.ok_or_else(|| WhoError::NotTrusted { who: card.endpoint().to_string() });
    }
    // Neither an alias nor a name contains a colon; every address does.
    if who.contains(':') {
        return by_endpoint(who, known);
    }
    let is_alias = |one: &&T| one.alias().is_some_and(|alias| alias.eq_ignore_ascii_case(who));
    if let Some(one) = known.clone().into_iter().find(is_alias) {
        return Ok(one);
    }
    let mut named = known.into_iter().filter(|one| one.name() == Some(who));
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(WhoError::Unknown { who: who.into() }),
        (Some(first), Some(second)) => Err(ambiguous(who, [first, second].into_iter().chain(named))),
    }
}

fn by_endpoint<'a, T: Known>(who: &str, known: impl IntoIterator<Item = &'a T>) -> Result<&'a T, WhoError> {
    let endpoint: Endpoint = who.parse().map_err(|source| WhoError::Address { who: who.into(), source })?;
    if endpoint.port.is_some() {
        return Err(WhoError::Port { who: who.into() });
    }
    let here: Vec<_> = known.into_iter().filter(|one| one.address() == endpoint.address).collect();
    let Some(first) = here.first() else { return Err(WhoError::NotTrusted { who: who.into() }) };
    match endpoint.fingerprint {
        // Strangers may claim the address of another: the fingerprint says which is meant.
        Some(given) => here.iter().find(|one| given.matches(&one.agent())).copied().ok_or_else(|| {
            WhoError::Fingerprint {
                address: endpoint.address.to_string(),
                trusted: first.agent().fingerprint().to_string(),
                given: given.to_string(),
            }
        }),
        None if here.len() == 1 => Ok(first),
        None => Err(ambiguous(who, here)),
    }
}

fn ambiguous<'a, T: Known + 'a>(who: &str, all: impl IntoIterator<Item = &'a T>) -> WhoError {
    let mut candidates: Vec<_> = all.into_iter().map(|one| one.endpoint().to_string()).collect();
    candidates.sort();
    WhoError::Ambiguous { who: who.into(), candidates }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Stranger(AgentId, Address);

    impl Known for Stranger {
        fn agent(&self) -> AgentId {
            self.0
        }

        fn address(&self) -> Address {
            self.1
        }

        fn alias(&self) -> Option<&str> {
            None
        }

        fn name(&self) -> Option<&str> {
            Some("bob")
        }
    }

    #[test]
    fn an_address_that_two_claim_takes_a_fingerprint() {
        let address = Address::from_bytes([0, 1, 0, 0, 0, 1]);
        let all = [1, 2].map(|byte| Stranger(AgentId::from_bytes([byte; 32]), address));
        let found = |who: &str| resolve(who, &all).map(Known::agent);
        assert!(matches!(found(&address.to_string()), Err(WhoError::Ambiguous { .. })));
        assert!(matches!(found("bob"), Err(WhoError::Ambiguous { .. })));
        assert_eq!(found(&all[1].endpoint().to_string()).unwrap(), all[1].0);
        assert_eq!(resolve(&address.to_string(), &all[..1]).unwrap().0, all[0].0);
    }
}
