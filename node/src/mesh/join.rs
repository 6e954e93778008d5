//! Joining a network, and leaving it.

use std::{collections::BTreeSet, time::Duration};

use airway_protocols::{
    agent,
    card::Card,
    certificate::Certificate,
    invite::Invite,
    join::{self, Granted, Reply, Request},
    name::Name,
    network::Genesis,
    revocations::Revocations,
};
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{Mesh, MeshError, Network, Standing, admission::EXCHANGE, found::read_name};
use crate::{
    clock,
    crash::{self, Place},
};

/// Wait after the first attempt to reach whoever made the invite; doubled each time.
const RETRY: Duration = Duration::from_millis(500);

/// How long a start waits for whoever made the invite in the settings, before it goes on without.
const AT_START: Duration = Duration::from_secs(15);

/// How long each of the attempts after that waits.
const AGAIN: Duration = Duration::from_secs(60);

/// Between two of the attempts within.
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// How long those who are left behind are told about it.
const FAREWELL: Duration = Duration::from_secs(3);

impl Mesh {
    /// Presents an invite to the member that made it, and becomes a member.
    pub(crate) async fn join(
        &self,
        invite: &Invite,
        name: Option<&str>,
        wait: Duration,
    ) -> Result<Network, MeshError> {
        self.may_join(invite)?;
        let name = match name {
            Some(name) => Some(read_name(name)?),
            None => self.home_name().await.as_deref().map(read_name).transpose()?,
        };
        let key = agent::public_key(&self.own.me().peer).map_err(|_| MeshError::Own)?;
        let request = Request::Join { invite: invite.id(), proof: invite.prove(&key), name };
        let inviter = invite.inviter().clone();
        let granted = self.ask(&inviter, invite.bootstraps(), &request, wait).await?;
        crash::point(Place::Granted);
        let (standing, revocations) = self.read_grant(invite, &inviter, granted)?;
        self.turn(|mesh| async move { mesh.settle(standing, revocations).await }).await?;
        self.network().await?.ok_or(MeshError::NotInNetwork)
    }

    /// Joins by the invite in the settings, if there is one and we are in no network: without a person. If nobody answers it
    /// is tried again for as long as the agent runs.
    ///
    /// # Errors
    /// If the invite is refused, or leads to another network than the one that we are in.
    pub(crate) async fn join_by_settings(&self) -> Result<(), MeshError> {
        let Some(invite) = self.config.invite.clone() else { return Ok(()) };
        let standing = self.standing().filter(|standing| self.valid(standing).is_ok());
        if standing.is_some_and(|standing| standing.genesis.id() == invite.genesis().id()) {
            return Ok(());
        }
        match self.join(&invite, None, AT_START).await {
            Ok(network) => tracing::info!(network = %network.name, "joined"),
            Err(error @ MeshError::Unreachable { .. }) => {
                tracing::warn!(%error, "not in the network yet");
                let mesh = self.clone();
                self.net.spawn(async move { mesh.keep_joining(&invite).await });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn keep_joining(&self, invite: &Invite) {
        loop {
            match self.join(invite, None, AGAIN).await {
                Ok(network) => return tracing::info!(network = %network.name, "joined"),
                Err(MeshError::Unreachable { .. }) => {}
                Err(error) => return tracing::error!(%error, "the invite in the settings leads nowhere"),
            }
        }
    }

    fn may_join(&self, invite: &Invite) -> Result<(), MeshError> {
        if self.config.swarm_key.is_some() {
            return Err(MeshError::SwarmKey);
        }
        self.may_enter(invite.genesis())?;
        if invite.expires() <= clock::unix_ms() { Err(MeshError::Expired) } else { Ok(()) }
    }

    /// Whether we may enter a network now: from none, or once more where our membership is over.
    pub(super) fn may_enter(&self, genesis: &Genesis) -> Result<(), MeshError> {
        let Some(standing) = self.standing() else { return Ok(()) };
        if standing.genesis.id() == genesis.id() && self.valid(&standing).is_err() {
            return Ok(());
        }
        Err(MeshError::AlreadyInNetwork { name: standing.genesis.name().to_string() })
    }

    /// Asks the member behind a card, again and again until it answers or the time is over.
    async fn ask(
        &self,
        member: &Card,
        others: &[Multiaddr],
        request: &Request,
        wait: Duration,
    ) -> Result<Granted, MeshError> {
        let (peer, who) = (member.peer_id(), member.endpoint().to_string());
        let mut addresses = member.addresses().to_vec();
        // The others may be relays that it is behind; only they themselves are at their addresses.
        addresses.extend(others.iter().filter_map(|other| behind(other, &peer)));
        let _visit = self.net.shared().book.visit(peer, addresses);
        let deadline = Instant::now() + wait;
        let mut retry = RETRY;
        loop {
            let reason = match timeout_at(deadline, self.ask_once(peer, request)).await {
                Ok(Ok(Reply::Granted(granted))) => return Ok(granted),
                Ok(Ok(Reply::Refused(refusal))) => return Err(MeshError::Refused { who, refusal }),
                Ok(Ok(Reply::Done)) => {
                    return Err(MeshError::Answer { who, reason: "nothing was granted".into() });
                }
                Ok(Err(error)) => error,
                Err(_) => "no answer in time".to_owned(),
            };
            if Instant::now() + retry >= deadline {
                return Err(MeshError::Unreachable { who, reason });
            }
            sleep(retry).await;
            retry = (retry * 2).min(LONGEST_RETRY);
        }
    }

    async fn ask_once(&self, peer: PeerId, request: &Request) -> Result<Reply, String> {
        let opened = self.net.open(peer, join::PROTOCOL).await;
        let mut stream = opened.map_err(|error| error.to_string())?;
        match timeout(EXCHANGE, join::ask(&mut stream, request)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(join::Error::NoAnswer)) => {
                Err("it does not know this invite, or is not in this network any more".into())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".into()),
        }
    }

    /// Checks all that we were given before anything of it is written.
    fn read_grant(
        &self,
        invite: &Invite,
        inviter: &Card,
        granted: Granted,
    ) -> Result<(Standing, Option<Revocations>), MeshError> {
        let answer = |reason: String| MeshError::Answer { who: inviter.endpoint().to_string(), reason };
        let realm = invite.realm().clone();
        let certificate = Certificate::from_bytes(&granted.certificate, &realm)
            .map_err(|error| answer(error.to_string()))?;
        if certificate.agent() != self.own.me().agent {
            return Err(answer("the certificate is for another agent".into()));
        }
        let revocations = granted.revocations.map(|list| Revocations::from_bytes(&list, &realm));
        let mut revocations = revocations.transpose().map_err(|error| answer(error.to_string()))?;
        // Whoever comes back may know more than whoever lets it in, and does not forget it.
        let known = self.net.shared().members.revocations();
        let comes_back = self.standing().is_some_and(|standing| standing.realm == realm);
        if comes_back && revocations.as_ref().map_or(0, Revocations::version) < known.version() {
            revocations = Some(known);
        }
        let cards = granted.cards.iter().filter_map(|card| Card::from_bytes(card).ok());
        let named = cards.flat_map(|card| {
            let peer = card.peer_id();
            card.addresses().to_vec().into_iter().map(move |address| address.with(Protocol::P2p(peer)))
        });
        let bootstraps: BTreeSet<_> = invite.bootstraps().iter().cloned().chain(named).collect();
        let standing = Standing {
            genesis: invite.genesis().clone(),
            realm,
            certificate,
            inviter: Some(inviter.clone()),
            bootstraps: bootstraps.into_iter().take(MAX_BOOTSTRAPS).collect(),
            ephemeral: invite.ephemeral(),
        };
        Ok((standing, revocations))
    }

    /// Asks the member that let us in, or another that may, for a newer certificate.
    pub(super) async fn renew_at(
        &self,
        member: &Card,
        name: Option<Option<Name>>,
        wait: Duration,
    ) -> Result<Certificate, MeshError> {
        let standing = self.stands()?;
        let request = Request::Renew { certificate: standing.certificate.as_bytes().to_vec(), name };
        let granted = self.ask(member, &[], &request, wait).await?;
        let answer = |reason: String| MeshError::Answer { who: member.endpoint().to_string(), reason };
        let certificate = Certificate::from_bytes(&granted.certificate, &standing.realm)
            .map_err(|error| answer(error.to_string()))?;
        if certificate.agent() != self.own.me().agent {
            return Err(answer("the certificate is for another agent".into()));
        }
        Ok(certificate)
    }

    /// Proves to the agent behind a card that we are a member, and has it prove the same.
    pub(crate) async fn prove_to(&self, card: &Card) -> bool {
        let (mesh, card) = (self.clone(), card.clone());
        // To its end, even if nobody waits for it any more: the DHT may wait for the same peer.
        let met = self.net.spawn(async move {
            let _visit = mesh.net.shared().book.visit(card.peer_id(), card.addresses().to_vec());
            mesh.meet(card.peer_id()).await.is_ok()
        });
        met.await.unwrap_or(false)
    }

    /// Goes back to the backbone. Nobody has to agree; those who can be reached are told.
    pub(crate) async fn leave(&self, abandon: bool) -> Result<Network, MeshError> {
        let standing = self.standing().ok_or(MeshError::NotInNetwork)?;
        let network = self.network().await?.ok_or(MeshError::NotInNetwork)?;
        if network.authority && !abandon {
            return Err(MeshError::HoldsAuthority { name: network.name });
        }
        if timeout(FAREWELL, self.say_farewell(&standing)).await.is_err() {
            tracing::info!("not everybody has heard that this agent has left the network");
        }
        self.turn(|mesh| async move {
            mesh.still(&standing)?;
            mesh.store.membership_leave().await?;
            crash::point(Place::Left);
            mesh.enter(None, Revocations::none()).await;
            Ok(())
        })
        .await?;
        Ok(network)
    }

    /// Takes back what others find of us, and tells whoever let us in.
    async fn say_farewell(&self, standing: &Standing) {
        let withdrawn = self.withdraw();
        let told = async {
            let Some(inviter) = &standing.inviter else { return };
            let book = &self.net.shared().book;
            let _visit = book.visit(inviter.peer_id(), inviter.addresses().to_vec());
            let request = Request::Leave { certificate: standing.certificate.as_bytes().to_vec() };
            if let Err(error) = self.ask_once(inviter.peer_id(), &request).await {
                tracing::debug!(%error, "whoever has let us in does not know that we leave");
            }
        };
        tokio::join!(withdrawn, told);
    }

    /// At the end of the process: who comes and goes leaves.
    pub(crate) async fn shut_down(&self) {
        let leaves = self.standing().is_some_and(|standing| standing.ephemeral);
        if leaves && let Err(error) = self.leave(true).await {
            tracing::warn!(%error, "did not leave the network");
        }
        self.stop().await;
    }
}

/// Addresses of members that are kept to find the network by.
const MAX_BOOTSTRAPS: usize = 32;

/// The address of a peer behind a relay at this address.
fn behind(relay: &Multiaddr, peer: &PeerId) -> Option<Multiaddr> {
    let is_itself = relay.iter().any(|part| part == Protocol::P2p(*peer));
    (!is_itself).then(|| relay.clone().with(Protocol::P2pCircuit))
}
