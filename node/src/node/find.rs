//! From what a person types to an agent, wherever it is known: here first, then in the network.

use std::time::Duration;

use airway_protocols::{
    address::Endpoint,
    agent::AgentId,
    card::{self, Card},
    claim::Claim,
    name::Name,
    tag::Tag,
};
use tokio::time::{Instant, timeout_at};

use super::Node;
use crate::{
    contacts::{Contact, WhoError},
    mesh::{Claims, Found, Layer, LookupError},
    trust::{Ask, Trusting},
};

impl Node {
    /// The agent that an alias, a name, an address or a card means; the network is asked if it is not known here.
    ///
    /// # Errors
    /// See [`LookupError`].
    pub async fn look_up(&self, who: &str, wait: Duration) -> Result<Found, LookupError> {
        let who = who.trim();
        match self.find(who) {
            Ok(contact) => Ok(self.found_contact(&contact, who)),
            Err(WhoError::NotTrusted { .. }) if who.starts_with(card::PREFIX) => {
                Ok(found_card(who.parse().map_err(WhoError::from)?))
            }
            Err(WhoError::NotTrusted { .. } | WhoError::Unknown { .. }) => self.ask_around(who, wait).await,
            Err(error) => Err(error.into()),
        }
    }

    /// The agents that say they can do something: those whom we trust first, then in no order.
    ///
    /// # Errors
    /// If we take part in no DHT, or no server of it answers.
    pub async fn look_up_tag(&self, tag: &Tag, wait: Duration) -> Result<Vec<Found>, LookupError> {
        let claims = self.0.mesh.by_tag(tag, wait).await;
        self.check(&claims, tag.as_str())?;
        let requests = claims.requests;
        let me = self.me().agent;
        let others = claims.claims.into_iter().filter(|claim| claim.agent() != me);
        let mut all: Vec<_> = others.map(|claim| self.found_claim(&claim, requests)).collect();
        all.sort_by_key(|found| !found.trusted);
        Ok(all)
    }

    /// The contact that is meant; the network is asked if it is not known here. Where the network trusts its members,
    /// a member comes to be a contact by this.
    ///
    /// # Errors
    /// [`LookupError::Stranger`] if somebody else is meant than a contact; see [`LookupError`].
    pub async fn meet(&self, who: &str, wait: Duration) -> Result<Contact, LookupError> {
        let deadline = Instant::now() + wait;
        match self.find(who) {
            Ok(contact) => return Ok(contact),
            Err(WhoError::NotTrusted { .. } | WhoError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let found = match self.look_up(who, wait).await {
            Ok(found) => found,
            // Without a network to ask it is as if there was none.
            Err(LookupError::NoDht { .. }) => return Ok(self.find(who)?),
            Err(error) => return Err(error),
        };
        if let Some(contact) = self.contact(&found.agent) {
            return Ok(contact);
        }
        let stranger = LookupError::Stranger { who: who.into(), endpoint: found.endpoint };
        let Some(card) = found.card.filter(|_| self.0.mesh.trusts_members() && found.layer == Layer::Network)
        else {
            return Err(stranger);
        };
        // It trusts us as a member, and has to know that we are one.
        if !self.0.mesh.prove_to(&card).await {
            return Err(stranger);
        }
        let news = self.0.store.log_changes();
        let contact = match self.trust(&card, Ask::default()).await? {
            Trusting::Trusted(contact) => contact,
            Trusting::Requested(_) => self.trusted_by(&found.agent, news, deadline).await.ok_or(stranger)?,
        };
        // Contacts connect anew: what is opened on a connection from before ends with it.
        self.0.trust.connected(&contact.agent).await;
        Ok(contact)
    }

    /// Waits until an agent is a contact.
    async fn trusted_by(
        &self,
        agent: &AgentId,
        mut news: tokio::sync::watch::Receiver<u64>,
        deadline: Instant,
    ) -> Option<Contact> {
        loop {
            self.0.trust.settled().await;
            if let Some(contact) = self.contact(agent) {
                return Some(contact);
            }
            timeout_at(deadline, news.changed()).await.ok()?.ok()?;
        }
    }

    async fn ask_around(&self, who: &str, wait: Duration) -> Result<Found, LookupError> {
        let claims = match who.parse::<Endpoint>() {
            Ok(endpoint) => self.at_endpoint(who, &endpoint, wait).await?,
            Err(_) => match who.parse::<Name>() {
                Ok(name) => self.0.mesh.by_name(&name, wait).await,
                Err(_) => return Err(WhoError::Unknown { who: who.into() }.into()),
            },
        };
        self.check(&claims, who)?;
        let requests = claims.requests;
        match claims.claims.as_slice() {
            [] => Err(LookupError::NotFound { who: who.into(), network: self.0.mesh.label() }),
            [one] => Ok(self.found_claim(one, requests)),
            many => {
                let candidates = many.iter().map(|claim| claim.card().endpoint().to_string()).collect();
                Err(LookupError::Ambiguous { who: who.into(), candidates })
            }
        }
    }

    /// Who claims an address, as far as the fingerprint in the text, or the pin of former trust, admits it.
    async fn at_endpoint(
        &self,
        who: &str,
        endpoint: &Endpoint,
        wait: Duration,
    ) -> Result<Claims, LookupError> {
        let (theirs, ours) = (endpoint.address.network(), self.me().address.network());
        if theirs != ours {
            return Err(LookupError::Elsewhere { who: who.into(), theirs, ours });
        }
        let pinned = self.0.trust.pinned(&endpoint.address).await?;
        let mut claims = self.0.mesh.at_address(endpoint.address.node(), wait).await;
        let is_meant = |claim: &Claim| match (&endpoint.fingerprint, &pinned) {
            (Some(fingerprint), _) => fingerprint.matches(&claim.agent()),
            (None, Some(pinned)) => claim.agent() == *pinned,
            (None, None) => true,
        };
        claims.claims.retain(is_meant);
        Ok(claims)
    }

    fn check(&self, claims: &Claims, who: &str) -> Result<(), LookupError> {
        if !self.0.mesh.takes_part() {
            return Err(LookupError::NoDht { who: who.into() });
        }
        let is_alone = claims.claims.is_empty() && claims.answered == 0;
        if is_alone && !self.0.mesh.is_server() { Err(LookupError::NoServer) } else { Ok(()) }
    }

    fn found_contact(&self, contact: &Contact, who: &str) -> Found {
        let is_alias = contact.alias.as_deref().is_some_and(|alias| alias.eq_ignore_ascii_case(who));
        Found {
            agent: contact.agent,
            endpoint: contact.endpoint(),
            name: contact.alias.clone().filter(|_| is_alias).or_else(|| contact.name.clone()),
            addresses: contact.multiaddrs.clone(),
            tags: Vec::new(),
            layer: if is_alias { Layer::Alias } else { Layer::Contact },
            trusted: true,
            card: None,
            issued: None,
            requests: 0,
        }
    }

    fn found_claim(&self, claim: &Claim, requests: u32) -> Found {
        let card = claim.card();
        let certified = claim.certificate().is_some();
        Found {
            agent: claim.agent(),
            endpoint: card.endpoint(),
            name: card.name().map(ToString::to_string),
            addresses: card.addresses().to_vec(),
            tags: claim.tags().to_vec(),
            layer: if certified { Layer::Network } else { Layer::Claim },
            trusted: self.contact(&claim.agent()).is_some(),
            card: Some(card.clone()),
            issued: Some(claim.issued()),
            requests,
        }
    }
}

fn found_card(card: Card) -> Found {
    Found {
        agent: card.agent_id(),
        endpoint: card.endpoint(),
        name: card.name().map(ToString::to_string),
        addresses: card.addresses().to_vec(),
        tags: Vec::new(),
        layer: Layer::Card,
        trusted: false,
        card: Some(card),
        issued: None,
        requests: 0,
    }
}
