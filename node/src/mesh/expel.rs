//! Those who were expelled: a list that the authority signs, and that everybody passes on.

use std::collections::BTreeSet;

use airway_protocols::{agent::AgentId, revocations::Revocations};
use futures::{StreamExt as _, stream};
use libp2p::PeerId;
use rand::seq::IteratorRandom as _;

use super::{MemberState, Membership, Mesh, MeshError};
use crate::{
    clock,
    contacts::{WhoError, resolve},
    members::Member,
    store::IssuedState,
};

/// Servers that hear of a new list at once from each member, besides those who are connected to it.
const SPREAD: usize = 12;

/// Members to whom the list is brought at the same time.
const AT_ONCE: usize = 16;

impl Mesh {
    /// Expels a member: nobody of the network speaks with it any more, nor with those whom it has invited.
    pub(crate) async fn expel(&self, who: &str) -> Result<MemberState, MeshError> {
        let who = who.to_owned();
        // Of two at once, the second list names those of the first.
        self.turn(|mesh| async move { mesh.expel_now(&who).await }).await
    }

    async fn expel_now(&self, who: &str) -> Result<MemberState, MeshError> {
        let standing = self.stands()?;
        let authority = self.authority()?.ok_or(MeshError::NotAuthority)?;
        let member = self.member(who).await?;
        if member.agent == self.own.me().agent {
            return Err(MeshError::Own);
        }
        let known = self.net.shared().members.revocations();
        let mut agents: BTreeSet<AgentId> = known.agents().clone();
        agents.insert(member.agent);
        if agents.len() > airway_protocols::revocations::MAX_AGENTS {
            return Err(MeshError::Full);
        }
        let (now, version) = (clock::unix_ms(), known.version() + 1);
        let list = Revocations::sign(&standing.realm, &authority.keypair(), version, now, &agents)?;
        self.store.issued_set_state(*member.agent.as_bytes(), IssuedState::Expelled).await?;
        let bytes = list.as_bytes().unwrap_or_default().to_vec();
        self.take_list(list, bytes).await?;
        Ok(MemberState { membership: Membership::Expelled, connected: false, ..member })
    }

    /// A list that another member has: taken in if it is newer and signed.
    pub(super) async fn learn_list(&self, bytes: &[u8]) {
        let Some(standing) = self.standing() else { return };
        let list = match Revocations::from_bytes(bytes, &standing.realm) {
            Ok(list) => list,
            Err(error) => return tracing::debug!(%error, "a list of who was expelled is none"),
        };
        let bytes = bytes.to_vec();
        let taken = self.turn(|mesh| async move {
            mesh.still(&standing)?;
            mesh.take_list(list, bytes).await
        });
        if let Err(error) = taken.await {
            tracing::warn!(%error, "a list of who was expelled was not stored");
        }
    }

    /// On the disk first, then in memory, then those in it are cut, then the others hear of it; in a turn, which goes on
    /// however long that takes.
    async fn take_list(&self, list: Revocations, bytes: Vec<u8>) -> Result<(), MeshError> {
        if !self.store.membership_set_revocations(bytes, list.version()).await? {
            return Ok(());
        }
        tracing::info!(
            version = list.version(),
            expelled = list.agents().len(),
            "a newer list of who was expelled"
        );
        let gone = self.net.shared().members.set_revocations(list);
        for peer in gone.iter().map(Member::peer) {
            tracing::info!(%peer, "a member was expelled");
            self.net.expel(peer).await;
        }
        self.use_relays();
        self.0.lists.send_modify(|lists| *lists += 1);
        self.spread_soon(gone);
        Ok(())
    }

    fn spread_soon(&self, gone: Vec<Member>) {
        let mesh = self.clone();
        self.net.spawn(async move { mesh.spread(gone).await });
    }

    /// Has those who are connected, and some servers, see what is new with us; last those whom it concerns.
    async fn spread(&self, gone: Vec<Member>) {
        let mut peers = self.neighbours();
        let servers = self.net.servers().await.into_iter().map(|(peer, _)| peer);
        let others = servers.filter(|peer| !peers.contains(peer)).choose_multiple(&mut rand::rng(), SPREAD);
        peers.extend(others);
        self.meet_all(peers).await;
        for member in gone {
            self.prove_to(&member.card).await;
        }
    }

    /// The same for those alone who are connected.
    pub(super) async fn tell_neighbours(&self) {
        self.meet_all(self.neighbours()).await;
    }

    pub(super) async fn meet_all(&self, peers: impl IntoIterator<Item = PeerId>) {
        let meetings = stream::iter(peers).map(|peer| async move {
            if let Err(error) = self.meet(peer).await {
                tracing::debug!(%peer, %error, "not met");
            }
        });
        meetings.buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Members that are connected.
    fn neighbours(&self) -> BTreeSet<PeerId> {
        let members = &self.net.shared().members;
        let connected = self.net.connections().into_iter().map(|connection| connection.peer);
        connected.filter(|peer| members.contains(peer)).collect()
    }

    /// The member that a name, an address or a fingerprint means, among those known here.
    async fn member(&self, who: &str) -> Result<MemberState, MeshError> {
        let members = self.members().await?;
        match resolve(who, &members) {
            Ok(member) => Ok(member.clone()),
            Err(WhoError::Ambiguous { who, candidates }) => Err(MeshError::Ambiguous { who, candidates }),
            Err(_) => Err(MeshError::NoSuchMember { who: who.into() }),
        }
    }
}
