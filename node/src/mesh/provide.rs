//! Being found in a DHT of others, whose servers know nothing of claims: under a swarm key with a `dht_prefix`.
//!
//! ```text
//! whoever is found ─► provider record at the multihash of each of its keys ─► servers
//! whoever looks    ─► providers of the multihash ─► dials each ─► asks for the claim at that key ─► verifies it
//! ```
//!
//! A record says that some peer provides some hash, and no more; anybody who has the swarm key can lay one anywhere. So
//! nothing is taken from it but whom to ask. The peer proves its key by the connection, and what it claims by its signature:
//! the claim has to be its own, as one that another hands on would be as good but for being at the wrong place. Whoever
//! provides such a hash and has no claim is no agent, and is left out.

use std::time::Duration;

use airway_protocols::{
    claim::{Claim, Key, fetch},
    streams::{Incoming, Stream},
};
use futures::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use libp2p::PeerId;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Mesh, admission::EXCHANGE};
use crate::{clock, door, net::Provider};

/// How long one that was found may take to say what it claims, dialling included.
const FETCH: Duration = Duration::from_secs(5);

/// Why somebody who provides a key is not found.
#[derive(Debug, thiserror::Error)]
enum NotFound {
    #[error("it cannot be asked: {0}")]
    Open(#[from] airway_protocols::streams::OpenError),
    #[error("it does not say what it claims: {0}")]
    Fetch(#[from] fetch::Error),
    #[error("what it says is no claim: {0}")]
    Claim(#[from] airway_protocols::claim::Error),
    #[error("its claim does not stand, is another agent's, or belongs elsewhere")]
    Other,
    #[error("it takes too long")]
    Late,
}

impl Mesh {
    /// Whether the servers of our DHT are others' and keep no claims.
    pub(super) fn provides(&self) -> bool {
        self.standing().is_none() && self.config.dht_prefix.is_some()
    }

    /// Has others find us by these keys; returns on how many servers each of them is known at least, which are one or none:
    /// nobody counts them.
    pub(super) async fn provide(&self, claim: &Claim, keys: &[Key]) -> usize {
        let Some(realm) = self.net.shared().members.realm().filter(|_| self.provides()) else { return 0 };
        let addresses = claim.card().addresses();
        let said = keys.iter().map(|key| self.net.provide(key.multihash(&realm.id()), addresses.to_vec()));
        usize::from(join_all(said).await.into_iter().all(|told| told))
    }

    /// Provides these keys no longer. Others go on saying so for a while; whoever asks us then is not answered.
    pub(super) async fn unprovide(&self, keys: &[Key]) {
        let Some(realm) = self.net.shared().members.realm().filter(|_| self.provides()) else { return };
        for key in keys {
            self.net.unprovide(key.multihash(&realm.id())).await;
        }
    }

    /// What those say who provide a key: verified claims, each of the peer that was asked.
    pub(super) async fn provided(&self, key: &Key, deadline: Instant) -> Vec<Claim> {
        let Some(realm) = self.net.shared().members.realm().filter(|_| self.provides()) else {
            return Vec::new();
        };
        let name = key.bytes(&realm.id());
        let mut providers = self.net.providers(key.multihash(&realm.id())).await;
        let (mut fetching, mut claims) = (FuturesUnordered::new(), Vec::new());
        let mut is_over = false;
        let gather = async {
            while !is_over || !fetching.is_empty() {
                tokio::select! {
                    provider = providers.recv(), if !is_over => match provider {
                        Some((peer, _)) if peer == self.own.me().peer => {}
                        Some(provider) => fetching.push(self.fetch_in_time(provider, &name)),
                        None => is_over = true,
                    },
                    Some(claim) = fetching.next() => claims.extend(claim),
                }
            }
        };
        // What has been found until then counts.
        let _ = timeout_at(deadline, gather).await;
        claims
    }

    async fn fetch_in_time(&self, (peer, addresses): Provider, key: &[u8]) -> Option<Claim> {
        let _visit = self.net.shared().book.visit(peer, addresses);
        let fetched = timeout(FETCH, self.fetch(peer, key)).await.unwrap_or(Err(NotFound::Late));
        fetched
            .inspect_err(
                |error| tracing::debug!(%peer, %error, "it provides a key of agents, and is not found"),
            )
            .ok()
    }

    async fn fetch(&self, peer: PeerId, key: &[u8]) -> Result<Claim, NotFound> {
        let members = &self.net.shared().members;
        let mut stream = self.net.open(peer, fetch::PROTOCOL).await?;
        let bytes = fetch::ask(&mut stream, key).await?;
        let realm = members.realm().ok_or(NotFound::Other)?;
        let claim = Claim::from_bytes(&bytes, &realm)?;
        let stands = claim.stands(clock::unix_ms(), &members.revocations()).is_ok();
        let is_its_own = claim.card().peer_id() == peer && claim.belongs_at(key) && !claim.is_withdrawn();
        if stands && is_its_own { Ok(claim) } else { Err(NotFound::Other) }
    }

    /// Says what we claim to those who ask for a key of ours.
    pub(super) async fn hand_out(self, incoming: Incoming) {
        let net = self.net.clone();
        door::attend(net, incoming, move |stream| {
            let mesh = self.clone();
            async move {
                let peer = stream.peer();
                match timeout(EXCHANGE, mesh.say_what_we_claim(stream)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "a claim was not handed out"),
                    Err(_) => tracing::debug!(%peer, "took too long to fetch a claim"),
                }
            }
        })
        .await;
    }

    async fn say_what_we_claim(&self, mut stream: Stream) -> Result<(), fetch::Error> {
        let key = fetch::hear(&mut stream).await?;
        let claim = self.0.claim.borrow().clone();
        match claim.filter(|claim| claim.belongs_at(&key)) {
            Some(claim) => fetch::answer(&mut stream, claim.as_bytes()).await,
            None => Ok(()),
        }
    }
}
