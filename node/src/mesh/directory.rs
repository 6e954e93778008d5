//! Who is found under an address, a name or a tag.
//!
//! What a server says is worth nothing by itself: each claim is signed by its agent and, where the network has an
//! authority, carries the certificate that gives the agent this address and this name. Several servers are asked, the
//! newest word of each agent counts, and whoever reads sees all agents that claim one key.

use std::{collections::BTreeMap, sync::PoisonError, time::Duration};

use airway_protocols::{
    agent::AgentId,
    card::Card,
    claim::{Claim, Key, set},
    name::Name,
    tag::Tag,
};
use tokio::time::{Instant, sleep, sleep_until};

use super::Mesh;
use crate::{bucket::Rate, clock, net::Stats};

/// Answers that are enough where they agree: one server may be behind, or leave somebody out.
const ENOUGH: u32 = 3;

/// How long is waited for the first server that can be asked.
const FIRST_SERVER: Duration = Duration::from_secs(5);

/// Between two looks whether there is one.
const LOOK: Duration = Duration::from_millis(50);

/// How long an inviter looks whether somebody else has an address.
const GLANCE: Duration = Duration::from_secs(2);

/// How often it is asked where a contact is that cannot be reached; contacts for which that is remembered.
pub(super) const AGAIN: Rate = Rate { burst: 3, refill: Duration::from_secs(2) };
pub(super) const REMEMBERED: usize = 1024;

/// What a look into the DHT has found.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// The newest of each agent.
    pub(crate) claims: Vec<Claim>,
    /// Requests that it took.
    pub(crate) requests: u32,
    /// Servers that have answered, whatever they know.
    pub(crate) answered: u32,
}

impl Mesh {
    /// The agents that claim an address of our network.
    pub(crate) async fn at_address(&self, node: u32, wait: Duration) -> Claims {
        self.look_patiently(Key::Address(node), wait).await
    }

    /// The agents that claim a name.
    pub(crate) async fn by_name(&self, name: &Name, wait: Duration) -> Claims {
        self.look_patiently(Key::Name(name.clone()), wait).await
    }

    /// The agents that say they can do something.
    pub(crate) async fn by_tag(&self, tag: &Tag, wait: Duration) -> Claims {
        self.look_patiently(Key::Tag(tag.clone()), wait).await
    }

    /// A quick look whether somebody is found at an address.
    pub(super) async fn claims_at(&self, node: u32) -> Vec<Claim> {
        self.look(Key::Address(node), GLANCE).await.claims
    }

    /// Where an agent says that it is now, if it has this number; not asked too often about the same one.
    pub(crate) async fn where_is(&self, agent: &AgentId, node: u32) -> Option<Card> {
        if !self.takes_part() || !self.may_ask(agent) {
            return None;
        }
        let found = self.look(Key::Address(node), GLANCE).await;
        let claim = found.claims.into_iter().find(|claim| claim.agent() == *agent)?;
        Some(claim.card().clone())
    }

    fn may_ask(&self, agent: &AgentId) -> bool {
        let (mut asked, now) =
            (self.0.asked.lock().unwrap_or_else(PoisonError::into_inner), std::time::Instant::now());
        let may = asked.has(agent, now);
        if may {
            asked.take(*agent, now);
        }
        may
    }

    /// Looks, once there is somebody to ask: who has just joined is about to meet the first server.
    async fn look_patiently(&self, key: Key, wait: Duration) -> Claims {
        let deadline = Instant::now() + wait;
        let met_by = deadline.min(Instant::now() + FIRST_SERVER);
        while self.takes_part() && !self.serves() && self.net.servers().await.is_empty() {
            if Instant::now() >= met_by {
                break;
            }
            sleep(LOOK).await;
        }
        self.look(key, deadline.saturating_duration_since(Instant::now())).await
    }

    async fn look(&self, key: Key, wait: Duration) -> Claims {
        let deadline = Instant::now() + wait;
        let (mut kept, provided) =
            tokio::join!(self.look_at_servers(&key, deadline), self.provided(&key, deadline));
        for claim in provided {
            take_newest(&mut kept.0, claim);
        }
        let (found, Stats { requests, answered }) = kept;
        let claims = found.into_values().filter(|claim: &Claim| !claim.is_withdrawn()).collect();
        Claims { claims, requests, answered }
    }

    /// What servers keep; the newest claim of each agent.
    async fn look_at_servers(&self, key: &Key, deadline: Instant) -> (BTreeMap<AgentId, Claim>, Stats) {
        let Some(realm) = self.net.shared().members.realm() else { return Default::default() };
        let name = key.bytes(&realm.id());
        let mut lookup = self.net.lookup(name.clone());
        let mut progress = lookup.progress();
        let mut found = BTreeMap::new();
        // Everybody who has a tag is of interest; of an address or a name whoever has it.
        let enough = if matches!(key, Key::Tag(_)) { u32::MAX } else { ENOUGH };
        while found.is_empty() || lookup.stats().answered < enough {
            tokio::select! {
                value = lookup.next() => match value {
                    Some(value) => self.read(&value, &name, &mut found),
                    None => break,
                },
                Ok(()) = progress.changed() => {}
                () = sleep_until(deadline) => break,
            }
        }
        while let Some(value) = lookup.ready() {
            self.read(&value, &name, &mut found);
        }
        (found, lookup.stats())
    }

    /// Takes in what one server has.
    fn read(&self, value: &[u8], key: &[u8], found: &mut BTreeMap<AgentId, Claim>) {
        let members = &self.net.shared().members;
        let Some(realm) = members.realm() else { return };
        let (now, revocations) = (clock::unix_ms(), members.revocations());
        for bytes in set::split(value).unwrap_or_default() {
            let Ok(claim) = Claim::from_bytes(&bytes, &realm) else { continue };
            // Of an owner who has gone what is older does not count either.
            if !claim.belongs_at(key) || claim.stands(now, &revocations).is_err() {
                continue;
            }
            take_newest(found, claim);
        }
    }
}

/// Of each agent the newest claim counts.
fn take_newest(found: &mut BTreeMap<AgentId, Claim>, claim: Claim) {
    let known = found.get(&claim.agent());
    if known.is_none_or(|known| known.issued() < claim.issued()) {
        found.insert(claim.agent(), claim);
    }
}
