//! What the owner of this agent decides.

use std::time::Duration;

use airway_protocols::{
    agent::AgentId,
    card::{self, Card},
    name::Name,
    trust::{Draft, Event, Kind, MAX_TEXT, Scopes},
};
use libp2p::identity::ed25519;

use super::{
    DEFAULT_LAPSE, MAX_LAPSE, MAX_REQUESTED, Request, Trust,
    row::{NOWHERE, relation, time_to_speak},
    turn::{Move, Turned},
};
use crate::{
    clock,
    contacts::{ChangeError, Contact, WhoError, pack, scopes},
    own::Own,
    store::{self, Look, RelationState},
};

/// On which terms an agent is trusted.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Our own name for it; as it is, if absent.
    pub alias: Option<String>,
    /// What it may do here; as it is, if absent, and everything if there is nothing yet.
    pub scopes: Option<Scopes>,
}

/// Whatever there is with an agent.
pub(super) const ANY: [RelationState; 5] = [
    RelationState::Stranger,
    RelationState::Requested,
    RelationState::Pending,
    RelationState::Trusted,
    RelationState::Blocked,
];

/// What to ask of the holder of a card.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Why, in our words: its owner reads it. At most 1,024 bytes.
    pub justification: Option<String>,
    /// What we offer in return.
    pub terms: Terms,
    /// How long the request waits for an answer, at most 7 days.
    pub lapse: Duration,
}

impl Default for Ask {
    fn default() -> Self {
        Self { justification: None, terms: Terms::default(), lapse: DEFAULT_LAPSE }
    }
}

/// How it stands after asking.
#[derive(Debug, Clone)]
pub enum Trusting {
    /// Each trusts the other.
    Trusted(Contact),
    /// The other has yet to answer.
    Requested(Request),
}

impl Trust {
    /// Asks the holder of a card to trust us, and promises to trust it if it does. If it has asked already, that is
    /// the answer.
    pub(crate) async fn ask(&self, card: &Card, ask: Ask) -> Result<Trusting, ChangeError> {
        self.ask_with(card, ask, None).await
    }

    /// The same with the proof of a ticket: given the id of the request.
    pub(super) async fn ask_with(
        &self,
        card: &Card,
        ask: Ask,
        ticket: Option<airway_protocols::ticket::Ticket>,
    ) -> Result<Trusting, ChangeError> {
        if card.agent_id() == self.own.me().agent {
            return Err(ChangeError::Own);
        }
        check_text(ask.justification.as_deref())?;
        let alias = self.wish(&card.agent_id(), ask.terms.alias.as_deref())?;
        let waiting = self.store.relations_in(RelationState::Requested).await?.len();
        let (own, theirs) = (self.own.clone(), card.clone());
        let decide = move |row: &mut store::Relation, look: &Look<'_>| {
            if row.state == RelationState::Stranger && waiting >= MAX_REQUESTED {
                return Err(ChangeError::TooMany);
            }
            know(row, look, &theirs)?;
            wish(row, alias, ask.terms.scopes.as_ref())?;
            if row.state == RelationState::Trusted {
                // A newer card of a contact, or another name for it.
                return Ok(Some(Move { scoped: ask.terms.scopes.is_some(), ..Move::default() }));
            }
            let request = request(row, &own, ask.justification)?;
            if let Some(ticket) = &ticket {
                let proof = ticket.prove(&request.id());
                row.said_ticket = Some(proof.ticket.as_bytes().to_vec());
                row.said_proof = Some(proof.proof.to_vec());
            }
            let lapse = u64::try_from(ask.lapse.min(MAX_LAPSE).as_millis()).unwrap_or(u64::MAX);
            Ok(Some(Move {
                event: Some(Event::Ask { request: request.id() }),
                statement: Some(request),
                lapses: Some(clock::unix_ms() + lapse),
                ..Move::default()
            }))
        };
        let turned = self.turn_at_once(card.agent_id(), card.public_key(), decide).await;
        if let Err(ChangeError::AddressTaken { .. }) = &turned {
            let name = card.name().map(ToString::to_string);
            self.note_conflict(card.address(), card.agent_id(), name).await?;
        }
        let turned = turned?;
        self.standing(turned.as_ref(), &card.agent_id())
    }

    fn standing(&self, turned: Option<&Turned>, agent: &AgentId) -> Result<Trusting, ChangeError> {
        match (self.contacts.get(agent), turned) {
            (Some(contact), _) => Ok(Trusting::Trusted(contact)),
            (None, Some(turned)) => Ok(Trusting::Requested(Request::of(&turned.row))),
            (None, None) => Err(store::Error::Aborted.into()),
        }
    }

    /// Trusts an agent that has asked us to.
    pub(crate) async fn approve(&self, who: &str, terms: Terms) -> Result<Contact, ChangeError> {
        let found = self.find_in(who, &[RelationState::Pending, RelationState::Trusted]).await?;
        let alias = self.wish(&AgentId::from_bytes(found.agent), terms.alias.as_deref())?;
        let turned = self
            .decide(&found, move |row, _| {
                wish(row, alias, terms.scopes.as_ref())?;
                Ok(Some(Move { event: Some(Event::Approve), ..Move::default() }))
            })
            .await?;
        self.contacts.get(&turned.agent()).ok_or_else(|| store::Error::Aborted.into())
    }

    /// Turns a request down; the other hears of it only if it is told so.
    pub(crate) async fn reject(
        &self,
        who: &str,
        tell: bool,
        reason: Option<String>,
    ) -> Result<Request, ChangeError> {
        check_text(reason.as_deref())?;
        let found = self.find_in(who, &[RelationState::Pending]).await?;
        let event = Event::Reject { tell };
        let turned = self
            .decide(&found, move |_, _| {
                Ok(Some(Move { event: Some(event), text: reason, ..Move::default() }))
            })
            .await?;
        Ok(Request { justification: found.justification, ..Request::of(&turned.row) })
    }

    /// Ceases to trust a contact, or takes back a request of ours. It may ask again.
    pub(crate) async fn revoke(&self, who: &str, reason: Option<String>) -> Result<Request, ChangeError> {
        check_text(reason.as_deref())?;
        let found = self.find_in(who, &[RelationState::Trusted, RelationState::Requested]).await?;
        let contact = self.contacts.get(&AgentId::from_bytes(found.agent));
        let alias = contact.map_or_else(|| found.alias.clone(), |contact| contact.alias);
        let turned = self
            .decide(&found, move |_, _| {
                Ok(Some(Move { event: Some(Event::Revoke), text: reason, ..Move::default() }))
            })
            .await?;
        Ok(Request { alias, ..Request::of(&turned.row) })
    }

    /// Never hears of an agent again; it is not told. Takes a card as well, of somebody not known yet.
    pub(crate) async fn block(&self, who: &str) -> Result<Request, ChangeError> {
        let block = || Ok(Some(Move { event: Some(Event::Block), ..Move::default() }));
        let (agent, turned) = if who.trim().starts_with(card::PREFIX) {
            let card: Card = who.parse().map_err(WhoError::from)?;
            if card.agent_id() == self.own.me().agent {
                return Err(ChangeError::Own);
            }
            let (agent, key) = (card.agent_id(), card.public_key().clone());
            let decide = move |row: &mut store::Relation, _: &Look<'_>| {
                if row.address == NOWHERE {
                    row.address = card.address().to_bytes();
                    row.name = card.name().map(ToString::to_string);
                }
                block()
            };
            (agent, self.turn_at_once(agent, &key, decide).await?)
        } else {
            let found = self.find_in(who, &ANY).await?;
            (AgentId::from_bytes(found.agent), self.decide_if(&found, move |_, _| block()).await?)
        };
        let row = match turned {
            Some(turned) => Some(turned.row),
            // It is blocked already.
            None => self.store.relation(*agent.as_bytes()).await?,
        };
        row.as_ref().map(Request::of).ok_or_else(|| store::Error::Aborted.into())
    }

    /// Hears of an agent again, as of any stranger.
    pub(crate) async fn unblock(&self, who: &str) -> Result<Request, ChangeError> {
        let found = self.find_in(who, &[RelationState::Blocked]).await?;
        let turned = self
            .decide(&found, |_, _| Ok(Some(Move { event: Some(Event::Unblock), ..Move::default() })))
            .await?;
        Ok(Request::of(&turned.row))
    }

    /// Changes what a contact may do here. What it has open is closed, and may be opened again within the new scopes.
    pub(crate) async fn set_scopes(&self, who: &str, scopes: Scopes) -> Result<Contact, ChangeError> {
        let found = self.find_in(who, &[RelationState::Trusted]).await?;
        let set = move |row: &mut store::Relation, _: &Look<'_>| {
            wish(row, None, Some(&scopes))?;
            Ok(Some(Move { scoped: true, ..Move::default() }))
        };
        self.decide_if(&found, set).await?;
        self.contacts.get(&AgentId::from_bytes(found.agent)).ok_or_else(|| store::Error::Aborted.into())
    }

    /// A turn of a relation that is there.
    async fn decide(
        &self,
        found: &store::Relation,
        decide: impl FnOnce(&mut store::Relation, &Look<'_>) -> Result<Option<Move>, ChangeError> + Send + 'static,
    ) -> Result<Turned, ChangeError> {
        self.decide_if(found, decide).await?.ok_or_else(|| store::Error::Aborted.into())
    }

    /// The same where it may be so already: then nothing happens.
    async fn decide_if(
        &self,
        found: &store::Relation,
        decide: impl FnOnce(&mut store::Relation, &Look<'_>) -> Result<Option<Move>, ChangeError> + Send + 'static,
    ) -> Result<Option<Turned>, ChangeError> {
        let key = ed25519::PublicKey::try_from_bytes(&found.public_key).map_err(|_| store::Error::Corrupt)?;
        self.turn_at_once(AgentId::from_bytes(found.agent), &key, decide).await
    }

    /// Checks an alias before anything is written.
    fn wish(&self, agent: &AgentId, alias: Option<&str>) -> Result<Option<Name>, ChangeError> {
        alias.map(|alias| self.contacts.free_alias(agent, alias)).transpose()
    }
}

/// Notes who an agent is and where, as its card says, unless another one is pinned to its address.
fn know(row: &mut store::Relation, look: &Look<'_>, card: &Card) -> Result<(), ChangeError> {
    let address = card.address().to_bytes();
    if let Some(holder) = look.pin(&address)?.filter(|holder| *holder != row.agent) {
        return Err(super::pins::taken(card.address(), &AgentId::from_bytes(holder)));
    }
    row.address = address;
    row.name = card.name().map(ToString::to_string);
    row.multiaddrs = card.addresses().to_vec();
    Ok(())
}

fn wish(row: &mut store::Relation, alias: Option<Name>, scopes: Option<&Scopes>) -> Result<(), ChangeError> {
    if let Some(alias) = alias {
        row.alias = Some(alias.to_string());
    }
    if let Some(scopes) = scopes {
        row.scopes = Some(pack(scopes)?);
    }
    Ok(())
}

/// The signed request that would be the next.
fn request(
    row: &mut store::Relation,
    own: &Own,
    text: Option<String>,
) -> Result<airway_protocols::trust::Statement, ChangeError> {
    let draft = Draft {
        kind: Kind::Request,
        generation: relation(row).next_generation(),
        at: time_to_speak(row),
        text,
        answers: None,
        scopes: Some(scopes(row)),
        card: Some(own.card().map_err(ChangeError::Card)?),
    };
    Ok(own.state(&AgentId::from_bytes(row.agent), draft)?)
}

fn check_text(text: Option<&str>) -> Result<(), ChangeError> {
    match text.map_or(0, str::len) {
        size if size > MAX_TEXT => Err(ChangeError::TooLong { size }),
        _ => Ok(()),
    }
}
