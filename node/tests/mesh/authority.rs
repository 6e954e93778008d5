//! The key of a network's authority in the hands of a test: what no agent would sign can be signed with it.

use airway::protocols::{
    address::Address,
    agent::{self, AgentId},
    card::Card,
    certificate::{Certificate, Grant},
    claim::{Claim, ClaimDraft},
    network::{Genesis, Realm, Roles},
    tag::Tag,
};
use data_encoding::BASE64;
use libp2p::{Multiaddr, identity::Keypair};

use crate::common::Agent;

/// A minute, in milliseconds.
pub(crate) const MINUTE: u64 = 60_000;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    pub(crate) realm: Realm,
    pub(crate) genesis: Genesis,
    pub(crate) key: Keypair,
}

impl Authority {
    /// Takes the key from the home of whoever has founded a network.
    pub(crate) fn of(founder: &Agent) -> Self {
        let text = std::fs::read(founder.home.path().join("authority.key")).unwrap();
        let form: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let field = |name: &str| BASE64.decode(form[name].as_str().unwrap().as_bytes()).unwrap();
        let genesis = Genesis::from_bytes(&field("genesis")).unwrap();
        let key = Keypair::from_protobuf_encoding(&field("key")).unwrap();
        Self { realm: Realm::of(&genesis), genesis, key }
    }

    /// The authority of another network, which looks the same but for its key.
    pub(crate) fn of_another(&self) -> Self {
        let key = Keypair::generate_ed25519();
        let (public, old) = (key.public().try_into_ed25519().unwrap(), &self.genesis);
        let genesis =
            Genesis::new(old.name().clone(), &public, old.number(), old.policy(), old.created(), [7; 16])
                .unwrap();
        Self { realm: Realm::of(&genesis), genesis, key }
    }

    /// A certificate of this network for a key.
    pub(crate) fn certify(&self, key: &Keypair, change: impl FnOnce(&mut Grant)) -> Certificate {
        let mut grant = grant(key, self.realm.number());
        change(&mut grant);
        Certificate::sign(&self.realm, &self.key, None, grant).unwrap()
    }

    /// The same by a member that may invite.
    pub(crate) fn certify_by(&self, inviter: &Keypair, by: &Certificate, key: &Keypair) -> Certificate {
        let mut grant = grant(key, self.realm.number());
        grant.expires = grant.expires.min(by.expires());
        grant.not_before = grant.not_before.min(by.not_before());
        Certificate::sign(&self.realm, inviter, Some(by), grant).unwrap()
    }
}

fn grant(key: &Keypair, number: u16) -> Grant {
    let member = agent::public_key(&key.public().to_peer_id()).unwrap();
    let (_, nonce) = Address::derive(number, &AgentId::of(&member), 0).unwrap();
    let now = now();
    Grant {
        member,
        nonce,
        name: None,
        roles: Roles::default(),
        not_before: now - MINUTE,
        expires: now + 60 * MINUTE,
        serial: [1; 16],
    }
}

/// The card that goes with a certificate.
pub(crate) fn card(key: &Keypair, certificate: &Certificate, addresses: &[Multiaddr]) -> Card {
    let network = certificate.address().network();
    Card::sign(key, network, certificate.nonce(), certificate.name().cloned(), addresses).unwrap()
}

/// What the holder of a certificate claims in the DHT.
pub(crate) fn claim(
    realm: &Realm,
    key: &Keypair,
    certificate: &Certificate,
    tags: &[Tag],
    change: impl FnOnce(&mut ClaimDraft<'_>),
) -> Claim {
    let card = card(key, certificate, &["/ip4/127.0.0.1/udp/9/quic-v1".parse().unwrap()]);
    let issued = now();
    let mut draft = ClaimDraft {
        card: &card,
        tags,
        issued,
        expires: issued + 60 * MINUTE,
        certificate: Some(certificate),
    };
    change(&mut draft);
    Claim::sign(realm, key, draft).unwrap()
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}
