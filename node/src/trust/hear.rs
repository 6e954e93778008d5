//! What other agents say about trust: checked, and made a turn.

use airway_protocols::{
    agent::AgentId,
    hidden,
    knock::Knock,
    ticket,
    trust::{self, Change, Event, Kind, Statement},
};
use libp2p::PeerId;

use super::{
    MAX_LAPSE, Trust,
    pins::taken,
    row::{NOWHERE, relation},
    turn::{Move, Turned},
};
use crate::{
    clock,
    contacts::{ChangeError, pack},
    store,
};

/// Why a statement came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum HearError {
    /// It is none.
    #[error(transparent)]
    Statement(#[from] trust::Error),
    /// It was made to somebody else, or by somebody else than who brings it.
    #[error("the statement is not between us and this peer")]
    Foreign,
    /// It is a request of long ago, or was said in days to come.
    #[error("the statement is out of date")]
    Date,
    /// Too many knock.
    #[error("there were too many knocks")]
    Budget,
    /// It cannot be carried out.
    #[error(transparent)]
    Change(ChangeError),
    /// Our disk failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<ChangeError> for HearError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => Self::Store(error),
            other => Self::Change(other),
        }
    }
}

/// A ticket of ours whose secret a knock has proved.
#[derive(Debug, Clone)]
pub(super) struct Invitation(store::TicketRow);

impl Trust {
    /// The ticket that a knock proves to have, if it is still good.
    pub(super) async fn invitation(&self, knock: &Knock) -> Result<Option<Invitation>, HearError> {
        let Some(proof) = &knock.ticket else { return Ok(None) };
        let Some(row) = self.store.ticket(*proof.ticket.as_bytes()).await? else { return Ok(None) };
        let proved = ticket::verify(&row.secret, &trust::StatementId::of(&knock.statement), &proof.proof);
        Ok((proved && row.is_live(clock::unix_ms())).then_some(Invitation(row)))
    }

    /// Takes in a statement that a peer has brought.
    pub(super) async fn hear(
        &self,
        peer: &PeerId,
        statement: Statement,
        invitation: Option<Invitation>,
        source: Option<String>,
    ) -> Result<Option<Turned>, HearError> {
        if statement.to() != self.own.me().agent || statement.peer_id() != *peer {
            return Err(HearError::Foreign);
        }
        let now = clock::unix_ms();
        if statement.is_ahead(now) || statement.kind() == Kind::Request && is_old(statement.at(), now) {
            return Err(HearError::Date);
        }
        let (agent, key) = (statement.agent_id(), statement.key().clone());
        // The network has its members trust each other, and this is one.
        let member = self.net.shared().members.vouches(peer);
        let claimed = statement.card().map(|card| (card.address(), card.name().map(ToString::to_string)));
        let decide = move |row: &mut store::Relation, look: &store::Look<'_>| {
            take_in(row, look, statement, invitation.as_ref(), member, source)
        };
        let turned = self.turn(agent, &key, decide).await;
        if let (Err(ChangeError::AddressTaken { .. }), Some((address, name))) = (&turned, claimed) {
            self.note_conflict(address, agent, name).await?;
        }
        Ok(turned?)
    }
}

/// Whether a request has lapsed wherever it comes from.
fn is_old(at: u64, now: u64) -> bool {
    u128::from(now.saturating_sub(at)) > MAX_LAPSE.as_millis()
}

/// From what was heard to what happens; nothing, if it is no news.
fn take_in(
    row: &mut store::Relation,
    look: &store::Look<'_>,
    statement: Statement,
    invitation: Option<&Invitation>,
    member: bool,
    source: Option<String>,
) -> Result<Option<Move>, ChangeError> {
    let (id, generation, at) = (statement.id(), statement.generation(), statement.at());
    let ticket = match invitation {
        // It may have been used since we looked; and it is for requests alone.
        Some(Invitation(ticket)) if statement.kind() == Kind::Request => {
            look.ticket(&ticket.id)?.filter(|ticket| ticket.is_live(clock::unix_ms()))
        }
        _ => None,
    };
    // The network speaks for a member once: what the owner has ended since is for the owner to begin again.
    let by_network = member && statement.kind() == Kind::Request && row.generation == 0;
    let vouched = by_network || ticket.as_ref().is_some_and(|ticket| !ticket.confirms);
    let event = if vouched {
        Event::Vouched { id, generation, at }
    } else {
        Event::Heard { kind: statement.kind(), id, generation, at, answers: statement.answers() }
    };
    // What others say cannot be refused, only ignored; and of a stranger it leaves nothing behind.
    let Ok(step) = relation(row).step(event) else { return Ok(None) };
    let is_news = step.change != Change::None || step.say.is_some();
    if !is_news && (step.relation == relation(row) || row.address == NOWHERE) {
        return Ok(None);
    }
    if !is_news {
        return Ok(Some(Move { event: Some(event), ..Move::default() }));
    }
    if let Some(card) = statement.card() {
        let address = card.address().to_bytes();
        if let Some(holder) = look.pin(&address)?.filter(|holder| *holder != row.agent) {
            return Err(taken(card.address(), &AgentId::from_bytes(holder)));
        }
        row.address = address;
        row.name = card.name().map(ToString::to_string);
        row.multiaddrs = card.addresses().to_vec();
        row.justification = statement.text().map(hidden::clean);
        row.source = source;
        row.invited = ticket.is_some();
    }
    if matches!(statement.kind(), Kind::Request | Kind::Accept) {
        // Without a word it is everything, whatever it was before.
        row.granted = statement.scopes().map(pack).transpose()?;
    }
    if let Some(ticket) = &ticket {
        row.alias = row.alias.take().or_else(|| ticket.alias.clone());
        // What was granted with this ticket is newer than what there was.
        row.scopes = ticket.scopes.clone().or(row.scopes.take());
    }
    Ok(Some(Move {
        event: Some(event),
        ticket: ticket.map(|ticket| ticket.id),
        statement: Some(statement),
        ..Move::default()
    }))
}
