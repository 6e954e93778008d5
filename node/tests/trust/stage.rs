//! Two agents who trust each other and are busy in every way there is, again and again.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use airway::{
    Contact, Node, Outgoing,
    protocols::{port::Port, streams::Stream},
    store::Clear,
};
use tempfile::TempDir;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::meter::{Meter, Metered, Role, play};
use crate::common::{Agent, PATIENCE, befriend, until};

/// A program of alice listens here and sends back what it gets.
pub(super) const ECHOING: u16 = 5001;

/// Here it reads and writes as fast as it goes.
pub(super) const POURING: u16 = 5002;

/// A program of bob, which alice's dials.
const DIALLED: u16 = 5003;

/// Streams of each kind; with three lanes of messages and one of files they are 64.
const ECHOES: usize = 28;
const POURS: usize = 4;
const PINGS: usize = 16;
const DIALS: usize = 12;
const SENDERS: usize = 3;

/// How long a message may take, before its sender takes it that nobody is there.
const SEND: Duration = Duration::from_secs(3);

/// Bytes of a file: it is on its way when the trust ends, more often than not.
const FILE: usize = 2 << 20;

pub(super) fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

/// Takes streams on a port for as long as the node runs, whoever is trusted meanwhile.
struct Programs {
    meter: Arc<Mutex<Arc<Meter>>>,
    ended: Arc<Mutex<Vec<JoinHandle<Instant>>>>,
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

    fn take(&self) -> Vec<JoinHandle<Instant>> {
        std::mem::take(&mut self.ended.lock().unwrap())
    }
}

async fn playing(role: Role, stream: Stream, meter: Arc<Meter>) -> Instant {
    play(role, Metered::new(stream, &meter)).await;
    Instant::now()
}

/// Alice and bob, and what they run.
pub(super) struct Stage {
    pub(super) alice: Agent,
    pub(super) bob: Agent,
    alices: Programs,
    bobs: Programs,
    dir: TempDir,
}

/// One time of trust, with everything under way.
pub(super) struct Scene {
    pub(super) alices: Arc<Meter>,
    bobs: Arc<Meter>,
    /// What bob sends is over when alice's is; what he reads is not.
    pub(super) sends: Arc<Meter>,
    at_alice: JoinSet<Instant>,
    at_bob: JoinSet<Instant>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
        let (alices, bobs) = (Programs::new(), Programs::new());
        alices.listen(&alice.node, ECHOING, Role::Echo);
        alices.listen(&alice.node, POURING, Role::Pour);
        bobs.listen(&bob.node, DIALLED, Role::Echo);
        let dir = TempDir::with_prefix("airway-").unwrap();
        std::fs::write(dir.path().join("file"), vec![7; FILE]).unwrap();
        Self { alice, bob, alices, bobs, dir }
    }

    /// Makes them trust each other if they do not, opens everything, and waits until each stream is busy.
    pub(super) async fn begin(&self) -> Scene {
        let mut scene = Scene {
            alices: self.alices.begin(),
            bobs: self.bobs.begin(),
            sends: Arc::default(),
            at_alice: JoinSet::new(),
            at_bob: JoinSet::new(),
        };
        if self.alice.node.contacts().is_empty() {
            befriend(&self.alice, &self.bob).await;
        }
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
        scene.at_bob.spawn(send_files(
            self.bob.node.clone(),
            alice,
            self.dir.path().join("file"),
            scene.sends.clone(),
        ));
        until("all are busy", async || {
            scene.alices.busy() == ECHOES + POURS + DIALS
                && scene.bobs.busy() == ECHOES + POURS + PINGS + DIALS
                && *self.alice.node.newest().borrow() > newest
        })
        .await;
        scene
    }

    /// Waits until all that the end of trust was to end has ended; says how long that took on either side.
    pub(super) async fn ended(&self, mut scene: Scene, since: Instant) -> [Duration; 2] {
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

    /// Clears alice's inbox, so that it does not grow from round to round.
    pub(super) async fn sweep(&self) {
        self.alice.node.clear(Clear::All).await.unwrap();
    }

    /// Waits until neither trusts the other.
    pub(super) async fn apart(&self) {
        until("both know", async || {
            self.bob.node.contacts().is_empty() && self.alice.node.contacts().is_empty()
        })
        .await;
    }
}

/// Sends messages until one does not arrive. None that begins when it is over may.
async fn send_on(node: Node, to: Contact, meter: Arc<Meter>) -> Instant {
    loop {
        let late = meter.is_over();
        let message = Outgoing { wait: SEND, ..Outgoing::text("hello").now() };
        let sent = node.send(&to, message).await;
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
        if node.try_send_file(&to, &file, None, |_| {}).await.is_err() {
            return Instant::now();
        }
        if late {
            meter.note_late();
        }
    }
}
