//! Who is found under an address, a name or a tag.
//!
//! What a server says is worth nothing by itself: each claim is signed by its agent and, where the network has an
//! authority, carries the certificate that gives the agent this address and this name. Several servers are asked, the
//! newest word of each agent counts, and whoever reads sees all agents that claim one key.

use std::{collections::BTreeMap, time::Duration};

use airway_protocols::{
    agent::AgentId,
    claim::{self, Claim, Key},
    name::Name,
    tag::Tag,
};
use tokio::time::{Instant, timeout_at};

use super::Mesh;
use crate::{clock, net::Lookup};

/// Answers that are enough where they agree: one server may be behind, or leave somebody out.
const ENOUGH: usize = 3;

/// How long an inviter looks whether somebody else has an address.
const GLANCE: Duration = Duration::from_secs(2);

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
        self.look(Key::Address(node), wait).await
    }

    /// The agents that claim a name.
    pub(crate) async fn by_name(&self, name: &Name, wait: Duration) -> Claims {
        self.look(Key::Name(name.clone()), wait).await
    }

    /// The agents that say they can do something.
    pub(crate) async fn by_tag(&self, tag: &Tag, wait: Duration) -> Claims {
        self.look(Key::Tag(tag.clone()), wait).await
    }

    /// A quick look whether somebody is found at an address.
    pub(super) async fn claims_at(&self, node: u32) -> Vec<Claim> {
        self.at_address(node, GLANCE).await.claims
    }

    async fn look(&self, key: Key, wait: Duration) -> Claims {
        let Some(realm) = self.net.shared().members.realm() else { return Claims::default() };
        let deadline = Instant::now() + wait;
        let mut lookup = self.net.lookup(key.bytes(&realm.id()));
        let mut found = BTreeMap::new();
        let mut agreeing = 0;
        // Everybody who has a tag is of interest; of an address or a name whoever has it.
        let enough = if matches!(key, Key::Tag(_)) { usize::MAX } else { ENOUGH };
        while let Ok(Some(value)) = timeout_at(deadline, lookup.next()).await {
            if self.read(&value, &key, &mut found) {
                agreeing += 1;
            }
            if agreeing >= enough {
                break;
            }
        }
        finished(found, &lookup)
    }

    /// Takes in what one server has; `true` if there was anything in it.
    fn read(&self, value: &[u8], key: &Key, found: &mut BTreeMap<AgentId, Claim>) -> bool {
        let members = &self.net.shared().members;
        let Some(realm) = members.realm() else { return false };
        let (now, revocations) = (clock::unix_ms(), members.revocations());
        let claims = claim::split(value).unwrap_or_default();
        let mut any = false;
        for bytes in claims {
            let Ok(claim) = Claim::from_bytes(&bytes, &realm) else { continue };
            // Its owner has gone: what is older than that does not count either.
            let names_key = claim.is_withdrawn() || claim.keys().contains(key);
            if !names_key || claim.stands(now, &revocations).is_err() {
                continue;
            }
            any = true;
            let known = found.get(&claim.agent());
            if known.is_none_or(|known| known.issued() < claim.issued()) {
                found.insert(claim.agent(), claim);
            }
        }
        any
    }
}

fn finished(found: BTreeMap<AgentId, Claim>, lookup: &Lookup) -> Claims {
    let stats = lookup.stats();
    let claims = found.into_values().filter(|claim| !claim.is_withdrawn()).collect();
    Claims { claims, requests: stats.requests, answered: stats.answered }
}
