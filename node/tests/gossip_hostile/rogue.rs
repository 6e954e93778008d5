//! A member that has joined as everybody does, is admitted as everybody is, and then says on the wire of gossipsub
//! whatever the test has it say.

pub(crate) mod rpc;

use std::{io, time::Duration};

use airway::protocols::{
    admit::{self, Answer, Hello},
    agent,
    card::Card,
    certificate::Certificate,
    events::{Position, broadcast::Broadcast},
    invite::Invite,
    join::{self, Granted, Reply, Request},
    network::Realm,
    streams::{Behaviour as Streams, Control as Doors, Incoming, Limits, OpenToAll},
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    swarm::{NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
};
use libp2p_stream::{self as raw, IncomingStreams};
pub(crate) use rpc::{Control, Rpc};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{interval, timeout},
};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any test.
const IDLE: Duration = Duration::from_secs(3600);

/// Between two attempts at somebody who is busy or not there yet.
const RETRY: Duration = Duration::from_millis(50);

/// Orders, streams at its door and messages that may wait. What nobody takes is forgotten.
const QUEUE: usize = 1024;

/// A frame that it reads; agents send none that are larger.
const MAX_FRAME: usize = 128 * 1024;

enum Order {
    /// Connects, unless it is connected.
    Dial(DialOpts),
    /// Ends all connections to a peer.
    Leave(PeerId),
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    doors: Streams,
    gossip: raw::Behaviour,
}

/// See the module.
pub(crate) struct Rogue {
    pub(crate) key: Keypair,
    pub(crate) certificate: Certificate,
    pub(crate) realm: Realm,
    at: Multiaddr,
    doors: Doors,
    gossip: raw::Control,
    orders: Sender<Order>,
    heard: Option<Receiver<Vec<u8>>>,
}

impl Rogue {
    /// Joins a network at the member that has made the invite.
    pub(crate) async fn join(invite: &Invite) -> Self {
        let key = Keypair::generate_ed25519();
        let mut swarm = swarm(key.clone());
        swarm.listen_on("/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()).unwrap();
        let at = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                break address;
            }
        };
        let doors = swarm.behaviour().doors.control();
        let mut gossip = swarm.behaviour().gossip.new_control();
        let (orders, ordered) = channel(QUEUE);
        tokio::spawn(drive(swarm, ordered));
        let realm = invite.realm().clone();
        let (hears, heard) = channel(QUEUE);
        tokio::spawn(listen(gossip.accept(meshsub(&realm)).unwrap(), hears));
        let certificate = ask_for_certificate(&doors, &orders, &key, invite).await;
        let rogue = Self { key, certificate, realm, at, doors, gossip, orders, heard: Some(heard) };
        let door = rogue.doors.listen(admit::PROTOCOL, QUEUE).unwrap();
        tokio::spawn(admit_all(door, rogue.hello()));
        rogue
    }

    pub(crate) fn peer(&self) -> PeerId {
        self.key.public().to_peer_id()
    }

    /// The one topic of its network.
    pub(crate) fn topic(&self) -> Vec<u8> {
        format!("/airway/{}/events", self.realm.tag()).into_bytes()
    }

    /// What others forward to it, each as often as they do; once.
    pub(crate) fn hears(&mut self) -> Receiver<Vec<u8>> {
        self.heard.take().unwrap()
    }

    /// Proves its membership to an agent, and opens the stream that it speaks on.
    pub(crate) async fn enter(&self, card: &Card) -> Line {
        let entered = async {
            let mut attempts = interval(RETRY);
            loop {
                attempts.tick().await;
                if let Ok(line) = self.try_enter(card).await {
                    return line;
                }
            }
        };
        timeout(PATIENCE, entered).await.unwrap()
    }

    /// The same once.
    pub(crate) async fn try_enter(&self, card: &Card) -> io::Result<Line> {
        let peer = card.peer_id();
        dial(&self.orders, card).await;
        let mut stream = self.doors.open(peer, admit::PROTOCOL).await.map_err(io::Error::other)?;
        let hello = self.hello();
        let answer = admit::ask(&mut stream, &hello).await.map_err(io::Error::other)?;
        let Answer::Hello(theirs) = answer else { return Err(io::Error::other(format!("{answer:?}"))) };
        if theirs.version > hello.version {
            admit::receive_list(&mut stream).await.map_err(io::Error::other)?;
        }
        admit::finish(&mut stream).await.map_err(io::Error::other)?;
        self.line(peer).await
    }

    /// Ends its connections to an agent.
    pub(crate) async fn leave(&self, peer: PeerId) {
        self.orders.send(Order::Leave(peer)).await.ok().unwrap();
    }

    /// Something true that it says: its own words, signed by its own key.
    pub(crate) fn broadcast(&self, seq: u64, text: &str) -> Broadcast {
        let (topic, position) = ("rogue/words".parse().unwrap(), Position { epoch: 1, seq });
        let (network, payload) = (self.realm.id(), text.as_bytes().to_vec());
        Broadcast::sign(&self.key, network, topic, position, now(), payload, &self.certificate).unwrap()
    }

    /// The same as a frame of gossipsub.
    pub(crate) fn words(&self, seq: u64, text: &str) -> Rpc {
        self.carries(self.broadcast(seq, text).as_bytes())
    }

    /// A frame of gossipsub with this as the data of its one message.
    pub(crate) fn carries(&self, data: &[u8]) -> Rpc {
        Rpc::default().publish(&self.topic(), data)
    }

    /// Another stream to somebody whom it has entered at; the former ends.
    pub(crate) async fn line(&self, peer: PeerId) -> io::Result<Line> {
        let opened = self.gossip.clone().open_stream(peer, meshsub(&self.realm)).await;
        Ok(Line { stream: opened.map_err(io::Error::other)? })
    }

    fn hello(&self) -> Hello {
        let (network, own) = (self.certificate.address().network(), &self.certificate);
        let at = std::slice::from_ref(&self.at);
        let card = Card::sign(&self.key, network, own.nonce(), own.name().cloned(), at).unwrap();
        Hello {
            certificate: own.as_bytes().to_vec(),
            card: card.as_bytes().to_vec(),
            serves: false,
            relay: false,
            version: 0,
        }
    }
}

/// Where it speaks to one agent.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Stream,
}

impl Line {
    pub(crate) async fn say(&mut self, rpc: Rpc) -> io::Result<()> {
        self.say_bytes(&rpc.into_frame()).await
    }

    /// Whatever it is.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let said = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(PATIENCE, said).await?
    }

    /// Waits until the other has ended the stream, from which nothing ever comes; whether it has.
    pub(crate) async fn is_ended(&mut self) -> bool {
        let mut rest = [0; 64];
        let ended = async { while matches!(self.stream.read(&mut rest).await, Ok(1..)) {} };
        timeout(PATIENCE, ended).await.is_ok()
    }
}

/// Milliseconds since the Unix epoch.
fn now() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

/// What gossip is spoken by in a network.
fn meshsub(realm: &Realm) -> StreamProtocol {
    StreamProtocol::try_from_owned(format!("/airway/{}/meshsub/1.1.0", realm.tag())).unwrap()
}

fn swarm(key: Keypair) -> Swarm<Behaviour> {
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Behaviour {
            doors: Streams::new(Limits::default(), OpenToAll),
            gossip: raw::Behaviour::new(),
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
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                // Connected already is as good.
                Some(Order::Dial(opts)) => drop(swarm.dial(opts)),
                Some(Order::Leave(peer)) => drop(swarm.disconnect_peer_id(peer)),
                None => return,
            },
            _ = swarm.select_next_some() => {}
        }
    }
}

async fn dial(orders: &Sender<Order>, card: &Card) {
    let opts = DialOpts::peer_id(card.peer_id()).addresses(card.addresses().to_vec()).build();
    orders.send(Order::Dial(opts)).await.ok().unwrap();
}

async fn ask_for_certificate(
    doors: &Doors,
    orders: &Sender<Order>,
    key: &Keypair,
    invite: &Invite,
) -> Certificate {
    let own = agent::public_key(&key.public().to_peer_id()).unwrap();
    let request = Request::Join { invite: invite.id(), proof: invite.prove(&own), name: None };
    let asked = async {
        let mut attempts = interval(RETRY);
        loop {
            attempts.tick().await;
            dial(orders, invite.inviter()).await;
            if let Ok(mut stream) = doors.open(invite.inviter().peer_id(), join::PROTOCOL).await
                && let Ok(Reply::Granted(Granted { certificate, .. })) =
                    join::ask(&mut stream, &request).await
            {
                return Certificate::from_bytes(&certificate, invite.realm()).unwrap();
            }
        }
    };
    timeout(PATIENCE, asked).await.unwrap()
}

/// Proves its membership to whoever asks.
async fn admit_all(mut door: Incoming, hello: Hello) {
    while let Some(mut stream) = door.next().await {
        let hello = hello.clone();
        tokio::spawn(async move {
            let Ok(theirs) = admit::hear(&mut stream).await else { return };
            // Whoever hears of a list that it has not got asks for it.
            let own = Hello { version: theirs.version, ..hello };
            if admit::answer(&mut stream, &Answer::Hello(own)).await.is_ok() {
                let _ = admit::finish(&mut stream).await;
            }
        });
    }
}

/// Takes what others say.
async fn listen(mut incoming: IncomingStreams, heard: Sender<Vec<u8>>) {
    while let Some((_, stream)) = incoming.next().await {
        tokio::spawn(hear(stream, heard.clone()));
    }
}

async fn hear(mut stream: Stream, heard: Sender<Vec<u8>>) {
    while let Ok(Some(frame)) = wire::read_frame(&mut stream, MAX_FRAME).await {
        for data in rpc::published(&frame) {
            // What nobody takes is lost.
            let _ = heard.try_send(data);
        }
    }
}
