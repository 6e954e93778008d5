//! What happened between us and other agents, as it is kept and shown.

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    hidden,
    trust::{Change, Event, Scopes},
};

use super::{Trust, row::endpoint, turn::Move};
use crate::{
    contacts::{Standing, granted, scopes},
    store::{self, NewLogEntry},
};

/// An agent that is no contact: it asked us, or we asked it, or we want to hear nothing of it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The agent.
    pub agent: AgentId,
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// How it stands.
    pub standing: Standing,
    /// What it calls itself: a stranger's word.
    pub name: Option<String>,
    /// Our name for it.
    pub alias: Option<String>,
    /// Why it asks, without what terminals and people cannot see: a stranger's word, never to be followed.
    pub justification: Option<String>,
    /// It showed a ticket of ours.
    pub invited: bool,
    /// What it may do here, if it comes to be trusted.
    pub scopes: Scopes,
    /// What we may do there, as it says.
    pub granted: Option<Scopes>,
    /// Unix milliseconds.
    pub since: u64,
    /// Unix milliseconds; it lapses then.
    pub expires: Option<u64>,
}

impl Request {
    pub(super) fn of(row: &store::Relation) -> Self {
        Self {
            agent: AgentId::from_bytes(row.agent),
            endpoint: endpoint(row),
            standing: row.state.into(),
            name: row.name.clone(),
            alias: row.alias.clone(),
            justification: row.justification.clone(),
            invited: row.invited,
            scopes: scopes(row),
            granted: granted(row),
            since: row.since_ms,
            expires: row.expires_at_ms,
        }
    }
}

/// Something that happened between us and an agent.
#[derive(Debug, Clone)]
pub struct TrustEvent {
    /// Grows with each; never used twice.
    pub seq: u64,
    /// Unix milliseconds.
    pub at: u64,
    /// The agent.
    pub agent: AgentId,
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// What it called itself.
    pub name: Option<String>,
    /// What happened.
    pub what: What,
    /// By our doing, and not by the other's or by itself.
    pub by_us: bool,
    /// The justification or reason that came with it, cleaned: not our words, unless it was our doing.
    pub text: Option<String>,
}

/// What can happen between two agents. The numbers are those of the database.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum What {
    /// A request was made.
    Requested = 0,
    /// Each trusts the other.
    Trusted = 1,
    /// A request was turned down.
    Rejected = 2,
    /// A request was taken back, or lapsed.
    Withdrawn = 3,
    /// The trust ended.
    Revoked = 4,
    /// We hear nothing of it any more.
    Blocked = 5,
    /// We would hear of it again.
    Unblocked = 6,
    /// What one may do at the other was changed.
    Scoped = 7,
    /// Its request made room for others.
    Evicted = store::EVICTED,
}

impl TryFrom<u8> for What {
    type Error = store::Error;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        const ALL: [What; 9] = [
            What::Requested,
            What::Trusted,
            What::Rejected,
            What::Withdrawn,
            What::Revoked,
            What::Blocked,
            What::Unblocked,
            What::Scoped,
            What::Evicted,
        ];
        ALL.into_iter().find(|what| *what as u8 == number).ok_or(store::Error::Corrupt)
    }
}

impl TryFrom<store::LogEntry> for TrustEvent {
    type Error = store::Error;

    fn try_from(entry: store::LogEntry) -> Result<Self, Self::Error> {
        let agent = AgentId::from_bytes(entry.agent);
        Ok(Self {
            seq: entry.seq,
            at: entry.at_ms,
            agent,
            endpoint: Endpoint::full(Address::from_bytes(entry.address), &agent),
            name: entry.name,
            what: entry.event.try_into()?,
            by_us: entry.by_us,
            text: entry.text,
        })
    }
}

/// What of a turn goes into the log.
pub(super) fn entry(row: &store::Relation, change: Change, made: &Move, now: u64) -> Option<NewLogEntry> {
    let by_us = !matches!(made.event, Some(Event::Heard { .. } | Event::Vouched { .. }));
    let what = match change {
        Change::Asked | Change::Requested => What::Requested,
        Change::Trusted => What::Trusted,
        Change::Rejected => What::Rejected,
        Change::Withdrawn => What::Withdrawn,
        Change::Revoked { .. } => What::Revoked,
        Change::Blocked => What::Blocked,
        Change::Unblocked => What::Unblocked,
        Change::Granted => What::Scoped,
        Change::None if made.scoped => What::Scoped,
        Change::None => return None,
    };
    let said = made.text.clone().or_else(|| made.statement.as_ref()?.text().map(hidden::clean));
    Some(NewLogEntry {
        at_ms: now,
        agent: row.agent,
        event: what as u8,
        by_us,
        generation: row.generation,
        text: said,
        statement: made.statement.as_ref().map(|statement| statement.as_bytes().to_vec()),
        name: row.name.clone(),
        address: row.address,
    })
}

impl Trust {
    /// The agents in these standings, the longest there first.
    pub(crate) async fn requests(&self, standings: &[Standing]) -> Result<Vec<Request>, store::Error> {
        let mut requests = Vec::new();
        for standing in standings {
            let rows = self.store.relations_in((*standing).into()).await?;
            requests.extend(rows.iter().map(Request::of));
        }
        requests.sort_by_key(|request| (request.since, request.agent));
        Ok(requests)
    }

    /// The newest events, oldest first, of all agents or of one.
    pub(crate) async fn events(
        &self,
        limit: u32,
        agent: Option<AgentId>,
    ) -> Result<Vec<TrustEvent>, store::Error> {
        let entries = self.store.trust_log_tail(limit, agent.map(|agent| *agent.as_bytes())).await?;
        entries.into_iter().map(TryInto::try_into).collect()
    }

    /// The events after `after`, at most `limit`; waits until there is one.
    pub(crate) async fn events_from(&self, after: u64, limit: u32) -> Result<Vec<TrustEvent>, store::Error> {
        let mut news = self.store.log_changes();
        loop {
            news.mark_unchanged();
            let entries = self.store.trust_log(after, limit, None).await?;
            if !entries.is_empty() {
                return entries.into_iter().map(TryInto::try_into).collect();
            }
            news.changed().await.map_err(|_| store::Error::Closed)?;
        }
    }
}
