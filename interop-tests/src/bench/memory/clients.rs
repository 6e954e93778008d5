//! Stock swarms that connect and stay.

use std::{io, sync::Arc, time::Duration};

use futures::StreamExt as _;
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder, identify,
    identity::{Keypair, PublicKey},
    ping,
    swarm::{NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::timeout,
};

use super::super::{child::Ready, plain::IDLE};

/// Handshakes at once: half of what a node lets be under way.
const DIALLING: usize = 16;

/// Clients that are not connected, identified and answered by then will not be.
const PATIENCE: Duration = Duration::from_secs(240);

/// What a stock peer speaks; the plain holder too.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    stream: libp2p_stream::Behaviour,
}

impl Behaviour {
    pub(super) fn new(key: PublicKey) -> Self {
        Self {
            identify: identify::Behaviour::new(identify::Config::new("/bench/1".into(), key)),
            ping: ping::Behaviour::default(),
            stream: libp2p_stream::Behaviour::new(),
        }
    }
}

/// The key of a client: the holder makes the same ones, to trust them.
pub(super) fn key(index: usize) -> io::Result<Keypair> {
    let mut seed = [0xa5; 32];
    seed[..size_of::<u64>()].copy_from_slice(&(index as u64).to_be_bytes());
    Keypair::ed25519_from_bytes(seed).map_err(io::Error::other)
}

/// Connected clients; dropping them ends them.
#[derive(Debug)]
pub(super) struct Clients(JoinSet<io::Error>);

impl Clients {
    /// Connects so many clients, and returns when each has been identified and has seen so many pings answered.
    pub(super) async fn connect(holder: &Ready, count: usize, pings: usize) -> io::Result<Self> {
        let address: Multiaddr = holder.listening.parse().map_err(io::Error::other)?;
        let (done, mut settled) = mpsc::channel(count);
        let turns = Arc::new(Semaphore::new(DIALLING));
        let mut clients = JoinSet::new();
        for index in 0..count {
            let client = Client { pings, settled: Some(done.clone()), turns: turns.clone() };
            clients.spawn(client.run(key(index)?, address.clone()));
        }
        let settling = async {
            for _ in 0..count {
                tokio::select! {
                    Some(()) = settled.recv() => {}
                    Some(ended) = clients.join_next() => return Err(ended?),
                }
            }
            Ok(())
        };
        timeout(PATIENCE, settling).await??;
        Ok(Self(clients))
    }

    /// Fails if a client has lost its connection.
    pub(super) fn check(&mut self) -> io::Result<()> {
        match self.0.try_join_next() {
            Some(ended) => Err(ended?),
            None => Ok(()),
        }
    }
}

struct Client {
    pings: usize,
    settled: Option<mpsc::Sender<()>>,
    turns: Arc<Semaphore>,
}

impl Client {
    /// Runs until the connection is lost, and says why it was.
    async fn run(self, key: Keypair, holder: Multiaddr) -> io::Error {
        match self.stay(key, holder).await {
            Ok(()) => io::Error::other("a client lost its connection"),
            Err(error) => error,
        }
    }

    async fn stay(mut self, key: Keypair, holder: Multiaddr) -> io::Result<()> {
        let turn = self.turns.clone().acquire_owned().await.map_err(io::Error::other)?;
        let mut turn = Some(turn);
        let mut swarm = swarm(key)?;
        swarm.dial(DialOpts::from(holder)).map_err(io::Error::other)?;
        let (mut received, mut sent, mut pings) = (false, false, 0);
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::OutgoingConnectionError { error, .. } => return Err(io::Error::other(error)),
                SwarmEvent::ConnectionClosed { .. } => return Ok(()),
                SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => {
                    received |= matches!(event, identify::Event::Received { .. });
                    sent |= matches!(event, identify::Event::Sent { .. });
                }
                SwarmEvent::Behaviour(BehaviourEvent::Ping(ping)) => {
                    ping.result.map_err(io::Error::other)?;
                    pings += 1;
                }
                _ => continue,
            }
            if received && sent {
                // The next one may dial.
                drop(turn.take());
                if pings >= self.pings
                    && let Some(settled) = self.settled.take()
                {
                    let _ = settled.send(()).await;
                }
            }
        }
    }
}

fn swarm(key: Keypair) -> io::Result<Swarm<Behaviour>> {
    Ok(SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic()
        .with_behaviour(|key| Behaviour::new(key.public()))
        .map_err(io::Error::other)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build())
}
