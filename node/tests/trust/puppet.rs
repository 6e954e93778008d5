//! An agent that is nothing but its key and its doors: what it says, and when, is the test's business.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use airway::{
    Node,
    protocols::{
        address::Address,
        agent::AgentId,
        card::Card,
        knock::{self, Knock, Proof},
        port::Port,
        streams::{Behaviour, Control, Limits, OpenToAll, Stream},
        trust::{self, Answer, Draft, Kind, Statement, StatementId},
    },
};
use futures::{AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    sync::{
        mpsc::{Sender, channel},
        oneshot,
    },
    time::timeout,
};

use crate::common::{PATIENCE, until};

/// Longer than any test.
const IDLE: Duration = Duration::from_secs(3600);

/// Orders that may wait.
const ORDERS: usize = 16;

/// To dial a peer; answered when that is under way.
type Order = (PeerId, Vec<Multiaddr>, oneshot::Sender<()>);

/// See the module.
pub(super) struct Puppet {
    pub(super) key: Keypair,
    pub(super) card: Card,
    control: Control,
    dial: Sender<Order>,
    heard: Arc<Mutex<Vec<Statement>>>,
    deaf: Arc<AtomicBool>,
}

impl Puppet {
    /// Opens its doors on loopback. Whatever is said to it is heard, and kept.
    pub(super) async fn new(name: &str) -> Self {
        Self::with_key(name, Keypair::generate_ed25519()).await
    }

    /// The same with a key of the test's choice.
    pub(super) async fn with_key(name: &str, key: Keypair) -> Self {
        let mut swarm = SwarmBuilder::with_existing_identity(key.clone())
            .with_tokio()
            .with_quic()
            .with_behaviour(|_| Behaviour::new(Limits::default(), OpenToAll))
            .unwrap()
            .with_swarm_config(|config| {
                config
                    .with_idle_connection_timeout(IDLE)
                    .with_substream_upgrade_protocol_override(Version::V1Lazy)
            })
            .build();
        swarm.listen_on("/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()).unwrap();
        let control = swarm.behaviour().control();
        let heard: Arc<Mutex<Vec<Statement>>> = Arc::default();
        let deaf = Arc::<AtomicBool>::default();
        hear_all(&control, &heard, &deaf);
        let (listening, address) = oneshot::channel();
        let (dial, mut dials) = channel::<Order>(ORDERS);
        tokio::spawn(async move {
            let mut listening = Some(listening);
            loop {
                tokio::select! {
                    order = dials.recv() => match order {
                        Some((peer, to, done)) => {
                            // Connected already is as good.
                            let _ = swarm.dial(DialOpts::peer_id(peer).addresses(to).build());
                            let _ = done.send(());
                        }
                        None => return,
                    },
                    event = swarm.select_next_some() => {
                        if let SwarmEvent::NewListenAddr { address, .. } = event
                            && let Some(listening) = listening.take()
                        {
                            let _ = listening.send(address);
                        }
                    }
                }
            }
        });
        let agent = AgentId::of_peer(&key.public().to_peer_id()).unwrap();
        let (_, nonce) = Address::derive(0, &agent, 0).unwrap();
        let name = Some(name.parse().unwrap());
        let card = Card::sign(&key, 0, nonce, name, &[address.await.unwrap()]).unwrap();
        Self { key, card, control, dial, heard, deaf }
    }

    /// Whether it ends whatever is said to it by those whom it knows, before it has heard any of it.
    pub(super) fn set_deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::Relaxed);
    }

    pub(super) fn agent(&self) -> AgentId {
        self.card.agent_id()
    }

    /// Signs a statement to an agent.
    pub(super) fn sign(&self, to: &AgentId, draft: Draft) -> Statement {
        Statement::sign(&self.key, to, draft).unwrap()
    }

    /// A request of this generation and time.
    pub(super) fn request(&self, to: &AgentId, generation: u64, at: u64) -> Statement {
        self.sign(to, Draft { card: Some(self.card.clone()), ..draft(Kind::Request, generation, at) })
    }

    /// Says something to a node: to the door of strangers, and whatever it is.
    pub(super) async fn knock(&self, node: &Node, statement: &[u8], ticket: Option<Proof>) {
        // Strangers are not kept for long: the connection may go away at any time.
        until("the knock is answered", async || self.try_knock(node, statement, ticket).await).await;
    }

    /// The same once; `false` if it was not answered.
    pub(super) async fn try_knock(&self, node: &Node, statement: &[u8], ticket: Option<Proof>) -> bool {
        let knock = Knock { statement: statement.to_vec(), ticket };
        let peer = self.meet(node).await;
        let Ok(mut stream) = self.control.open(peer, knock::PROTOCOL).await else { return false };
        knock::knock(&mut stream, &knock).await.is_ok()
    }

    /// Begins to say something on many streams, until one is turned away, and goes no further.
    pub(super) async fn linger(&self, node: &Node, streams: usize) -> Vec<Stream> {
        let peer = self.meet(node).await;
        let mut held = Vec::new();
        for _ in 0..streams {
            let mut stream = self.control.open(peer, knock::PROTOCOL).await.unwrap();
            // Half of the length of a frame.
            stream.write_all(&[0x80]).await.unwrap();
            stream.flush().await.unwrap();
            held.push(stream);
        }
        let last = held.last_mut().unwrap().accepted();
        timeout(PATIENCE, last).await.unwrap().unwrap_err();
        held
    }

    /// Says something at the door of those who are known; `None` if it is shut.
    pub(super) async fn tell(&self, node: &Node, statement: &Statement) -> Option<Answer> {
        let told = async {
            let peer = self.meet(node).await;
            let mut stream = self.control.open(peer, trust::PROTOCOL).await.ok()?;
            trust::tell(&mut stream, statement).await.ok()
        };
        timeout(PATIENCE, told).await.unwrap()
    }

    /// Says it where it is heard.
    pub(super) async fn say(&self, node: &Node, statement: &Statement) {
        if self.tell(node, statement).await.is_none() {
            self.knock(node, statement.as_bytes(), None).await;
        }
    }

    /// Opens a stream to a port of a node, and waits until it is taken; says how it failed.
    pub(super) async fn open(&self, node: &Node, port: Port) -> Result<Stream, String> {
        let opened = async {
            let peer = self.meet(node).await;
            let mut stream =
                self.control.open(peer, port.protocol()).await.map_err(|error| error.to_string())?;
            stream.accepted().await.map_err(|error| error.to_string())?;
            Ok(stream)
        };
        timeout(PATIENCE, opened).await.unwrap()
    }

    async fn meet(&self, node: &Node) -> PeerId {
        let card = node.card().unwrap();
        let (done, dialled) = oneshot::channel();
        self.dial.send((card.peer_id(), card.addresses().to_vec(), done)).await.unwrap();
        dialled.await.unwrap();
        card.peer_id()
    }

    /// All that was said to it so far.
    pub(super) fn heard(&self) -> Vec<Statement> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits for the next statement of this kind behind those that were there before.
    pub(super) async fn hears(&self, kind: Kind, after: usize) -> Statement {
        let next = || self.heard().into_iter().skip(after).find(|statement| statement.kind() == kind);
        until("the puppet has heard", async || next().is_some()).await;
        next().unwrap()
    }
}

/// Takes whatever is said at either door, until the swarm ends.
fn hear_all(control: &Control, heard: &Arc<Mutex<Vec<Statement>>>, deaf: &Arc<AtomicBool>) {
    let mut told = control.listen(trust::PROTOCOL, 16).unwrap();
    let (kept, closed) = (heard.clone(), deaf.clone());
    tokio::spawn(async move {
        while let Some(mut stream) = told.next().await {
            if closed.load(Ordering::Relaxed) {
                continue;
            }
            let Ok(bytes) = trust::hear(&mut stream).await else { continue };
            kept.lock().unwrap().push(Statement::from_bytes(&bytes).unwrap());
            let _ = trust::answer(&mut stream, Answer::Taken).await;
        }
    });
    let mut knocks = control.listen(knock::PROTOCOL, 16).unwrap();
    let kept = heard.clone();
    tokio::spawn(async move {
        while let Some(mut stream) = knocks.next().await {
            let Ok(knock) = knock::hear(&mut stream).await else { continue };
            kept.lock().unwrap().push(Statement::from_bytes(&knock.statement).unwrap());
            let _ = knock::answer(&mut stream).await;
        }
    });
}

/// Nothing but what every statement has.
pub(super) fn draft(kind: Kind, generation: u64, at: u64) -> Draft {
    Draft { kind, generation, at, text: None, answers: None, scopes: None, card: None }
}

/// An answer to a request.
pub(super) fn answering(kind: Kind, generation: u64, at: u64, request: StatementId) -> Draft {
    Draft { answers: Some(request), ..draft(kind, generation, at) }
}

/// Milliseconds since the Unix epoch.
pub(super) fn now() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}
