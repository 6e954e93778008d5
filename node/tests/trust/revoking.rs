//! The end of trust while everything is busy: from its return on, nobody is served.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use airway::{
    Contact, DEFAULT_WAIT, Node, Outgoing,
    protocols::{port::Port, streams::Stream},
};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};

use super::meter::{Meter, Metered, Role, play};
use crate::{
    common::{Agent, PATIENCE, befriend, until},
    size::size,
};

/// A program of alice listens here and sends back what it gets.
const ECHOING: u16 = 5001;

/// Here it reads and writes as fast as it goes.
const POURING: u16 = 5002;

/// A program of bob, which alice's dials.
const DIALLED: u16 = 5003;

/// Streams of each kind; with three lanes of messages and one of files they are 64.
const ECHOES: usize = 28;
const POURS: usize = 4;
const PINGS: usize = 16;
const DIALS: usize = 12;
const SENDERS: usize = 3;

/// Bytes of a file: it is on its way when the trust ends, more often than not.
const FILE: usize = 2 << 20;

fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

/// Takes streams on a port for as long as the node runs, whoever is trusted meanwhile.
struct Programs {
    meter: Arc<std::sync::Mutex<Arc<Meter>>>,
    ended: Arc<std::sync::Mutex<Vec<tokio::task::JoinHandle<Instant>>>>,
}

impl Programs {
    fn new() -> Self {
        Self { meter: Arc::default(), ended: Arc::default() }
    }

    fn listen(&self, node: &Node, on: u16, role: Role) {
        let mut listener = node.listen(port(on)).unwrap();
        let (meter, ended) = (self.meter.clone(), self.ended.clone());
        tokio::spawn(async move {
            while let Some((_, stream)) = listener.accept().await {
                let meter = meter.lock().unwrap().clone();
                ended.lock().unwrap().push(tokio::spawn(playing(role, stream, meter)));
            }
        });
    }

    /// A meter for what comes from now on.
    fn begin(&self) -> Arc<Meter> {
        let meter = Arc::<Meter>::default();
        *self.meter.lock().unwrap() = meter.clone();
        meter
    }

    fn take(&self) -> Vec<tokio::task::JoinHandle<Instant>> {
        std::mem::take(&mut self.ended.lock().unwrap())
    }
}

async fn playing(role: Role, stream: Stream, meter: Arc<Meter>) -> Instant {
    play(role, Metered::new(stream, &meter)).await;
    Instant::now()
}

/// Alice and bob, and what they run.
struct Stage {
    alice: Agent,
    bob: Agent,
    alices: Programs,
    bobs: Programs,
    dir: TempDir,
}

/// One time of trust, with everything under way.
struct Scene {
    alices: Arc<Meter>,
    bobs: Arc<Meter>,
    /// What bob sends is over when alice's is; what he reads is not.
    sends: Arc<Meter>,
    at_alice: JoinSet<Instant>,
    at_bob: JoinSet<Instant>,
}

impl Stage {
    async fn new() -> Self {
        let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
        let (alices, bobs) = (Programs::new(), Programs::new());
        alices.listen(&alice.node, ECHOING, Role::Echo);
        alices.listen(&alice.node, POURING, Role::Pour);
        bobs.listen(&bob.node, DIALLED, Role::Echo);
        let dir = TempDir::with_prefix("airway-").unwrap();
        std::fs::write(dir.path().join("file"), vec![7; FILE]).unwrap();
        Self { alice, bob, alices, bobs, dir }
    }

    /// Makes them trust each other, opens everything, and waits until each stream is busy.
    async fn begin(&self) -> Scene {
        let mut scene = Scene {
            alices: self.alices.begin(),
            bobs: self.bobs.begin(),
            sends: Arc::default(),
            at_alice: JoinSet::new(),
            at_bob: JoinSet::new(),
        };
        befriend(&self.alice, &self.bob).await;
        let (alice, bob) = (self.bob.who("alice"), self.alice.who("bob"));
        let bobs = [(ECHOES, ECHOING, Role::Ask), (POURS, POURING, Role::Pour), (PINGS, 7, Role::Ask)];
        for (count, to, role) in bobs {
            for _ in 0..count {
                let stream = self.bob.node.open(&alice, port(to), PATIENCE).await.unwrap();
                scene.at_bob.spawn(playing(role, stream, scene.bobs.clone()));
            }
        }
        for _ in 0..DIALS {
            let stream = self.alice.node.open(&bob, port(DIALLED), PATIENCE).await.unwrap();
            scene.at_alice.spawn(playing(Role::Ask, stream, scene.alices.clone()));
        }
        let newest = *self.alice.node.newest().borrow();
        for _ in 0..SENDERS {
            scene.at_bob.spawn(send_on(self.bob.node.clone(), alice.clone(), scene.sends.clone()));
        }
        scene.at_bob.spawn(send_files(self.bob.node.clone(), alice, self.dir.path().join("file"), scene.sends.clone()));
        until("all are busy", async || {
            scene.alices.busy() == ECHOES + POURS + DIALS
                && scene.bobs.busy() == ECHOES + POURS + PINGS + DIALS
                && *self.alice.node.newest().borrow() > newest
        })
        .await;
        scene
    }

    /// Waits until all that the end of trust was to end has ended; says how long that took on either side.
    async fn ended(&self, mut scene: Scene, since: Instant) -> [Duration; 2] {
        for (programs, tasks) in [(&self.alices, &mut scene.at_alice), (&self.bobs, &mut scene.at_bob)] {
            for task in programs.take() {
                tasks.spawn(async move { task.await.unwrap() });
            }
        }
        let last = async |tasks: JoinSet<Instant>| tasks.join_all().await.into_iter().max().unwrap();
        let both = async { tokio::join!(last(scene.at_alice), last(scene.at_bob)) };
        let (alice, bob) = timeout(PATIENCE, both).await.unwrap();
        [alice - since, bob - since]
    }

    /// What of bob is in alice's inbox, cleared so that it does not grow; and the number of the newest.
    async fn sweep(&self) -> u64 {
        self.alice.node.clear(airway::store::Clear::All).await.unwrap();
        *self.alice.node.newest().borrow()
    }

    /// Waits until neither trusts the other.
    async fn apart(&self) {
        until("both know", async || self.bob.node.contacts().is_empty() && self.alice.node.contacts().is_empty()).await;
    }
}

/// Sends messages until one does not arrive. None that begins when it is over may.
async fn send_on(node: Node, to: Contact, meter: Arc<Meter>) -> Instant {
    loop {
        let late = meter.is_over();
        let sent = node.send(&to, Outgoing::text("hello").now()).await;
        match sent {
            Ok(sent) if sent.is_delivered() => {}
            Ok(_) | Err(_) => return Instant::now(),
        }
        if late {
            meter.note_late();
        }
    }
}

/// The same with files.
async fn send_files(node: Node, to: Contact, file: PathBuf, meter: Arc<Meter>) -> Instant {
    loop {
        let late = meter.is_over();
        if node.try_send_file(&to, Path::new(&file), None, |_| {}).await.is_err() {
            return Instant::now();
        }
        if late {
            meter.note_late();
        }
    }
}

#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    eprintln!("{what}: p50 {:?}, p99 {:?}, of {}", at(50), at(99), times.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn from_the_return_of_untrust_on_nothing_is_served_to_64_busy_streams() {
    let stage = Stage::new().await;
    let (mut returned, mut here, mut there) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..size(10, 1000) {
        let scene = stage.begin().await;
        let (alices, sends) = (scene.alices.clone(), scene.sends.clone());
        let since = Instant::now();
        stage.alice.node.untrust("bob", None).await.unwrap();
        alices.end();
        sends.end();
        let newest = *stage.alice.node.newest().borrow();
        returned.push(since.elapsed());
        let stored = stage.alice.node.inbox(airway::store::Filter::default()).await.unwrap().len();

        let [alice, bob] = stage.ended(scene, since).await;
        here.push(alice);
        there.push(bob);
        assert_eq!((alices.late(), sends.late()), (0, 0), "round {round}: {} bytes before", alices.bytes());
        assert!(alices.cuts() > 0);
        // What was in flight may still arrive at bob, but nothing that he sends then gets an answer.
        stage.apart().await;
        assert_eq!(*stage.alice.node.newest().borrow(), newest, "round {round}");
        assert_eq!(stage.alice.node.inbox(airway::store::Filter::default()).await.unwrap().len(), stored);
        assert!(stage.alice.node.connections().is_empty());
        stage.sweep().await;
    }
    print("untrust returns", returned);
    print("the last stream at alice has ended", here);
    print("bob has noticed on all his streams", there);
}

/// Dials a port in a loop on many tasks; none that begins when it is over may be taken.
fn hammer(node: &Node, to: &Contact, meter: &Arc<Meter>, tasks: usize) -> JoinSet<()> {
    let mut hammers = JoinSet::new();
    for _ in 0..tasks {
        let (node, to, meter) = (node.clone(), to.clone(), meter.clone());
        hammers.spawn(async move {
            loop {
                let late = meter.is_over();
                let dialled = node.dial(&to, Port::ECHO, DEFAULT_WAIT).await;
                if late {
                    if dialled.is_ok() {
                        meter.note_late();
                    }
                    return;
                }
                if let Ok(stream) = dialled {
                    drop(Metered::new(stream, &meter));
                }
            }
        });
    }
    hammers
}

async fn finish(hammers: JoinSet<()>) {
    timeout(PATIENCE, hammers.join_all()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_hammers_at_the_ports_meanwhile_gets_nothing_more() {
    let stage = Stage::new().await;
    for round in 0..size(3, 100) {
        let scene = stage.begin().await;
        let meter = Arc::<Meter>::default();
        let hammers = hammer(&stage.bob.node, &stage.bob.who("alice"), &meter, 8);
        let since = Instant::now();
        stage.alice.node.untrust("bob", None).await.unwrap();
        meter.end();
        scene.alices.end();
        let alices = scene.alices.clone();
        stage.ended(scene, since).await;
        finish(hammers).await;
        assert_eq!((meter.late(), alices.late()), (0, 0), "round {round}");
        stage.apart().await;
        stage.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_may_end_it_at_once() {
    let stage = Stage::new().await;
    for round in 0..size(3, 100) {
        let scene = stage.begin().await;
        let alices = scene.alices.clone();
        let since = Instant::now();
        let end = async |agent: &Agent, who: &str, meter: &Meter| {
            // Whoever is second may have heard of it already.
            let ended = agent.node.untrust(who, None).await;
            meter.end();
            ended.is_ok()
        };
        let bobs = Meter::default();
        let (first, second) = tokio::join!(end(&stage.alice, "bob", &alices), end(&stage.bob, "alice", &bobs));
        assert!(first || second);
        stage.ended(scene, since).await;
        assert_eq!(alices.late(), 0, "round {round}");
        stage.apart().await;
        stage.sweep().await;
    }
}
