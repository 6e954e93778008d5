//! A peer that says what the test has it say, at the doors of agents and in their DHT.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use airway::{
    Node,
    protocols::{
        admit::{self, Answer, Hello},
        agent,
        certificate::Certificate,
        invite::Invite,
        join::{self, Granted, Reply, Request},
        name::Name,
        network::Realm,
        streams::{Behaviour as Streams, Control, Incoming, Limits, OpenToAll, Refusal, Stream},
        wire,
    },
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    kad::{self, Quorum, Record, store::MemoryStore, store::RecordStore as _},
    swarm::{NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    sync::{
        mpsc::{Receiver, Sender, channel},
        oneshot,
    },
    time::timeout,
};

use super::authority;
use crate::common::PATIENCE;

/// Longer than any test.
const IDLE: Duration = Duration::from_secs(3600);

/// How long it waits for an answer in the DHT; to what is refused none comes.
const REQUEST: Duration = Duration::from_secs(1);

/// Orders, and streams at its door, that may wait.
const QUEUE: usize = 64;

#[derive(NetworkBehaviour)]
struct Behaviour {
    streams: Streams,
    kad: kad::Behaviour<MemoryStore>,
}

enum Order {
    /// Connects, unless it is connected.
    Dial(PeerId, Vec<Multiaddr>, oneshot::Sender<()>),
    /// Answers with this whoever asks for the key.
    Keep(Record),
    /// Has a peer keep something; says whether it did.
    Put(PeerId, Record, oneshot::Sender<bool>),
}

/// See the module.
pub(crate) struct Puppet {
    pub(crate) key: Keypair,
    pub(crate) at: Multiaddr,
    pub(crate) certificate: Arc<Mutex<Option<Certificate>>>,
    realm: Realm,
    control: Control,
    orders: Sender<Order>,
}

impl Puppet {
    /// Whoever knows the id of a network, and has no certificate of it.
    pub(crate) async fn new(realm: &Realm) -> Self {
        Self::with_key(realm, Keypair::generate_ed25519()).await
    }

    /// The same with a key of the test's choice.
    pub(crate) async fn with_key(realm: &Realm, key: Keypair) -> Self {
        let mut swarm = swarm(key.clone(), realm);
        swarm.listen_on("/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()).unwrap();
        let control = swarm.behaviour().streams.control();
        let at = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                break address;
            }
        };
        let (orders, ordered) = channel(QUEUE);
        tokio::spawn(drive(swarm, ordered));
        let certificate = Arc::<Mutex<Option<Certificate>>>::default();
        let door = control.listen(admit::PROTOCOL, QUEUE).unwrap();
        tokio::spawn(answer_all(door, key.clone(), at.clone(), certificate.clone()));
        Self { key, at, certificate, realm: realm.clone(), control, orders }
    }

    /// A member that serves the DHT, as far as anybody can see.
    pub(crate) async fn member(
        authority: &authority::Authority,
        change: impl FnOnce(&mut airway::protocols::certificate::Grant),
    ) -> Self {
        let puppet = Self::new(&authority.realm).await;
        puppet.wear(authority.certify(&puppet.key, change));
        puppet
    }

    /// Shows this certificate from now on.
    pub(crate) fn wear(&self, certificate: Certificate) {
        *self.certificate.lock().unwrap() = Some(certificate);
    }

    /// The one that it shows.
    pub(crate) fn worn(&self) -> Certificate {
        self.certificate.lock().unwrap().clone().unwrap()
    }

    /// What it says of itself.
    pub(crate) fn hello(&self) -> Hello {
        hello(&self.key, &self.worn(), &self.at)
    }

    async fn meet(&self, node: &Node) -> PeerId {
        let card = node.card().unwrap();
        let (done, dialled) = oneshot::channel();
        let order = Order::Dial(card.peer_id(), card.addresses().to_vec(), done);
        self.orders.send(order).await.ok().unwrap();
        dialled.await.unwrap();
        card.peer_id()
    }

    /// Says who it is; an error is a closed stream.
    pub(crate) async fn admit(&self, node: &Node, hello: &Hello) -> Result<Answer, admit::Error> {
        let said = async {
            loop {
                let peer = self.meet(node).await;
                // A stranger is not kept for long: the connection may go away at any time.
                let Ok(mut stream) = self.control.open(peer, admit::PROTOCOL).await else { continue };
                let answer = admit::ask(&mut stream, hello).await?;
                if let Answer::Hello(theirs) = &answer
                    && theirs.version > hello.version
                {
                    admit::receive_list(&mut stream).await?;
                }
                let _ = admit::finish(&mut stream).await;
                return Ok(answer);
            }
        };
        timeout(PATIENCE, said).await.unwrap()
    }

    /// Proves its membership to a node.
    pub(crate) async fn enter(&self, node: &Node) {
        let answer = self.admit(node, &self.hello()).await;
        assert!(matches!(answer, Ok(Answer::Hello(_))), "{answer:?}");
    }

    /// Asks at the other door.
    pub(crate) async fn ask(&self, node: &Node, request: &Request) -> Result<Reply, join::Error> {
        let asked = async {
            loop {
                let peer = self.meet(node).await;
                let Ok(mut stream) = self.control.open(peer, join::PROTOCOL).await else { continue };
                return join::ask(&mut stream, request).await;
            }
        };
        timeout(PATIENCE, asked).await.unwrap()
    }

    /// Asks, and does not read the answer.
    pub(crate) async fn ask_deaf(&self, node: &Node, request: &Request) -> Stream {
        let bytes = framed(request);
        let said = async {
            loop {
                let peer = self.meet(node).await;
                let Ok(mut stream) = self.control.open(peer, join::PROTOCOL).await else { continue };
                if stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok() {
                    return stream;
                }
            }
        };
        timeout(PATIENCE, said).await.unwrap()
    }

    /// The request of whoever has this invite.
    pub(crate) fn request(&self, invite: &Invite, name: Option<&str>) -> Request {
        let own = agent::public_key(&self.key.public().to_peer_id()).unwrap();
        let name = name.map(|name| name.parse::<Name>().unwrap());
        Request::Join { invite: invite.id(), proof: invite.prove(&own), name }
    }

    /// Joins by an invite, and wears what it is given.
    pub(crate) async fn join(&self, node: &Node, invite: &Invite, name: Option<&str>) -> Certificate {
        match self.ask(node, &self.request(invite, name)).await.unwrap() {
            Reply::Granted(Granted { certificate, .. }) => {
                let certificate = Certificate::from_bytes(&certificate, &self.realm).unwrap();
                self.wear(certificate.clone());
                certificate
            }
            other => panic!("{other:?}"),
        }
    }

    /// Says anything at a door, and returns all that comes back behind the status byte.
    pub(crate) async fn say(&self, node: &Node, door: &'static str, bytes: &[u8]) -> Vec<u8> {
        let said = async {
            loop {
                let peer = self.meet(node).await;
                let door = libp2p::StreamProtocol::new(door);
                let Ok(mut stream) = self.control.open(peer, door).await else { continue };
                let mut heard = Vec::new();
                if stream.write_all(bytes).await.is_ok() && stream.close().await.is_ok() {
                    let _ = stream.read_to_end(&mut heard).await;
                }
                return heard;
            }
        };
        timeout(PATIENCE, said).await.unwrap()
    }

    /// Whether a node speaks the DHT with it.
    pub(crate) async fn is_served(&self, node: &Node) -> bool {
        // Which servers are nearest to the key `a`.
        const FIND_NODE: [u8; 6] = [5, 0x08, 4, 0x12, 1, b'a'];
        let peer = self.meet(node).await;
        let asked = async {
            let mut stream = self.control.open(peer, self.realm.kad()).await.ok()?;
            stream.write_all(&FIND_NODE).await.ok()?;
            // What is no status is the length of an answer.
            match stream.accepted().await {
                Ok(()) => Some(()),
                Err(error) => {
                    Refusal::of(&error).filter(|refusal| *refusal != Refusal::Unsupported).map(drop)
                }
            }
        };
        timeout(PATIENCE, asked).await.unwrap().is_some()
    }

    /// Whether a node speaks gossip with it.
    pub(crate) async fn is_gossiped_with(&self, node: &Node) -> bool {
        let (peer, meshsub) = (self.meet(node).await, self.realm.meshsub().unwrap());
        // It opens a stream of its own as soon as ours has come.
        let mut theirs = self.control.listen(meshsub.clone(), QUEUE).unwrap();
        let asked = async {
            let mut stream = self.control.open(peer, meshsub).await.ok()?;
            // An empty frame.
            stream.write_all(&[0]).await.ok()?;
            tokio::select! {
                Err(_) = stream.accepted() => None,
                theirs = theirs.next() => theirs.map(drop),
            }
        };
        timeout(PATIENCE, asked).await.unwrap().is_some()
    }

    /// Answers with this whoever asks for the key.
    pub(crate) async fn keep(&self, key: Vec<u8>, value: Vec<u8>) {
        let record = Record { key: key.into(), value, publisher: None, expires: None };
        self.orders.send(Order::Keep(record)).await.ok().unwrap();
    }

    /// Has a node keep something; whether it says that it does.
    pub(crate) async fn put(&self, node: &Node, key: Vec<u8>, value: Vec<u8>) -> bool {
        let peer = self.meet(node).await;
        let (done, stored) = oneshot::channel();
        let record = Record { key: key.into(), value, publisher: None, expires: None };
        self.orders.send(Order::Put(peer, record, done)).await.ok().unwrap();
        timeout(PATIENCE, stored).await.unwrap().unwrap()
    }
}

/// A message as it travels.
pub(crate) fn framed(message: &impl serde::Serialize) -> Vec<u8> {
    let body = wire::encode(message).unwrap();
    let mut prefix = Vec::new();
    let mut length = body.len();
    while length >= 0x80 {
        prefix.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    prefix.push(u8::try_from(length).unwrap());
    [prefix, body].concat()
}

fn hello(key: &Keypair, certificate: &Certificate, at: &Multiaddr) -> Hello {
    Hello {
        certificate: certificate.as_bytes().to_vec(),
        card: authority::card(key, certificate, std::slice::from_ref(at)).as_bytes().to_vec(),
        serves: true,
        relay: false,
        version: 0,
    }
}

/// Says who it is to whoever asks, with the list that the other has.
async fn answer_all(
    mut door: Incoming,
    key: Keypair,
    at: Multiaddr,
    certificate: Arc<Mutex<Option<Certificate>>>,
) {
    while let Some(mut stream) = door.next().await {
        let certificate = certificate.lock().unwrap().clone();
        let (Ok(theirs), Some(certificate)) = (admit::hear(&mut stream).await, certificate) else { continue };
        let own = Hello { version: theirs.version, ..hello(&key, &certificate, &at) };
        if admit::answer(&mut stream, &Answer::Hello(own)).await.is_ok() {
            let _ = admit::finish(&mut stream).await;
        }
    }
}

fn swarm(key: Keypair, realm: &Realm) -> Swarm<Behaviour> {
    let mut config = kad::Config::new(realm.kad());
    config
        .set_max_packet_size(1024 * 1024)
        .set_kbucket_inserts(kad::BucketInserts::Manual)
        .set_substreams_timeout(REQUEST);
    let kad = |key: &Keypair| {
        let own = key.public().to_peer_id();
        let mut kad = kad::Behaviour::with_config(own, MemoryStore::new(own), config);
        kad.set_mode(Some(kad::Mode::Server));
        kad
    };
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic()
        .with_behaviour(|key| Behaviour {
            streams: Streams::new(Limits::default(), OpenToAll),
            kad: kad(key),
        })
        .unwrap()
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(IDLE)
                .with_substream_upgrade_protocol_override(Version::V1Lazy)
        })
        .build()
}

async fn drive(mut swarm: Swarm<Behaviour>, mut orders: Receiver<Order>) {
    let mut waiting = std::collections::HashMap::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Dial(peer, to, done)) => {
                    // Connected already is as good.
                    let _ = swarm.dial(DialOpts::peer_id(peer).addresses(to).build());
                    let _ = done.send(());
                }
                Some(Order::Keep(record)) => swarm.behaviour_mut().kad.store_mut().put(record).unwrap(),
                Some(Order::Put(peer, record, done)) => {
                    let to = std::iter::once(peer);
                    let query = swarm.behaviour_mut().kad.put_record_to(record, to, Quorum::One);
                    waiting.insert(query, done);
                }
            },
            event = swarm.select_next_some() => {
                if let SwarmEvent::Behaviour(BehaviourEvent::Kad(kad::Event::OutboundQueryProgressed {
                    id, result: kad::QueryResult::PutRecord(put), ..
                })) = event
                    && let Some(done) = waiting.remove(&id)
                {
                    let _ = done.send(put.is_ok());
                }
            }
        }
    }
}
