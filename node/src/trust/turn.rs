//! One event in the life of a relation: decided, written, and then made to hold.

use airway_protocols::{
    agent::AgentId,
    trust::{Change, Draft, Event, Kind, Refused, Say, Statement},
};
use libp2p::identity;

use super::{
    Trust,
    row::{NOWHERE, label, peer, put, relation, time_to_speak},
};
use crate::{
    access::Tier,
    clock,
    contacts::{ChangeError, scopes},
    crash::{self, Place},
    own::Own,
    store::{self, ContactChange, Look, RelationState, Turn},
};

/// How long we try to tell the other, before we take it that it is gone.
const KEEP_SAYING: u64 = 7 * 24 * 3600 * 1000;

/// How long a request of another agent waits for our owner.
const PENDING_FOR: u64 = 7 * 24 * 3600 * 1000;

/// What is to happen to a relation.
#[derive(Debug, Default)]
pub(super) struct Move {
    /// The event; none where only wishes of the owner change.
    pub(super) event: Option<Event>,
    /// The request that we make, or what was heard.
    pub(super) statement: Option<Statement>,
    /// The ticket that was used up.
    pub(super) ticket: Option<[u8; 8]>,
    /// What we say about it: the reason of a rejection or a revocation.
    pub(super) text: Option<String>,
    /// What the other may do here changes.
    pub(super) scoped: bool,
    /// Until when a request of ours waits, in Unix milliseconds.
    pub(super) lapses: Option<u64>,
}

/// What has happened to a relation, on the disk.
#[derive(Debug)]
pub(super) struct Turned {
    pub(super) was: RelationState,
    pub(super) row: store::Relation,
    /// What the other may do here is not what it was.
    rescoped: bool,
}

impl Turned {
    pub(super) fn agent(&self) -> AgentId {
        AgentId::from_bytes(self.row.agent)
    }

    /// Whether the agent became a contact, or ceased to be one.
    fn is_new_trust(&self) -> bool {
        self.was != RelationState::Trusted && self.row.state == RelationState::Trusted
    }

    fn is_lost_trust(&self) -> bool {
        self.was == RelationState::Trusted && self.row.state != RelationState::Trusted
    }

    /// Whether a contact may do other things than before.
    fn is_other_trust(&self) -> bool {
        self.was == RelationState::Trusted && self.row.state == RelationState::Trusted && self.rescoped
    }
}

impl Trust {
    /// Lets `decide` look at a relation and say what happens to it; writes all that follows in one commit; then makes
    /// it hold in memory. `None` if it decides that nothing happens. What is open is closed by [`Trust::follow_up`].
    pub(super) async fn turn(
        &self,
        agent: AgentId,
        key: &identity::ed25519::PublicKey,
        decide: impl FnOnce(&mut store::Relation, &Look<'_>) -> Result<Option<Move>, ChangeError> + Send + 'static,
    ) -> Result<Option<Turned>, ChangeError> {
        let _turning = self.0.turning.lock().await;
        let (own, public_key) = (self.own.clone(), key.to_bytes());
        let agent = *agent.as_bytes();
        let turn = move |row: Option<store::Relation>, look: &Look<'_>| -> Result<_, ChangeError> {
            let mut row = row
                .unwrap_or_else(|| store::Relation::stranger(agent, public_key, NOWHERE, clock::unix_ms()));
            let before = row.clone();
            let Some(made) = decide(&mut row, look)? else { return Ok((None, None)) };
            let (turn, turned) = carry_out(row, made, before.scopes.as_ref(), &own)?;
            // Nothing to write, and nothing has happened.
            if turned.row == before && turn.ticket_used.is_none() {
                return Ok((None, None));
            }
            crash::point(Place::Decided);
            Ok((Some(turn), Some(turned)))
        };
        let turned = self.store.relation_turn(agent, turn).await?;
        if let Some(turned) = &turned {
            crash::point(Place::Committed);
            self.settle(turned).await?;
            crash::point(Place::Settled);
        }
        Ok(turned)
    }

    /// Brings the contacts and the access list in line with the disk.
    async fn settle(&self, turned: &Turned) -> Result<(), ChangeError> {
        let agent = turned.agent();
        if turned.is_lost_trust() {
            self.contacts.dismiss(&agent).await;
        } else if turned.row.state == RelationState::Trusted {
            self.contacts.admit(agent).await?;
            return Ok(());
        }
        self.settle_peer(&turned.row);
        Ok(())
    }

    /// The tier of an agent that is no contact, and where it is looked for.
    pub(super) fn settle_peer(&self, row: &store::Relation) {
        let Some(peer) = peer(row) else { return };
        let tier = match row.state {
            // The contacts see to those.
            RelationState::Trusted => return,
            RelationState::Requested => Some(Tier::Expected),
            RelationState::Blocked => Some(Tier::Blocked),
            RelationState::Stranger | RelationState::Pending => None,
        };
        let shared = self.net.shared();
        shared.access.set(peer, tier);
        match (row.said.is_some(), row.state) {
            (true, RelationState::Requested) => shared.book.set(peer, row.multiaddrs.clone()),
            (true, _) => shared.book.set_unexpected(peer, row.multiaddrs.clone()),
            (false, _) => shared.book.remove(&peer),
        }
    }

    /// What follows once the other need not be answered any more: streams are cut, connections closed, and the courier
    /// sets out.
    pub(super) async fn follow_up(&self, turned: &Turned) {
        let Some(peer) = peer(&turned.row) else { return };
        if turned.is_lost_trust() || turned.row.state == RelationState::Blocked {
            self.net.cut(&peer);
            crash::point(Place::Cut);
            self.net.disconnect(peer).await;
            crash::point(Place::Disconnected);
            // What of it was on its way to the disk before the cut is there when this is.
            self.outbox.abandon(&turned.agent()).await;
            self.tasks.disown().await;
        }
        if turned.is_new_trust() {
            self.net.touch(peer);
            // What was not settled when the last trust ended is said now.
            self.tasks.bell().ring(turned.agent());
            // It trusts us already: a connection made now has everything that contacts have.
            if turned.row.said.is_none() {
                self.net.shed(peer).await;
                self.net.keep(peer).await;
            }
        }
        if turned.is_other_trust() {
            self.net.cut(&peer);
            self.net.disconnect(peer).await;
            // Here it takes nothing back, and is only behind what was on its way to the disk.
            self.outbox.abandon(&turned.agent()).await;
            self.net.keep(peer).await;
        }
        crash::point(Place::Followed);
        self.0.courier.wake(self, turned.row.agent).await;
    }

    /// [`Trust::turn`] and [`Trust::follow_up`], where nobody is to be answered in between. Both happen whole even if
    /// nobody waits for them any more: what the disk says must hold in memory.
    pub(super) async fn turn_at_once(
        &self,
        agent: AgentId,
        key: &identity::ed25519::PublicKey,
        decide: impl FnOnce(&mut store::Relation, &Look<'_>) -> Result<Option<Move>, ChangeError> + Send + 'static,
    ) -> Result<Option<Turned>, ChangeError> {
        let (trust, key) = (self.clone(), key.clone());
        let whole = tokio::spawn(async move {
            let turned = trust.turn(agent, &key, decide).await?;
            if let Some(turned) = &turned {
                trust.follow_up(turned).await;
            }
            Ok(turned)
        });
        whole.await.unwrap_or_else(|_| Err(store::Error::Aborted.into()))
    }
}

/// From the relation and what happens to it to everything that is written.
fn carry_out(
    mut row: store::Relation,
    made: Move,
    scopes: Option<&Vec<u8>>,
    own: &Own,
) -> Result<(Turn, Turned), ChangeError> {
    let (was, now) = (row.state, clock::unix_ms());
    let step = made.event.map(|event| relation(&row).step(event)).transpose();
    let step = step.map_err(|reason: Refused| ChangeError::Refused { who: label(&row), reason })?;
    let change = step.as_ref().map_or(Change::None, |step| step.change);
    if let Some(step) = &step {
        let says = step.say.as_ref().map(|say| statement(say, &mut row, &made, own)).transpose()?;
        put(&mut row, &step.relation);
        if row.state != was {
            (row.since_ms, row.expires_at_ms, row.said) = (now, None, None);
        }
        if let Some(statement) = says {
            row.said = Some(statement.as_bytes().to_vec());
            let lapses = made.lapses.filter(|_| matches!(step.say, Some(Say::Request { .. })));
            row.said_until_ms = Some(lapses.unwrap_or(now + KEEP_SAYING));
        }
        if row.said.is_none() {
            (row.said_ticket, row.said_proof, row.said_until_ms) = (None, None, None);
        }
        if change == Change::Asked {
            row.expires_at_ms = None;
        }
    }
    tidy(&mut row, made.lapses, now);
    let contact = match (was, row.state) {
        (_, RelationState::Trusted) => ContactChange::Add,
        (RelationState::Trusted, _) => ContactChange::Remove,
        _ => ContactChange::Keep,
    };
    let turn = Turn {
        log: super::log::entry(&row, change, &made, now),
        relation: row.clone(),
        contact,
        ticket_used: made.ticket,
    };
    let rescoped = row.scopes.as_ref() != scopes;
    Ok((turn, Turned { was, row, rescoped }))
}

/// Leaves in a relation what its state has a use for.
fn tidy(row: &mut store::Relation, lapses: Option<u64>, now: u64) {
    row.expires_at_ms = match row.state {
        RelationState::Requested => lapses.or(row.expires_at_ms),
        RelationState::Pending => row.expires_at_ms.or(Some(now + PENDING_FOR)),
        RelationState::Trusted => scopes(row).until,
        RelationState::Stranger | RelationState::Blocked => None,
    };
    if row.state != RelationState::Pending {
        (row.justification, row.source, row.invited) = (None, None, false);
    }
    if matches!(row.state, RelationState::Stranger | RelationState::Blocked) {
        // What was granted ends with the trust: the next one begins anew.
        (row.alias, row.scopes, row.granted) = (None, None, None);
    }
}

/// Signs what the step says; a request was signed before, since its id is part of the step.
fn statement(say: &Say, row: &mut store::Relation, made: &Move, own: &Own) -> Result<Statement, ChangeError> {
    let granted = scopes(row);
    let mut draft = |kind, generation, answers| Draft {
        kind,
        generation,
        at: time_to_speak(row),
        text: None,
        answers,
        scopes: None,
        card: None,
    };
    let draft = match *say {
        Say::Request { .. } => {
            return made.statement.clone().ok_or_else(|| store::Error::Aborted.into());
        }
        Say::Accept { generation, answers } => {
            Draft { scopes: Some(granted), ..draft(Kind::Accept, generation, Some(answers)) }
        }
        Say::Reject { generation, answers } => {
            Draft { text: made.text.clone(), ..draft(Kind::Reject, generation, Some(answers)) }
        }
        Say::Revoke { generation, answers } => {
            Draft { text: made.text.clone(), ..draft(Kind::Revoke, generation, answers) }
        }
    };
    Ok(own.state(&AgentId::from_bytes(row.agent), draft)?)
}
