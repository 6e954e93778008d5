//! From one network to another, and at the start into the one that the home belongs to.

use std::sync::{Arc, atomic::Ordering};

use airway_protocols::{
    address::Address,
    admit,
    card::Card,
    certificate::Certificate,
    claim::fetch,
    join,
    network::{Genesis, Realm},
    revocations::Revocations,
    streams::AlreadyRegistered,
};
use libp2p::StreamProtocol;
use tokio::sync::watch;

use super::{
    Inner, Mesh, MeshError, Parts, Standing,
    directory::{AGAIN, REMEMBERED},
    gather,
};
use crate::{
    bucket::Buckets,
    config::DhtMode,
    door::QUEUE,
    identity::{BACKBONE, Identity},
    me::Me,
    net::{Dht, Gossip},
    store,
};

/// Reads what the disk says about our membership; `None` on the backbone.
pub(crate) fn read(row: &store::Membership, me: &Identity) -> Result<(Standing, Revocations), store::Error> {
    let damaged = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the membership in the database is damaged");
        store::Error::Corrupt
    };
    let genesis = Genesis::from_bytes(&row.genesis).map_err(|error| damaged(&error))?;
    let realm = Realm::of(&genesis);
    let certificate = Certificate::from_bytes(&row.certificate, &realm).map_err(|error| damaged(&error))?;
    if certificate.agent() != me.agent_id() {
        return Err(store::Error::Corrupt);
    }
    let revocations = match &row.revocations {
        Some(list) => Revocations::from_bytes(list, &realm).map_err(|error| damaged(&error))?,
        None => Revocations::none(),
    };
    let inviter = row.inviter.as_deref().and_then(|card| Card::from_bytes(card).ok());
    let (bootstraps, ephemeral) = (row.bootstraps.clone(), row.ephemeral);
    Ok((Standing { genesis, realm, certificate, inviter, bootstraps, ephemeral }, revocations))
}

impl Mesh {
    /// Enters the network that the home belongs to.
    ///
    /// Its doors are open on the backbone as well: who stands before them shall not see what is behind.
    pub(crate) async fn start(
        parts: Parts,
        belongs: Option<(Standing, Revocations)>,
    ) -> Result<Self, AlreadyRegistered> {
        let mesh = Self(Arc::new(Inner {
            parts,
            standing: watch::Sender::default(),
            turning: tokio::sync::Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
            running: tokio::sync::Mutex::default(),
            published: watch::Sender::default(),
            claim: watch::Sender::default(),
            serves: false.into(),
            meeting: std::sync::Mutex::default(),
            asked: std::sync::Mutex::new(Buckets::new(AGAIN, REMEMBERED)),
            lists: watch::Sender::default(),
            met: watch::Sender::default(),
            found: watch::Sender::default(),
            listeners: watch::Sender::default(),
            tried: tokio::sync::Mutex::default(),
        }));
        let (standing, revocations) = belongs.unzip();
        mesh.enter(standing, revocations.unwrap_or_default()).await;
        let (newcomers, members) =
            (mesh.net.listen(join::PROTOCOL, QUEUE)?, mesh.net.listen(admit::PROTOCOL, QUEUE)?);
        mesh.net.spawn(mesh.clone().let_in(newcomers));
        mesh.net.spawn(mesh.clone().admit_all(members));
        if mesh.config.dht_prefix.is_some() {
            let seekers = mesh.net.listen(fetch::PROTOCOL, QUEUE)?;
            mesh.net.spawn(mesh.clone().hand_out(seekers));
        }
        Ok(mesh)
    }

    /// Carries out a change of our membership, one at a time: what the disk says holds in memory at the end, even if nobody
    /// waits for it any more.
    pub(super) async fn turn<T, F>(&self, change: impl FnOnce(Self) -> F) -> Result<T, MeshError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, MeshError>> + Send + 'static,
    {
        let (mesh, change) = (self.clone(), change(self.clone()));
        let turned = tokio::spawn(async move {
            let _turning = mesh.0.turning.lock().await;
            change.await
        });
        turned.await.unwrap_or_else(|_| Err(store::Error::Aborted.into()))
    }

    /// Makes another network hold than before, which the disk says already: `None` is the backbone, or the network of
    /// the swarm key.
    pub(super) async fn enter(&self, standing: Option<Standing>, revocations: Revocations) {
        let mut running = self.0.running.lock().await;
        // What runs for the former network is over before anything of the next one begins.
        running.shutdown().await;
        *self.0.tried.lock().await = gather::Tried::default();
        let shared = self.net.shared();
        let name = self.home_name().await;
        self.own.change(|me| call_me(me, standing.as_ref(), name));
        self.set_standing(standing.clone());
        self.0.published.send_replace(None);
        self.0.claim.send_replace(None);
        self.0.found.send_replace(false);
        self.net.set_mesh_relays(Vec::new());
        let Some((realm, protocol)) = self.realm(standing.as_ref()) else {
            shared.members.set_realm(None, false, Revocations::none());
            self.net.gossip_enter(None).await;
            self.net.enter(None).await;
            self.0.lists.send_modify(|lists| *lists += 1);
            return;
        };
        let trusts = standing.as_ref().is_some_and(|standing| standing.genesis.policy().trust_members);
        shared.members.set_realm(Some(realm.clone()), trusts, revocations);
        self.net.gossip_enter(gossip(&realm)).await;
        let server = self.is_server_from_the_start();
        self.0.serves.store(server, Ordering::Relaxed);
        let everyone = realm.authority().is_none();
        if standing.is_some() {
            running.spawn_on(self.clone().keep_renewed(), self.net.runtime());
            running.spawn_on(self.clone().keep_gathered(), self.net.runtime());
        }
        if self.config.dht == DhtMode::Off {
            self.net.enter(None).await;
        } else {
            let provides = self.provides();
            self.net.enter(Some(Dht { realm, protocol, everyone, server, provides })).await;
            running.spawn_on(self.clone().keep_serving(), self.net.runtime());
            running.spawn_on(self.clone().keep_published(), self.net.runtime());
        }
        running.spawn_on(self.clone().keep_in_touch(), self.net.runtime());
        self.0.lists.send_modify(|lists| *lists += 1);
    }

    /// Ends what runs for our network.
    pub(super) async fn stop(&self) {
        self.0.running.lock().await.shutdown().await;
    }

    /// Which DHT there is, and what it is called on the wire.
    fn realm(&self, standing: Option<&Standing>) -> Option<(Realm, StreamProtocol)> {
        if let Some(standing) = standing {
            return Some((standing.realm.clone(), standing.realm.kad()));
        }
        if !self.is_in_open_dht() {
            return None;
        }
        let realm = self
            .config
            .swarm_key
            .as_ref()
            .map_or_else(Realm::backbone, |key| Realm::of_swarm_key(key.bytes()));
        let protocol = match &self.config.dht_prefix {
            Some(prefix) => StreamProtocol::try_from_owned(format!("{prefix}/kad/1.0.0")).ok()?,
            None => realm.kad(),
        };
        Some((realm, protocol))
    }

    /// What the owner calls the agent, wherever it is.
    pub(super) async fn home_name(&self) -> Option<String> {
        match &self.config.name {
            Some(name) => Some(name.clone()),
            None => self.store.profile().await.ok()?.name,
        }
    }

    fn is_server_from_the_start(&self) -> bool {
        match self.config.dht {
            DhtMode::Server => true,
            DhtMode::Off | DhtMode::Client => false,
            DhtMode::Auto => {
                let is_found = self.config.relay_server || !self.config.announce.is_empty();
                // There nobody is asked whether others can reach us.
                is_found || self.config.swarm_key.is_some()
            }
        }
    }

    /// Serves the DHT as soon as others can reach us, and not before: whoever asks a server that cannot be reached waits
    /// for nothing.
    async fn keep_serving(self) {
        if self.config.dht != DhtMode::Auto || self.is_server_from_the_start() {
            return std::future::pending().await;
        }
        let (mut reachable, mut found) = (self.net.reachable(), self.0.found.subscribe());
        loop {
            // Where nobody can say, a member that has come to us by itself shows it.
            let serves = reachable.borrow_and_update().unwrap_or(*found.borrow_and_update());
            if self.0.serves.swap(serves, Ordering::Relaxed) != serves {
                tracing::info!(serves, "serving the network's DHT");
                self.net.serve_dht(serves).await;
                self.tell_neighbours().await;
            }
            let changed = tokio::select! {
                changed = reachable.changed() => changed,
                changed = found.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }
}

/// What its members say to all; there is nothing where nobody says who they are.
fn gossip(realm: &Realm) -> Option<Gossip> {
    Some(Gossip { protocol: realm.meshsub()?, topic: realm.events_topic()? })
}

/// Who we are in this network; on the backbone the number of life stands, and the name that the owner gave.
fn call_me(me: &mut Me, standing: Option<&Standing>, name: Option<String>) {
    match (standing, Address::derive(BACKBONE, &me.agent, 0)) {
        (Some(standing), _) => me.certified(&standing.certificate),
        (None, Ok((address, nonce))) => (me.address, me.nonce, me.name) = (address, nonce, name),
        // It had one when it was made.
        (None, Err(_)) => {}
    }
}
