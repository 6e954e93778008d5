//! The network that the agent takes part in: who belongs to it, how one comes to belong, and who is found where.
//!
//! ```text
//! owner ─► found, invite ─► join door ─► certificate ─┐
//!          join ─► join door of a member ─────────────┴─► standing, in one commit ─► enter: access list, DHT, doors
//!
//! net: a peer is wanted ─► admission: certificates both ways ─► members ─► it speaks the DHT
//!                              └─► lists of who was expelled, the newer one to whom it lacks
//! publish: who we are and where ─► DHT ─► directory of another: find
//! ```
//!
//! Two kinds of network have no authority, and so no admission: the backbone, and the network of a swarm key. There all
//! that is below about certificates does not happen.
//!
//! Membership is no trust. It lets agents find each other, and speak the protocols of the network itself.

mod admission;
mod bootstrap;
mod directory;
mod door;
mod enter;
mod error;
mod expel;
mod found;
mod gather;
mod join;
mod people;
mod provide;
mod publish;
mod renew;
mod view;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use airway_protocols::{
    agent::AgentId,
    card::Card,
    certificate::{Certificate, Invalid},
    claim::Claim,
    network::{Genesis, Realm},
    tag::Tag,
};
pub(crate) use directory::Claims;
pub(crate) use enter::read;
pub use error::{LookupError, MeshError};
pub(crate) use gather::Outsider;
use libp2p::{Multiaddr, PeerId};
use tokio::{sync::watch, task::JoinSet};
pub use view::{
    CERTIFICATE_LIFE, CERTIFICATE_LIVES, EPHEMERAL_LIFE, Found, INVITE_LIFE, InviteOptions, InviteState,
    Layer, MAX_INVITE_LIFE, MemberState, Membership, Network, NetworkOptions, Published, Uses,
};

use crate::{
    authority::Authority,
    bucket::Buckets,
    clock,
    config::{Config, DhtMode, Visibility},
    home::Home,
    members::Member,
    net::Net,
    own::Own,
    store::Store,
};

/// What the mesh is made with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) own: Own,
    pub(crate) store: Store,
    pub(crate) net: Net,
    pub(crate) home: Home,
    pub(crate) config: Config,
}

/// Our own membership.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) genesis: Genesis,
    pub(crate) realm: Realm,
    pub(crate) certificate: Certificate,
    /// Who has let us in; none, if we founded the network.
    pub(crate) inviter: Option<Card>,
    /// Whom to ask first, besides those whom we remember.
    pub(crate) bootstraps: Vec<Multiaddr>,
    /// We leave when we shut down.
    pub(crate) ephemeral: bool,
}

/// See the module; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Mesh(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    standing: watch::Sender<Option<Standing>>,
    /// Held while our membership changes, on the disk and in memory.
    turning: tokio::sync::Mutex<()>,
    /// Held while somebody is asked for a newer certificate: the last answer is the one that counts.
    renewing: tokio::sync::Mutex<()>,
    /// What runs for our network.
    running: tokio::sync::Mutex<JoinSet<()>>,
    /// What others find of us.
    published: watch::Sender<Option<Published>>,
    /// The same as it was signed last; none, if nobody is to find us.
    claim: watch::Sender<Option<Claim>>,
    /// Whether we serve the DHT.
    serves: AtomicBool,
    /// Peers whose membership is being looked at: one exchange of ours each, and who waits for its end.
    meeting: Mutex<HashMap<PeerId, watch::Sender<()>>>,
    /// Contacts that were looked for, since they could not be reached.
    asked: Mutex<Buckets<AgentId>>,
    /// Changes with each list of who was expelled, and with each network.
    lists: watch::Sender<u64>,
    /// How many have been admitted: changes with each.
    met: watch::Sender<u64>,
    /// Whether a member has come to us without being asked.
    found: watch::Sender<bool>,
    /// How many want the events of the network.
    listeners: watch::Sender<usize>,
    /// Whom we have tried in order to hear of all of them.
    tried: tokio::sync::Mutex<gather::Tried>,
}

impl std::ops::Deref for Mesh {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

impl Mesh {
    /// Our membership, if we are in a network with an authority.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.0.standing.borrow().clone()
    }

    /// The same, as it changes.
    pub(crate) fn standing_changes(&self) -> watch::Receiver<Option<Standing>> {
        self.0.standing.subscribe()
    }

    fn set_standing(&self, standing: Option<Standing>) {
        self.0.standing.send_replace(standing);
    }

    /// Our membership, if it is in the same network still; asked in a [turn](Self::turn).
    fn still(&self, of: &Standing) -> Result<Standing, MeshError> {
        let standing = self.standing().filter(|now| now.genesis.id() == of.genesis.id());
        standing.ok_or(MeshError::NotInNetwork)
    }

    /// A newer certificate for the same network, unless we have left it meanwhile.
    async fn certified(&self, of: Standing, certificate: Certificate) -> Result<(), MeshError> {
        self.turn(|mesh| async move {
            let standing = mesh.still(&of)?;
            mesh.store.membership_set_certificate(certificate.as_bytes().to_vec()).await?;
            mesh.own.change(|me| me.certified(&certificate));
            mesh.set_standing(Some(Standing { certificate, ..standing }));
            Ok(())
        })
        .await
    }

    fn meeting(&self) -> MutexGuard<'_, HashMap<PeerId, watch::Sender<()>>> {
        self.0.meeting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether we are a member at this moment.
    fn stands(&self) -> Result<Standing, MeshError> {
        let standing = self.standing().ok_or(MeshError::NotInNetwork)?;
        self.valid(&standing).map_err(MeshError::Over)?;
        Ok(standing)
    }

    fn valid(&self, standing: &Standing) -> Result<(), Invalid> {
        let revocations = self.net.shared().members.revocations();
        standing.certificate.stands(clock::unix_ms(), &revocations)
    }

    /// The key of our network's authority, if it is in this home.
    fn authority(&self) -> Result<Option<Authority>, MeshError> {
        let Some(standing) = self.standing() else { return Ok(None) };
        let authority = Authority::load(&self.home)?;
        Ok(authority.filter(|authority| authority.genesis().id() == standing.genesis.id()))
    }

    /// Members by whom others find the network: those that relay before those that only serve the DHT.
    fn helpers(&self) -> Vec<Member> {
        let mut helpers = self.net.shared().members.list();
        helpers.retain(|member| member.serves || member.relay);
        helpers.sort_by_key(|member| (!member.relay, std::cmp::Reverse(member.met)));
        helpers
    }

    fn serves(&self) -> bool {
        self.0.serves.load(Ordering::Relaxed)
    }

    /// Whether we relay for the members of our network.
    fn relays(&self) -> bool {
        let may = self.standing().is_some_and(|standing| standing.certificate.roles().relay);
        may && self.config.relay_server
    }

    /// What of us others may find.
    pub(crate) fn visibility(&self) -> Visibility {
        let is_private = self.standing().is_some() || self.config.swarm_key.is_some();
        let usual = if is_private { Visibility::Public } else { Visibility::Hidden };
        self.config.visibility.unwrap_or(usual)
    }

    /// Whether we take part in the DHT of a network without an authority.
    fn is_in_open_dht(&self) -> bool {
        match self.config.dht {
            DhtMode::Off => false,
            DhtMode::Client | DhtMode::Server => true,
            DhtMode::Auto => {
                self.config.relay_server
                    || self.config.swarm_key.is_some()
                    || self.visibility() != Visibility::Hidden
            }
        }
    }

    /// Whether we take part in a DHT.
    pub(crate) fn takes_part(&self) -> bool {
        self.net.shared().members.realm().is_some() && self.config.dht != DhtMode::Off
    }

    /// Whether we serve the DHT ourselves.
    pub(crate) fn is_server(&self) -> bool {
        self.takes_part() && self.serves()
    }

    /// Whether our network has its members trust each other.
    pub(crate) fn trusts_members(&self) -> bool {
        self.net.shared().members.trusts()
    }

    /// Tells of each new list of who was expelled.
    pub(crate) fn lists(&self) -> watch::Receiver<u64> {
        self.0.lists.subscribe()
    }

    /// Those whom the network does not have us trust any more, although it has its members trust each other.
    pub(crate) fn distrusted(&self) -> BTreeSet<AgentId> {
        let members = &self.net.shared().members;
        if members.trusts() { members.revocations().agents().clone() } else { BTreeSet::new() }
    }

    /// What to call our network in a sentence.
    pub(crate) fn label(&self) -> String {
        match self.standing() {
            Some(standing) => format!("the network {}", standing.genesis.name()),
            None if self.config.swarm_key.is_some() => "the network of the swarm key".into(),
            None => "the backbone".into(),
        }
    }

    /// What we can do, as others see it.
    pub(crate) async fn set_tags(&self, tags: Vec<Tag>) -> Result<(), MeshError> {
        let mut profile = self.store.profile().await?;
        profile.tags = tags.iter().map(ToString::to_string).collect();
        self.store.set_profile(profile).await?;
        self.own.change(|me| me.tags = tags);
        Ok(())
    }

    /// The network, as a program sees it.
    pub(crate) async fn network(&self) -> Result<Option<Network>, MeshError> {
        let Some(standing) = self.standing() else { return Ok(None) };
        let members = &self.net.shared().members;
        let (genesis, certificate) = (&standing.genesis, &standing.certificate);
        Ok(Some(Network {
            id: genesis.id(),
            name: genesis.name().to_string(),
            number: genesis.number(),
            trust_members: genesis.policy().trust_members,
            created: genesis.created(),
            authority: self.authority()?.is_some(),
            roles: certificate.roles(),
            member_name: certificate.name().map(ToString::to_string),
            expires: certificate.expires(),
            standing: self.valid(&standing),
            ephemeral: standing.ephemeral,
            revocations: members.revocations().version(),
            members_met: members.list().len(),
            servers: self.net.servers().await.len(),
            published: *self.0.published.borrow(),
        }))
    }
}
