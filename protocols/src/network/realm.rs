//! What all agents of one network agree on.

use libp2p::{StreamProtocol, identity::ed25519};
use sha2::{Digest, Sha256};

use super::{Genesis, NetworkId};
use crate::agent;

/// Keeps the hash behind a tag apart from every other hash of a network id.
const DOMAIN: &[u8] = b"airway-proto-v1\0";

/// Bytes of a tag: 16 characters of base32, and no two networks of the world share one by chance.
const TAG_BYTES: usize = 10;

/// The number of the networks that have no genesis.
const BACKBONE: u16 = 0;

/// A network as its protocols see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    id: NetworkId,
    number: u16,
    authority: Option<ed25519::PublicKey>,
}

impl Realm {
    /// The open backbone, which everybody is in.
    #[must_use]
    pub fn backbone() -> Self {
        Self { id: NetworkId::of_backbone(), number: BACKBONE, authority: None }
    }

    /// The mesh that began so.
    #[must_use]
    pub fn of(genesis: &Genesis) -> Self {
        Self { id: genesis.id(), number: genesis.number(), authority: Some(genesis.authority().clone()) }
    }

    /// The network of those who have this swarm key. It has the number of the backbone, and cannot reach it.
    #[must_use]
    pub fn of_swarm_key(key: &[u8; 32]) -> Self {
        Self { id: NetworkId::of_swarm_key(key), number: BACKBONE, authority: None }
    }

    /// The network.
    #[must_use]
    pub const fn id(&self) -> NetworkId {
        self.id
    }

    /// What addresses in it begin with.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// The key that says who is in it. `None`: whoever gets there is.
    #[must_use]
    pub const fn authority(&self) -> Option<&ed25519::PublicKey> {
        self.authority.as_ref()
    }

    /// What its protocol id has in it: 16 characters that an outsider cannot guess, and that do not give the id away.
    #[must_use]
    pub fn tag(&self) -> String {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(self.id.as_bytes()).finalize();
        agent::base32(&hash[..TAG_BYTES])
    }

    /// The protocol of its DHT. Members alone are offered it: the names of [admit](crate::admit) and [join](crate::join), which
    /// strangers are, are the same everywhere, or they would tell whose members agents are.
    #[must_use]
    pub fn kad(&self) -> StreamProtocol {
        if self.id == NetworkId::of_backbone() {
            StreamProtocol::new("/airway/kad/1.0.0")
        } else {
            self.protocol("kad/1.0.0")
        }
    }

    /// The one protocol id that its members speak [gossipsub](crate::events::broadcast) under. `None` where there is no
    /// authority, and so nobody who could be kept out.
    #[must_use]
    pub fn meshsub(&self) -> Option<StreamProtocol> {
        self.authority.as_ref().map(|_| self.protocol("meshsub/1.1.0"))
    }

    /// The one topic that gossipsub has among its members. Every [`Topic`](crate::events::Topic) is inside its messages.
    #[must_use]
    pub fn events_topic(&self) -> Option<String> {
        self.authority.as_ref().map(|_| self.scoped("events"))
    }

    /// A name that outsiders do not know.
    fn scoped(&self, name: &str) -> String {
        format!("/airway/{}/{name}", self.tag())
    }

    #[expect(
        clippy::expect_used,
        reason = "the only rule for a protocol id is the leading slash, which `scoped` writes"
    )]
    fn protocol(&self, name: &str) -> StreamProtocol {
        StreamProtocol::try_from_owned(self.scoped(name)).expect("begins with a slash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_backbone_has_a_dht_without_a_tag() {
        let (backbone, swarm) = (Realm::backbone(), Realm::of_swarm_key(&[7; 32]));
        assert_eq!(backbone.kad(), StreamProtocol::new("/airway/kad/1.0.0"));
        assert_eq!(swarm.kad().as_ref(), format!("/airway/{}/kad/1.0.0", swarm.tag()));
        assert_eq!((backbone.number(), backbone.authority()), (0, None));
        assert_eq!((backbone.meshsub(), backbone.events_topic()), (None, None));
        assert_eq!((swarm.meshsub(), swarm.events_topic()), (None, None));
        assert_eq!((swarm.number(), swarm.authority()), (0, None));
    }

    #[test]
    fn the_protocols_of_two_networks_are_all_different() {
        let realms = [Realm::backbone(), Realm::of_swarm_key(&[7; 32]), Realm::of_swarm_key(&[8; 32])];
        let all: std::collections::BTreeSet<_> = realms.iter().map(|realm| realm.kad().to_string()).collect();
        assert_eq!(all.len(), 3);
        assert!(realms.iter().all(|realm| realm.tag().len() == 16));
    }
}
