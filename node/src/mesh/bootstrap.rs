//! How the network is found, at the start and after all those are gone whom the settings name; and how what is new comes
//! to those who did not hear of it.

use std::{collections::BTreeMap, time::Duration};

use airway_protocols::{agent::AgentId, card::Card};
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use rand::{Rng as _, seq::IteratorRandom as _};
use tokio::time::{Instant, sleep};

use super::Mesh;

/// Between two looks, as long as no server of the DHT is known: from the first to the last.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LAST_LOOK: Duration = Duration::from_secs(30);

/// Between two looks once there are some: new servers are found, and those who are gone are forgotten.
const LOOK: Duration = Duration::from_secs(5 * 60);

/// How often somebody is asked whether there is a newer list of those who were expelled.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// How many are asked.
const ASKED: usize = 3;

/// How many of those whom we remember are tried at once.
const TRIED: usize = 16;

impl Mesh {
    /// Finds members, and stays in touch with some.
    pub(super) async fn keep_in_touch(self) {
        let mut wait = FIRST_LOOK;
        let mut heartbeat = Instant::now() + HEARTBEAT;
        loop {
            let alone = self.net.servers().await.is_empty();
            let (looked, is_well) = self.look_for_members(alone).await;
            wait = if is_well { LOOK } else { (wait * 2).min(LAST_LOOK).max(FIRST_LOOK) };
            tracing::debug!(looked, is_well, "looked for members");
            let next = Instant::now() + wait.mul_f64(rand::rng().random_range(0.8..1.2));
            while Instant::now() < next {
                sleep(next.saturating_duration_since(Instant::now()).min(HEARTBEAT / 4)).await;
                self.forget_expired().await;
                if heartbeat <= Instant::now() {
                    heartbeat = Instant::now() + HEARTBEAT.mul_f64(rand::rng().random_range(0.8..1.2));
                    self.ask_for_news().await;
                }
                if is_well && self.net.servers().await.is_empty() {
                    wait = FIRST_LOOK;
                    break;
                }
            }
        }
    }

    /// Turns to those by whom the network can be found; returns to how many, and whether a server is known now.
    async fn look_for_members(&self, alone: bool) -> (usize, bool) {
        let known = self.where_to_look().await;
        let tried = known.into_iter().choose_multiple(&mut rand::rng(), TRIED);
        let count = tried.len();
        if alone {
            for (peer, addresses) in &tried {
                self.net.introduce(*peer, addresses.clone()).await;
            }
            if self.standing().is_some() {
                self.meet_all(tried.into_iter().map(|(peer, _)| peer)).await;
            }
        }
        self.net.find_servers().await;
        (count, !self.net.servers().await.is_empty())
    }

    /// Those by whom the network may be found: of the settings, of the invite, and those whom we remember.
    async fn where_to_look(&self) -> BTreeMap<PeerId, Vec<Multiaddr>> {
        let mut known: BTreeMap<PeerId, Vec<Multiaddr>> = BTreeMap::new();
        let mut note = |peer: PeerId, addresses: Vec<Multiaddr>| {
            if peer != self.own.me().peer {
                known.entry(peer).or_default().extend(addresses);
            }
        };
        let configured = self.config.bootstrap.iter();
        let relays = self.config.relays.iter().filter(|_| self.standing().is_none());
        for relay in configured.chain(relays) {
            note(relay.peer, relay.addresses.clone());
        }
        if let Some(standing) = self.standing() {
            for address in &standing.bootstraps {
                let mut address = address.clone();
                if let Some(Protocol::P2p(peer)) = address.pop() {
                    note(peer, vec![address]);
                }
            }
            if let Some(inviter) = &standing.inviter {
                note(inviter.peer_id(), inviter.addresses().to_vec());
            }
            for remembered in self.store.mesh_peers().await.unwrap_or_default() {
                if let Ok(card) = Card::from_bytes(&remembered.card) {
                    note(card.peer_id(), card.addresses().to_vec());
                }
            }
        }
        // Who was expelled is not told who we are and where.
        let expelled = self.net.shared().members.revocations();
        known.retain(|peer, _| !AgentId::of_peer(peer).is_ok_and(|agent| expelled.contains(&agent)));
        known
    }

    /// Cuts off those whose membership is over.
    async fn forget_expired(&self) {
        for peer in self.net.shared().members.sweep() {
            tracing::debug!(%peer, "its membership has expired");
            self.net.expel(peer).await;
        }
    }

    /// Exchanges lists with a few members.
    async fn ask_for_news(&self) {
        if self.standing().is_none() {
            return;
        }
        let servers = self.net.servers().await.into_iter().map(|(peer, _)| peer);
        let asked = servers.choose_multiple(&mut rand::rng(), ASKED);
        self.meet_all(asked).await;
    }
}
