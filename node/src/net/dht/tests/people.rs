//! Agents of one mesh, each with a network of its own, and what they claim.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use airway_protocols::{
    address::Address,
    agent::AgentId,
    card::Card,
    certificate::{Certificate, Grant},
    claim::{Claim, ClaimDraft, Key, set},
    name::Name,
    network::{Genesis, Policy, Realm, Roles},
    revocations::Revocations,
    tag::Tag,
};
use libp2p::{Multiaddr, PeerId, identity::Keypair};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    clock::unix_ms,
    members::Member,
    metrics::{Metrics, commit_seconds},
    net::{
        Config, Dht, Event, Expected, Net, Shared,
        dht::{Published, Stats},
        relays::OwnRelays,
    },
};

/// However loaded the machine is, what has not happened by then will not happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// An hour, in milliseconds.
pub(super) const HOUR: u64 = 60 * 60 * 1000;

/// A mesh, and the key that says who is in it.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    pub(super) realm: Realm,
    authority: Keypair,
}

impl Mesh {
    pub(super) fn new() -> Self {
        let authority = Keypair::generate_ed25519();
        let public = authority.public().try_into_ed25519().unwrap();
        let name = "lab".parse::<Name>().unwrap();
        let genesis = Genesis::new(name, &public, 4242, Policy::default(), unix_ms(), [7; 16]).unwrap();
        Self { realm: Realm::of(&genesis), authority }
    }

    pub(super) fn certify(&self, key: &Keypair) -> Certificate {
        let member = key.public().try_into_ed25519().unwrap();
        let agent = AgentId::of(&member);
        let (_, nonce) = Address::derive(self.realm.number(), &agent, 0).unwrap();
        let now = unix_ms();
        let (not_before, expires) = (now - HOUR, now + 100 * HOUR);
        let grant =
            Grant { member, nonce, name: None, roles: Roles::none(), not_before, expires, serial: [1; 16] };
        Certificate::sign(&self.realm, &self.authority, None, grant).unwrap()
    }

    pub(super) fn revoke(&self, agent: AgentId) -> Revocations {
        let agents = BTreeSet::from([agent]);
        Revocations::sign(&self.realm, &self.authority, 1, unix_ms(), &agents).unwrap()
    }
}

/// Whoever is in a mesh, or on the backbone without a certificate.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) key: Keypair,
    pub(super) realm: Realm,
    pub(super) certificate: Option<Certificate>,
}

impl Person {
    pub(super) fn of(mesh: &Mesh) -> Self {
        let key = Keypair::generate_ed25519();
        let certificate = Some(mesh.certify(&key));
        Self { key, realm: mesh.realm.clone(), certificate }
    }

    pub(super) fn of_backbone() -> Self {
        Self { key: Keypair::generate_ed25519(), realm: Realm::backbone(), certificate: None }
    }

    pub(super) fn peer(&self) -> PeerId {
        self.key.public().to_peer_id()
    }

    pub(super) fn card(&self, addresses: &[Multiaddr]) -> Card {
        let public = self.key.public().try_into_ed25519().unwrap();
        let (_, nonce) = Address::derive(self.realm.number(), &AgentId::of(&public), 0).unwrap();
        Card::sign(&self.key, self.realm.number(), nonce, None, addresses).unwrap()
    }

    /// A claim from `issued` for an hour, with these tags.
    pub(super) fn claim_at(&self, issued: u64, tags: &[&str]) -> Claim {
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        let card = self.card(&["/ip4/192.0.2.1/tcp/1".parse().unwrap()]);
        self.sign(&card, &tags, issued)
    }

    pub(super) fn claim(&self, tags: &[&str]) -> Claim {
        self.claim_at(unix_ms(), tags)
    }

    pub(super) fn withdrawal_at(&self, issued: u64) -> Claim {
        self.sign(&self.card(&[]), &[], issued)
    }

    fn sign(&self, card: &Card, tags: &[Tag], issued: u64) -> Claim {
        let certificate = self.certificate.as_ref();
        let draft = ClaimDraft { card, tags, issued, expires: issued + HOUR, certificate };
        Claim::sign(&self.realm, &self.key, draft).unwrap()
    }

    pub(super) fn address_key(&self) -> Vec<u8> {
        Key::Address(self.claim(&[]).address().node()).bytes(&self.realm.id())
    }

    pub(super) fn tag_key(&self, tag: &str) -> Vec<u8> {
        Key::Tag(tag.parse().unwrap()).bytes(&self.realm.id())
    }
}

pub(super) fn value(claim: &Claim) -> Vec<u8> {
    set::join(std::slice::from_ref(claim))
}

/// Who would prove to be a member if asked.
type Registry = Arc<Mutex<HashMap<PeerId, (Member, Net)>>>;

/// All agents of one test.
#[derive(Clone)]
pub(super) struct Town {
    pub(super) mesh: Mesh,
    registry: Registry,
    proving: bool,
    since: Instant,
}

impl Town {
    pub(super) fn new() -> Self {
        Self { mesh: Mesh::new(), registry: Registry::default(), proving: true, since: Instant::now() }
    }

    /// Where nobody can prove anything.
    pub(super) fn of_liars() -> Self {
        Self { proving: false, ..Self::new() }
    }

    /// An agent that has entered the mesh and knows nobody.
    pub(super) async fn settle(&self, server: bool) -> Agent {
        let agent = Agent::start(Person::of(&self.mesh), server).await;
        let Agent { person, net, .. } = &agent;
        let certificate = person.certificate.clone().unwrap();
        let (card, met) = (person.card(&net.listening()), unix_ms());
        let member = Member { certificate, card, serves: server, relay: false, met };
        self.registry.lock().unwrap().insert(person.peer(), (member, net.clone()));
        agent.net.shared().members.set_realm(Some(self.mesh.realm.clone()), false, Revocations::none());
        agent.enter(false, server).await;
        agent
    }

    /// Makes two members to each other, as an exchange of proofs does.
    pub(super) async fn prove(&self, one: PeerId, other: PeerId) -> bool {
        let found = |peer| self.registry.lock().unwrap().get(&peer).cloned();
        let (Some((this, here)), Some((that, there)), true) = (found(one), found(other), self.proving) else {
            return false;
        };
        // An exchange goes over a connection, which both have then.
        let met = async {
            tokio::join!(here.arrival(&other, self.since), there.arrival(&one, self.since));
        };
        if timeout(PATIENCE, met).await.is_err() {
            return false;
        }
        for (net, member) in [(there, this), (here, that)] {
            let (peer, addresses, serves) = (member.peer(), member.card.addresses().to_vec(), member.serves);
            net.shared().members.admit(self.mesh.realm.id(), member);
            net.admit(peer, addresses, serves, None).await;
        }
        true
    }

    /// Answers what an agent's network wants, until it ends. Returns what it wanted.
    pub(super) fn attend(&self, agent: &mut Agent) -> mpsc::Receiver<PeerId> {
        let (town, net, own) = (self.clone(), agent.net.clone(), agent.person.peer());
        let mut events = agent.events.take().unwrap();
        let (wanted, seen) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Wanted(peer) = event {
                    if !town.prove(own, peer).await {
                        net.refuse(peer).await;
                    }
                    let _ = wanted.try_send(peer);
                }
            }
        });
        seen
    }
}

/// An agent with its network.
pub(super) struct Agent {
    pub(super) person: Person,
    pub(super) net: Net,
    pub(super) metrics: Metrics,
    pub(super) events: Option<mpsc::Receiver<Event>>,
}

impl Agent {
    /// One that takes part in no DHT.
    pub(super) async fn start(person: Person, relay_server: bool) -> Self {
        let (shared, relays) = (Shared::default(), OwnRelays::default());
        let config = Config {
            swarm_key: None,
            listen: vec!["/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()],
            connections: 128,
            kept_connections: 8,
            relay_server,
            stealth: false,
            expected: Expected::new(&[], relays.clone(), shared.book.clone()),
            relays,
            shared,
        };
        let (metrics, recorder) = Metrics::new(commit_seconds());
        let (net, events, _) = Net::start(person.key.clone(), config, recorder).await.unwrap();
        Self { person, net, metrics, events: Some(events) }
    }

    pub(super) async fn enter(&self, everyone: bool, server: bool) {
        let realm = self.person.realm.clone();
        let protocol = realm.kad();
        self.net.enter(Some(Dht { realm, protocol, everyone, server, provides: false })).await;
    }

    pub(super) fn at(&self) -> (PeerId, Vec<Multiaddr>) {
        (self.person.peer(), self.net.listening())
    }

    /// Lays a claim at one of its keys.
    pub(super) async fn lay(&self, key: Vec<u8>, claim: &Claim) -> Published {
        timeout(PATIENCE, self.net.publish(key, value(claim))).await.unwrap()
    }

    /// All claims that a lookup finds, each once, and what it took.
    pub(super) async fn look(&self, key: Vec<u8>) -> (Vec<Claim>, Stats) {
        let mut lookup = self.net.lookup(key);
        let mut claims: Vec<Claim> = Vec::new();
        while let Some(value) = timeout(PATIENCE, lookup.next()).await.expect("the lookup does not end") {
            for bytes in set::split(&value).unwrap_or_default() {
                if let Ok(claim) = Claim::from_bytes(&bytes, &self.person.realm)
                    && !claims.contains(&claim)
                {
                    claims.push(claim);
                }
            }
        }
        (claims, lookup.stats())
    }
}
