//! Pairing: a string that makes two agents trust each other, once.
//!
//! ```text
//! alice: ticket ─► its text, carried by people ─► bob: pair ─► knock with the proof ─► alice: approved at once
//! ```

use std::time::Duration;

use airway_protocols::{
    agent::AgentId,
    ticket::{Ticket, TicketId},
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Ask, Terms, Trust, Trusting};
use crate::{
    clock,
    contacts::{ChangeError, Contact, pack},
    store,
};

/// How long a ticket is good unless told otherwise.
pub const TICKET_LIFE: Duration = Duration::from_secs(10 * 60);

/// The longest that a ticket is good.
pub const MAX_TICKET_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a new contact may take to be connected as one, before we say that it is there.
const CONNECTING: Duration = Duration::from_secs(5);

/// How often the clock is looked at while a ticket is waited for.
const LOOK: Duration = Duration::from_secs(1);

/// Why a ticket led to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairError {
    /// The request was not made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No answer in the time given. The request stays until the ticket expires.
    #[error("{who} has not answered: {why}")]
    NoAnswer {
        /// Address and fingerprint of the issuer.
        who: String,
        /// What is in the way.
        why: String,
    },
    /// The ticket was turned down.
    #[error("{who} has turned the ticket down")]
    Rejected {
        /// Address and fingerprint of the issuer.
        who: String,
    },
    /// Nobody has used the ticket, and nobody can any more.
    #[error("the ticket was not used")]
    Unused,
}

impl From<store::Error> for PairError {
    fn from(error: store::Error) -> Self {
        Self::Change(error.into())
    }
}

impl Trust {
    /// Makes a ticket. Whoever uses it first is trusted on these terms, at once or, if it `confirms`, after approval.
    pub(crate) async fn ticket(
        &self,
        terms: Terms,
        life: Duration,
        confirms: bool,
    ) -> Result<Ticket, ChangeError> {
        let alias = match terms.alias.as_deref() {
            Some(alias) => Some(self.contacts.unused_alias(alias)?.to_string()),
            None => None,
        };
        let now = clock::unix_ms();
        let life = u64::try_from(life.min(MAX_TICKET_LIFE).as_millis()).unwrap_or(u64::MAX);
        let card = self.own.card().map_err(ChangeError::Card)?;
        let ticket = Ticket::new(card, TicketId::from_bytes(rand::random()), rand::random(), now + life);
        let row = store::TicketRow {
            id: *ticket.id().as_bytes(),
            secret: (*ticket.secret()).into(),
            created_ms: now,
            expires_at_ms: ticket.expires(),
            confirms,
            alias,
            scopes: terms.scopes.as_ref().map(pack).transpose()?,
            used_by: None,
            used_at_ms: None,
        };
        self.store.ticket_add(row, now).await?;
        Ok(ticket)
    }

    /// Waits until somebody has used a ticket, and is trusted and connected; or, if the ticket confirms, asks to be.
    pub(crate) async fn used(&self, ticket: &TicketId) -> Result<AgentId, PairError> {
        let mut news = self.store.log_changes();
        loop {
            news.mark_unchanged();
            let row = self.store.ticket(*ticket.as_bytes()).await?.ok_or(PairError::Unused)?;
            if let Some(agent) = row.used_by.map(AgentId::from_bytes) {
                self.settled().await;
                self.connected(&agent).await;
                return Ok(agent);
            }
            if !row.is_live(clock::unix_ms()) {
                return Err(PairError::Unused);
            }
            if let Ok(Err(_)) = timeout(LOOK, news.changed()).await {
                return Err(store::Error::Closed.into());
            }
        }
    }

    /// Makes a ticket worthless; `false` if there is none.
    pub(crate) async fn withdraw(&self, ticket: &TicketId) -> Result<bool, store::Error> {
        self.store.ticket_withdraw(*ticket.as_bytes()).await
    }

    /// Uses a ticket, and waits until its issuer trusts us.
    pub(crate) async fn pair(
        &self,
        ticket: &Ticket,
        terms: Terms,
        wait: Duration,
    ) -> Result<Contact, PairError> {
        let deadline = Instant::now() + wait;
        let card = ticket.card();
        let left = ticket.expires().saturating_sub(clock::unix_ms());
        // Its issuer knows whether it is still good; our clock may be wrong.
        let lapse = Duration::from_millis(left).max(wait);
        let mut news = self.store.log_changes();
        let ask = Ask { justification: None, terms, lapse };
        match self.ask_with(card, ask, Some(ticket.clone())).await? {
            Trusting::Trusted(contact) => return Ok(contact),
            Trusting::Requested(_) => {}
        }
        let (agent, who) = (card.agent_id(), card.endpoint().to_string());
        loop {
            news.mark_unchanged();
            self.settled().await;
            if let Some(contact) = self.contacts.get(&agent) {
                self.connected(&agent).await;
                return Ok(contact);
            }
            // Trusted by now: the contact is there in a moment.
            let goes_on = [store::RelationState::Requested, store::RelationState::Trusted];
            let row = self.store.relation(*agent.as_bytes()).await?;
            if row.is_none_or(|row| !goes_on.contains(&row.state)) {
                return Err(PairError::Rejected { who });
            }
            match timeout_at(deadline, news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(store::Error::Closed.into()),
                Err(_) => return Err(PairError::NoAnswer { why: self.why_silent(card), who }),
            }
        }
    }

    /// What may be the matter with an issuer that does not answer.
    fn why_silent(&self, card: &airway_protocols::card::Card) -> String {
        let connected = self.net.connections().iter().any(|open| open.peer == card.peer_id());
        if connected {
            "its owner has yet to approve, or the ticket has been used before or has expired".into()
        } else {
            "its agent cannot be reached".into()
        }
    }

    /// Waits until a new contact is connected as one, but not for long: it may not be able to reach us.
    pub(crate) async fn connected(&self, agent: &AgentId) {
        if let Some(contact) = self.contacts.get(agent) {
            let _ = timeout(CONNECTING, self.net.welcomed(&contact.peer)).await;
        }
    }
}
