//! Strangers by the thousand at the door of one agent: who is trusted hardly notices, and nothing grows.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use airway::{
    DEFAULT_WAIT, Node, Request, Standing, TICKET_LIFE, Terms,
    protocols::{
        address::Address,
        agent::AgentId,
        card::Card,
        echo,
        knock::{self, Knock, Proof},
        port::Port,
        streams::{Behaviour, Control, Limits, OpenToAll},
        ticket::TicketId,
        trust::{Draft, Kind, Statement},
    },
    store::MAX_PENDING,
};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    runtime,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::puppet::{Puppet, draft, now};
use crate::{
    common::{Agent, befriend},
    memory::resident,
    size::size,
};

/// Networks of 256 addresses that they come from, all of this machine.
const NETWORKS: usize = 40;

/// Threads of the crowd, and clients that are under way on each. One thread: a crowd has machines of its own, and is not to
/// take the agent's.
const THREADS: usize = 1;
const AT_ONCE: usize = 32;

/// Between two measurements.
const PACE: Duration = Duration::from_millis(5);

/// How long a client tries.
const TRY: Duration = Duration::from_secs(5);

/// What one network can have at the door at once: the burst of its budget, and a little for the time that passes.
const OF_ONE_NETWORK: usize = 22;

/// The same of all together: the burst, and one for each half minute.
const OF_ALL: usize = 60;

/// What became of the knocks of a crowd.
#[derive(Debug, Default)]
struct Tally {
    next: AtomicUsize,
    answered: AtomicUsize,
    refused: AtomicUsize,
    unconnected: AtomicUsize,
}

/// Whom they knock at.
#[derive(Debug, Clone)]
struct Target {
    agent: AgentId,
    peer: PeerId,
    addresses: Vec<Multiaddr>,
}

/// A swarm with a new key that comes from an address of its own.
fn client(network: usize, host: usize) -> (Keypair, Swarm<Behaviour>, Control) {
    let key = Keypair::generate_ed25519();
    let mut swarm = SwarmBuilder::with_existing_identity(key.clone())
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Behaviour::new(Limits::default(), OpenToAll))
        .unwrap()
        .with_swarm_config(|config| {
            config.with_idle_connection_timeout(TRY).with_substream_upgrade_protocol_override(Version::V1Lazy)
        })
        .build();
    let address = format!("/ip4/127.1.{network}.{host}/udp/0/quic-v1");
    swarm.listen_on(address.parse().unwrap()).unwrap();
    let control = swarm.behaviour().control();
    (key, swarm, control)
}

/// What the n-th of a crowd says: most of it a good request, some of it rubbish or with a ticket that there is not.
fn said(n: usize, key: &Keypair, to: &AgentId, network: usize) -> Knock {
    let agent = AgentId::of_peer(&key.public().to_peer_id()).unwrap();
    let (_, nonce) = Address::derive(0, &agent, 0).unwrap();
    let name = Some(format!("net-{network}").parse().unwrap());
    let card = Card::sign(key, 0, nonce, name, &["/ip4/127.0.0.1/udp/9/quic-v1".parse().unwrap()]).unwrap();
    let draft = Draft { card: Some(card), text: Some("let me in".into()), ..draft(Kind::Request, 1, now()) };
    let statement = Statement::sign(key, to, draft).unwrap().as_bytes().to_vec();
    match n % 5 {
        0 => Knock { statement: vec![0xFF; 3000], ticket: None },
        1 => {
            let proof = Proof { ticket: TicketId::from_bytes(rand::random()), proof: [7; 32] };
            Knock { statement, ticket: Some(proof) }
        }
        _ => Knock { statement, ticket: None },
    }
}

/// One identity knocks once.
async fn knock_once(n: usize, target: Target, tally: Arc<Tally>) {
    let (network, host) = (n % NETWORKS, 1 + n / NETWORKS % 254);
    let (key, mut swarm, control) = client(network, host);
    let knock = said(n, &key, &target.agent, network);
    while !matches!(swarm.select_next_some().await, SwarmEvent::NewListenAddr { .. }) {}
    swarm.dial(DialOpts::peer_id(target.peer).addresses(target.addresses).build()).unwrap();
    let connected = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { .. } => return true,
                SwarmEvent::OutgoingConnectionError { .. } => return false,
                _ => {}
            }
        }
    };
    if !timeout(TRY, connected).await.unwrap_or(false) {
        tally.unconnected.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let knocked = async {
        let mut stream = control.open(target.peer, knock::PROTOCOL).await.ok()?;
        knock::knock(&mut stream, &knock).await.ok()
    };
    let outcome = tokio::select! {
        outcome = timeout(TRY, knocked) => outcome.ok().flatten(),
        () = async { loop { swarm.select_next_some().await; } } => None,
    };
    let count = if outcome.is_some() { &tally.answered } else { &tally.refused };
    count.fetch_add(1, Ordering::Relaxed);
}

/// A crowd up to this number, on threads of its own.
fn crowd(last: usize, target: &Target, tally: &Arc<Tally>) -> Vec<JoinHandle<()>> {
    let thread = || {
        let (target, tally) = (target.clone(), tally.clone());
        std::thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut clients = JoinSet::new();
                for _ in 0..AT_ONCE {
                    let (target, tally) = (target.clone(), tally.clone());
                    clients.spawn(async move {
                        loop {
                            let n = tally.next.fetch_add(1, Ordering::Relaxed);
                            if n >= last {
                                return;
                            }
                            knock_once(n, target.clone(), tally.clone()).await;
                        }
                    });
                }
                clients.join_all().await;
            });
        })
    };
    (0..THREADS).map(|_| thread()).collect()
}

/// Round trips on an open stream, and on new ones, until told to stop, or until there are `most`.
async fn trips(bob: &Node, stop: &AtomicBool, most: usize) -> [Vec<Duration>; 2] {
    let alice = bob.find("alice").unwrap();
    let mut stream = bob.dial(&alice, Port::ECHO, DEFAULT_WAIT).await.unwrap();
    let mut times = [Vec::new(), Vec::new()];
    // Not as fast as it can: whoever measures is not to be the load.
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.load(Ordering::Relaxed) && times[0].len() < most {
        let start = Instant::now();
        echo::ping(&mut stream, &[7; 64]).await.unwrap();
        times[0].push(start.elapsed());
        let start = Instant::now();
        bob.ping(&alice, DEFAULT_WAIT).await.unwrap();
        times[1].push(start.elapsed());
        pace.tick().await;
    }
    times
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Bytes of the files in a home.
fn on_disk(home: &Path) -> u64 {
    let entries = fs::read_dir(home).unwrap().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|file| file.len())
        .sum()
}

async fn pending(node: &Node) -> Vec<Request> {
    node.requests(&[Standing::Pending]).await.unwrap()
}

/// Somebody with a ticket knocks until it is heard.
async fn invited(name: &str, alice: &Agent, confirms: bool) -> Puppet {
    let ticket = alice.node.ticket(Terms::default(), TICKET_LIFE, confirms).await.unwrap();
    let puppet = Puppet::new(name).await;
    let request = puppet.request(&alice.node.me().agent, 1, now());
    puppet.knock(&alice.node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    puppet
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn a_flood_of_knocks_buries_nobody_and_leaves_little_behind() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    befriend(&alice, &bob).await;
    let carol = invited("carol", &alice, true).await;
    assert_eq!(pending(&alice.node).await.len(), 1);
    let mut before = trips(&bob.node, &AtomicBool::new(false), size(200, 1000)).await;
    let (memory, disk) = (resident(), on_disk(alice.home.path()));

    let card = alice.node.card().unwrap();
    let addresses =
        card.addresses().iter().filter(|address| address.to_string().contains("quic")).cloned().collect();
    let target = Target { agent: card.agent_id(), peer: card.peer_id(), addresses };
    let (tally, count, start) = (Arc::<Tally>::default(), size(300, 10_000), Instant::now());
    let over = Arc::new(AtomicBool::new(false));
    let (knocking, ended) = (tally.clone(), over.clone());
    // In waves: whatever the first leaves behind, not all that follow may leave it again.
    let joined = tokio::task::spawn_blocking(move || {
        let held = [(); 3].map(|()| {
            let last = knocking.next.load(Ordering::Relaxed) + count / 3;
            crowd(last, &target, &knocking).into_iter().for_each(|thread| thread.join().unwrap());
            resident()
        });
        ended.store(true, Ordering::Relaxed);
        held
    });
    let (mut during, dave) =
        tokio::join!(trips(&bob.node, &over, usize::MAX), invited("dave", &alice, false));
    let [first, second, third] = joined.await.unwrap();
    let took = start.elapsed();

    let [(open, open_before), (new, new_before)] =
        [0, 1].map(|kind| (median(&mut during[kind]), median(&mut before[kind])));
    let ratio = |during: Duration, before: Duration| during.as_secs_f64() / before.as_secs_f64();
    eprintln!("{count} knocks in {took:.1?}: {tally:?}");
    eprintln!("round trip {open:?}, {:.2} times {open_before:?}", ratio(open, open_before));
    eprintln!("new stream {new:?}, {:.2} times {new_before:?}", ratio(new, new_before));
    let grown = [first.saturating_sub(memory), second.saturating_sub(first), third.saturating_sub(second)];
    let written = on_disk(alice.home.path()).saturating_sub(disk);
    let kib = grown.map(|bytes| bytes >> 10);
    eprintln!("memory, the crowd's too: {kib:?} KiB more in each wave; database: {} KiB more", written >> 10);

    assert!(!during[0].is_empty() && !during[1].is_empty());
    assert!(tally.answered.load(Ordering::Relaxed) > 0);
    // The crowd itself takes memory: in the first wave, and in the one in which most of it happens to run at once. What is left
    // behind would be taken in every wave.
    assert!(grown[1].min(grown[2]) < 128 << 20, "{grown:?}");
    assert!(written < 8 << 20, "{written}");
    let waiting = pending(&alice.node).await;
    let all = OF_ALL + usize::try_from(took.as_secs() / 30).unwrap() + 2;
    assert!(waiting.len() <= MAX_PENDING.min(all), "{}", waiting.len());
    let mut of_network: HashMap<_, usize> = HashMap::new();
    for request in waiting.iter().filter(|request| !request.invited) {
        *of_network.entry(request.name.clone()).or_default() += 1;
    }
    assert!(of_network.values().all(|&of_one| of_one <= OF_ONE_NETWORK), "{of_network:?}");
    assert!(waiting.iter().any(|request| request.agent == carol.agent() && request.invited));
    assert!(alice.node.contact(&dave.agent()).is_some(), "the ticket of dave counts in any crowd");
    assert!(alice.node.trust_log(1000, None).await.unwrap().len() <= 2 * all + 8);
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
}
