//! Events of the network: whether we take part in them, and members enough to hear of all.
//!
//! ```text
//! subscriptions, or we serve the DHT or relay ─► part: joined
//! joined ─► look: fewer than ENOUGH neighbours that take part? ─► candidates ─► dial, prove ─► they speak gossip
//! publisher that is not joined ─────────────► not one? ─────────┘
//! ```
//!
//! Whoever serves the DHT or relays always takes part, so that there is somebody whom everybody finds. Those come first among
//! the candidates, and then the other members that we have met or remember. Each is left alone for a while after it was
//! tried, the longer the more often it was in vain.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use airway_protocols::{agent::AgentId, card::Card, certificate::Invalid, network::NetworkId};
use libp2p::{Multiaddr, PeerId};
use rand::{Rng as _, seq::SliceRandom as _};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use super::{Mesh, Standing};
use crate::net::GossipPeer;

/// Neighbours that take part which are kept: gossip wants to hear from six, and is to have a choice.
const ENOUGH: usize = 8;

/// Those whom we try at the same time.
const AT_ONCE: usize = 8;

/// Those who are tried where one would do: it may be gone.
const SOME: usize = 3;

/// How long a member has to say that it takes part, once it speaks with us.
const SAYS: Duration = Duration::from_secs(1);

/// Between two looks at what has changed.
const LOOK: Duration = Duration::from_secs(1);

/// The same for a publisher that waits for the first member.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a new subscription waits for neighbours that let us in: a dial, and two heartbeats of gossip.
const LET_IN: Duration = Duration::from_secs(3);

/// For how long whoever was tried is left alone; doubled each time, up to [`LAST_REST`].
const FIRST_REST: Duration = Duration::from_secs(2);

/// The longest of these times.
const LAST_REST: Duration = Duration::from_secs(5 * 60);

/// Members that are remembered as tried; those whose rest is over make room, and while there are none nobody else is tried.
const TRIED: usize = 1024;

/// Why an agent takes no part in the events of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Outsider {
    /// It is in none with an authority. Where nobody says who is a member, nobody can say whose events are passed on.
    #[error("this agent is in no network with an authority")]
    NoNetwork,
    /// Its own membership is over.
    #[error("this agent is a member no more: {0}")]
    Over(Invalid),
    /// It has left the network meanwhile.
    #[error("this agent has left the network")]
    Left,
}

/// Somebody who wants the events of the network; we take part for as long as there is one.
#[derive(Debug)]
pub(crate) struct Part {
    mesh: Mesh,
    network: NetworkId,
}

impl Part {
    /// Whose events they are.
    pub(crate) fn network(&self) -> NetworkId {
        self.network
    }

    /// Returns when there are no more events for us, and why. Cancel-safe.
    pub(crate) async fn over(&self) -> Outsider {
        let (mut lists, mut standing) = (self.mesh.lists(), self.mesh.standing_changes());
        loop {
            if let Err(why) = self.mesh.insider(Some(self.network)) {
                return why;
            }
            // By lists and changes of network at once, by the clock soon.
            tokio::select! {
                () = sleep(LOOK) => {}
                _ = lists.changed() => {}
                _ = standing.changed() => {}
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.mesh.0.listeners.send_modify(|listeners| *listeners -= 1);
    }
}

/// Whom we have tried, and whom we are trying.
#[derive(Debug, Default)]
pub(super) struct Tried {
    rests: HashMap<PeerId, Rest>,
    under_way: JoinSet<()>,
}

#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Instant,
    next: Duration,
}

impl Tried {
    fn may_be_tried(&self, peer: &PeerId, now: Instant) -> bool {
        self.rests.get(peer).is_none_or(|rest| rest.until <= now)
    }

    /// Leaves a peer alone for a while; `false` if there is no room to remember that.
    fn note(&mut self, peer: PeerId, now: Instant) -> bool {
        if self.rests.len() >= TRIED && !self.rests.contains_key(&peer) {
            self.rests.retain(|_, rest| rest.until > now);
            if self.rests.len() >= TRIED {
                return false;
            }
        }
        let rest = self.rests.entry(peer).or_insert(Rest { until: now, next: FIRST_REST });
        rest.until = now + rest.next.mul_f64(rand::rng().random_range(0.75..1.25));
        rest.next = (rest.next * 2).min(LAST_REST);
        true
    }

    /// How many more may be tried now.
    fn room(&mut self) -> usize {
        while self.under_way.try_join_next().is_some() {}
        AT_ONCE.saturating_sub(self.under_way.len())
    }
}

impl Mesh {
    /// Our membership, if it gives us events: of this network, if one is named.
    pub(crate) fn insider(&self, network: Option<NetworkId>) -> Result<Standing, Outsider> {
        let standing = match (self.standing(), network) {
            (None, None) => return Err(Outsider::NoNetwork),
            (Some(standing), None) => standing,
            (standing, Some(network)) => {
                standing.filter(|standing| standing.genesis.id() == network).ok_or(Outsider::Left)?
            }
        };
        self.valid(&standing).map_err(Outsider::Over)?;
        Ok(standing)
    }

    /// Takes part in the events of the network until what is returned is dropped.
    pub(crate) fn take_part(&self) -> Result<Part, Outsider> {
        let network = self.insider(None)?.genesis.id();
        self.0.listeners.send_modify(|listeners| *listeners += 1);
        Ok(Part { mesh: self.clone(), network })
    }

    /// Waits until gossip passes on to us what the network says, for as long as others may take to let us in; who is the first
    /// of its network need not wait for others.
    pub(crate) async fn settle_in(&self, by: Instant) {
        let by = by.min(Instant::now() + LET_IN);
        let _ = timeout_at(by, async {
            while !self.net.gossip_peers().await.iter().any(|neighbour| neighbour.in_mesh) {
                sleep(GLANCE).await;
            }
        })
        .await;
    }

    /// Whether we take part now.
    fn is_joined(&self) -> bool {
        let is_wanted = *self.0.listeners.borrow() > 0 || self.serves() || self.relays();
        is_wanted && self.insider(None).is_ok()
    }

    /// Joins and leaves the events as they are wanted, and keeps neighbours meanwhile.
    pub(super) async fn keep_gathered(self) {
        let mut listeners = self.0.listeners.subscribe();
        let mut was_joined = false;
        loop {
            listeners.mark_unchanged();
            let joined = self.is_joined();
            if joined != was_joined {
                tracing::debug!(joined, "the events of the network");
                self.net.gossip_join(joined).await;
                was_joined = joined;
            }
            if joined {
                self.gather(ENOUGH).await;
            }
            let look = LOOK.mul_f64(rand::rng().random_range(0.8..1.2));
            tokio::select! {
                () = sleep(look) => {}
                _ = listeners.changed() => {}
            }
        }
    }

    /// Waits until a neighbour takes part, and looks for one meanwhile; whether there is one by then.
    pub(crate) async fn reach_somebody(&self, by: Instant) -> bool {
        let reached = timeout_at(by, async {
            while self.gather(1).await == 0 {
                sleep(GLANCE).await;
            }
        });
        reached.await.is_ok()
    }

    /// Returns how many neighbours take part, and begins to try others if those are not enough.
    async fn gather(&self, enough: usize) -> usize {
        // One at a time: several publishers want the same.
        let mut tried = self.0.tried.lock().await;
        let neighbours = self.net.gossip_peers().await;
        // One of bad repute does not pass on what it should, or is not heard.
        let takes_part = |neighbour: &&GossipPeer| neighbour.joined && neighbour.score >= 0.0;
        let joined: Vec<_> = neighbours.iter().filter(takes_part).collect();
        for neighbour in &joined {
            // If it is lost it is tried at once.
            tried.rests.remove(&neighbour.peer);
        }
        let missing = enough.saturating_sub(joined.len());
        let room = if missing == 0 { 0 } else { tried.room().min(missing.max(SOME)) };
        if room == 0 {
            return joined.len();
        }
        let known: HashSet<PeerId> = neighbours.iter().map(|neighbour| neighbour.peer).collect();
        let now = Instant::now();
        let mut candidates = self.candidates().await;
        candidates.retain(|(peer, _)| !known.contains(peer) && tried.may_be_tried(peer, now));
        for (peer, addresses) in candidates.into_iter().take(room) {
            if tried.note(peer, now) {
                tracing::debug!(%peer, neighbours = joined.len(), "may take part in the events");
                let visit = self.clone().visit(peer, addresses);
                tried.under_way.spawn_on(visit, self.net.runtime());
            }
        }
        joined.len()
    }

    /// Members that may take part: those who surely do before others, and at random among themselves.
    async fn candidates(&self) -> Vec<(PeerId, Vec<Multiaddr>)> {
        let members = &self.net.shared().members;
        let mut surely: BTreeMap<PeerId, Vec<Multiaddr>> = self.net.servers().await.into_iter().collect();
        let mut maybe = BTreeMap::new();
        for remembered in self.store.mesh_peers().await.unwrap_or_default() {
            if let Ok(card) = Card::from_bytes(&remembered.card) {
                surely.insert(card.peer_id(), card.addresses().to_vec());
            }
        }
        for member in members.list() {
            let helps = member.serves || member.relay;
            let known = if helps { &mut surely } else { &mut maybe };
            known.insert(member.peer(), member.card.addresses().to_vec());
        }
        for connection in self.net.connections() {
            // Who came to us may have no address, and needs none.
            if members.contains(&connection.peer) {
                maybe.entry(connection.peer).or_default();
            }
        }
        maybe.retain(|peer, _| !surely.contains_key(peer));
        let (own, expelled) = (self.own.me().peer, members.revocations());
        let mut all = Vec::new();
        for known in [surely, maybe] {
            let mut known: Vec<_> = known.into_iter().collect();
            known.retain(|(peer, _)| {
                *peer != own && AgentId::of_peer(peer).is_ok_and(|agent| !expelled.contains(&agent))
            });
            known.shuffle(&mut rand::rng());
            all.extend(known);
        }
        all
    }

    /// Has a member speak with us, dialling if needed; returns when it is known whether it takes part.
    async fn visit(self, peer: PeerId, addresses: Vec<Multiaddr>) {
        let _visit = self.net.shared().book.visit(peer, addresses);
        if let Err(error) = self.meet(peer).await {
            return tracing::debug!(%peer, %error, "does not take part with us");
        }
        let by = Instant::now() + SAYS;
        while Instant::now() < by {
            let neighbours = self.net.gossip_peers().await;
            if neighbours.iter().any(|neighbour| neighbour.peer == peer && neighbour.joined) {
                return;
            }
            sleep(GLANCE).await;
        }
    }
}
