//! Trust, as a program sees it.

use std::time::Duration;

use airway_protocols::{
    agent::AgentId,
    card::Card,
    ticket::{Ticket, TicketId},
    trust::Scopes,
};

use super::Node;
use crate::{
    contacts::{ChangeError, Contact, Standing},
    store,
    trust::{Ask, PairError, Pin, Request, Terms, TrustEvent, Trusting},
};

impl Node {
    /// Asks the holder of a card to trust us, and promises to trust it if it does. If it has asked us already, that is
    /// the answer. Of a contact, takes a newer card, alias or scopes.
    ///
    /// # Errors
    /// If the card is our own, its address or the alias belongs to another, or the agent is blocked.
    pub async fn trust(&self, card: &Card, ask: Ask) -> Result<Trusting, ChangeError> {
        self.0.trust.ask(card, ask).await
    }

    /// Trusts an agent that has asked us to.
    ///
    /// # Errors
    /// If it has not, or the alias belongs to another.
    pub async fn approve(&self, who: &str, terms: Terms) -> Result<Contact, ChangeError> {
        self.0.trust.approve(who, terms).await
    }

    /// Turns down a request; `tell` says whether the other hears of it, and of the reason.
    ///
    /// # Errors
    /// If it has not asked, or the reason is too long.
    pub async fn reject(
        &self,
        who: &str,
        tell: bool,
        reason: Option<String>,
    ) -> Result<Request, ChangeError> {
        self.0.trust.reject(who, tell, reason).await
    }

    /// Ceases to trust, or takes back a request of ours. From the return of this call on, no service reads, writes or
    /// opens anything for the agent; its connections are closed, and what waits for it is taken back. It is told, and may
    /// ask again.
    ///
    /// # Errors
    /// If nobody is meant, or the disk fails; then the agent is still trusted.
    pub async fn untrust(&self, who: &str, reason: Option<String>) -> Result<Request, ChangeError> {
        self.0.trust.revoke(who, reason).await
    }

    /// Ends whatever there is with an agent, and hears nothing of it any more; it is not told. Of somebody who is not
    /// known yet it takes the card.
    ///
    /// # Errors
    /// If nobody is meant, or the disk fails.
    pub async fn block(&self, who: &str) -> Result<Request, ChangeError> {
        self.0.trust.block(who).await
    }

    /// Hears of a blocked agent again, as of any stranger.
    ///
    /// # Errors
    /// If it is not blocked.
    pub async fn unblock(&self, who: &str) -> Result<Request, ChangeError> {
        self.0.trust.unblock(who).await
    }

    /// Changes what a contact may do here. Its streams are closed; within the new scopes it may open others.
    ///
    /// # Errors
    /// If it is no contact.
    pub async fn set_scopes(&self, who: &str, scopes: Scopes) -> Result<Contact, ChangeError> {
        self.0.trust.set_scopes(who, scopes).await
    }

    /// The agent that a card, an address, an alias or a name means, however we stand with it.
    ///
    /// # Errors
    /// If nobody is meant.
    pub async fn known(&self, who: &str) -> Result<AgentId, ChangeError> {
        self.0.trust.known(who).await
    }

    /// The agents that stand so with us, the longest there first. Contacts have a list of their own:
    /// [`Node::contacts`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn requests(&self, standings: &[Standing]) -> Result<Vec<Request>, store::Error> {
        self.0.trust.requests(standings).await
    }

    /// What happened last between us and others, or one of them; oldest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn trust_log(
        &self,
        limit: u32,
        agent: Option<AgentId>,
    ) -> Result<Vec<TrustEvent>, store::Error> {
        self.0.trust.events(limit, agent).await
    }

    /// What happened after the event with this number, at most `limit`; waits until there is something.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn trust_events(&self, after: u64, limit: u32) -> Result<Vec<TrustEvent>, store::Error> {
        self.0.trust.events_from(after, limit).await
    }

    /// Makes a ticket. Whoever uses it first is trusted on these terms: at once or, if it `confirms`, after approval.
    ///
    /// # Errors
    /// If the alias belongs to a contact, or there are too many tickets.
    pub async fn ticket(&self, terms: Terms, life: Duration, confirms: bool) -> Result<Ticket, ChangeError> {
        self.0.trust.ticket(terms, life, confirms).await
    }

    /// Waits until a ticket is used, and returns by whom. Cancel-safe.
    ///
    /// # Errors
    /// [`PairError::Unused`] once it cannot be used any more.
    pub async fn used(&self, ticket: &TicketId) -> Result<AgentId, PairError> {
        self.0.trust.used(ticket).await
    }

    /// Makes a ticket worthless; `false` if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn withdraw(&self, ticket: &TicketId) -> Result<bool, store::Error> {
        self.0.trust.withdraw(ticket).await
    }

    /// Uses a ticket of another agent, and waits until each trusts the other.
    ///
    /// # Errors
    /// See [`PairError`].
    pub async fn pair(&self, ticket: &Ticket, terms: Terms, wait: Duration) -> Result<Contact, PairError> {
        self.0.trust.pair(ticket, terms, wait).await
    }

    /// Which agent each address belongs to, as far as we have trusted somebody there.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn pins(&self) -> Result<Vec<Pin>, store::Error> {
        self.0.trust.pins().await
    }

    /// Settles which of the agents that claim an address is meant: the one whose fingerprint stands in `who`.
    ///
    /// # Errors
    /// If it has no fingerprint, or none of theirs; or a contact has the address.
    pub async fn settle_pin(&self, who: &str) -> Result<Pin, ChangeError> {
        self.0.trust.settle_pin(who).await
    }
}
