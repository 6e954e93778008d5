//! A network of agents in several processes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt as _, stream};
use tempfile::TempDir;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

use crate::{
    agent::Agent,
    process::Process,
    size::{is_full, size},
    wire::Settings,
};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(180);

/// Agents that start and join at the same time.
pub(crate) const AT_ONCE: usize = 6;

/// Servers that keep each claim, at most.
const REPLICAS: usize = 20;

/// In full one network at a time: figures of two at once say nothing.
static TURN: Mutex<()> = Mutex::const_new(());

/// What part agents take in the DHT: what they find out, which takes them some seconds, or all of it at once.
pub(crate) fn dht() -> &'static str {
    size("server", "auto")
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Mesh {
    /// A relay server, with a process of its own; it alone is named in the invite.
    pub(crate) founder: Agent,
    /// For any number of agents.
    pub(crate) invite: String,
    homes: TempDir,
    processes: AtomicUsize,
    agents: AtomicUsize,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl Mesh {
    /// A network with nobody in it but its founder.
    pub(crate) async fn new() -> Self {
        let turn = if is_full() { Some(TURN.lock().await) } else { None };
        let homes = TempDir::with_prefix("airway-").unwrap();
        let process = Process::start(0);
        let mut settings = settings(&homes, 0, 0, dht());
        settings.relay_server = true;
        let mut founder = Agent::start(&process, 0, settings).await;
        founder.found().await;
        let invite = founder.invite(false).await;
        let (processes, agents) = (1.into(), 1.into());
        Self { founder, invite, homes, processes, agents, _turn: turn }
    }

    pub(crate) fn process(&self) -> Arc<Process> {
        Process::start(self.processes.fetch_add(1, Ordering::Relaxed))
    }

    /// An agent with a new key, in no network yet.
    pub(crate) async fn agent(&self, process: &Arc<Process>, dht: &str) -> Agent {
        let number = self.agents.fetch_add(1, Ordering::Relaxed);
        Agent::start(process, number, settings(&self.homes, process.number, number, dht)).await
    }

    /// Agents in one process that join by an invite, and how long each needed for that.
    pub(crate) async fn join(
        &self,
        process: &Arc<Process>,
        count: usize,
        dht: &str,
        invite: &str,
    ) -> Vec<(Agent, f64)> {
        let joining = (0..count).map(|_| async {
            let mut agent = self.agent(process, dht).await;
            let took = agent.join(invite).await.unwrap_or_else(|error| panic!("{}: {error}", agent.name()));
            (agent, took)
        });
        stream::iter(joining).buffer_unordered(AT_ONCE).collect().await
    }

    /// The same, in a process of their own, by the founder's invite.
    pub(crate) async fn grow(&self, count: usize) -> Vec<Agent> {
        self.grow_as(count, dht()).await
    }

    /// The same in this part.
    pub(crate) async fn grow_as(&self, count: usize, dht: &str) -> Vec<Agent> {
        let joined = self.join(&self.process(), count, dht, &self.invite).await;
        joined.into_iter().map(|(agent, _)| agent).collect()
    }
}

/// Each agent has an IP address of its own where loopback has more than one, as it would elsewhere.
fn settings(homes: &TempDir, process: usize, number: usize, dht: &str) -> Settings {
    let name = format!("agent-{number}");
    let ip = if cfg!(target_os = "linux") {
        format!("127.0.{process}.{}", number % 250 + 1)
    } else {
        "127.0.0.1".into()
    };
    let listen = format!("/ip4/{ip}/udp/0/quic-v1");
    Settings { home: homes.path().join(&name), name, listen, dht: dht.into(), relay_server: false }
}

/// Waits until a condition holds; returns how long.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

/// Waits until each of these is found on half as many servers as keep a claim in a network of so many.
pub(crate) async fn published(agents: &[Agent], servers: usize) -> Duration {
    let start = Instant::now();
    for agent in agents {
        until("the agent is published", async || agent.network().await.stored * 2 >= servers.min(REPLICAS))
            .await;
    }
    start.elapsed()
}
