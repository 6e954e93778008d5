//! Behaviours behind an admission, and swarms that do what a test tells them while they run.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![expect(unreachable_pub, reason = "compiled into one test")]

use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use airway_protocols::gate::{Policy, admission::Admission};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm,
    core::{Endpoint, transport::PortUse},
    kad::{self, store::MemoryStore},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, SwarmEvent, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
        dial_opts::{DialOpts, PeerCondition},
        dummy,
    },
};
use tokio::sync::{mpsc, oneshot};

/// Those whom a test admits.
#[derive(Debug, Clone, Default)]
pub struct Guests(Arc<Mutex<HashSet<PeerId>>>);

impl Guests {
    pub fn add(&self, peer: PeerId) {
        self.0.lock().unwrap().insert(peer);
    }

    pub fn remove(&self, peer: &PeerId) {
        self.0.lock().unwrap().remove(peer);
    }
}

impl Policy for Guests {
    fn admits(&self, peer: &PeerId) -> bool {
        self.0.lock().unwrap().contains(peer)
    }
}

/// What the behaviour behind the gate was told: a connection opened with so many others, closed with so many left, a dial
/// failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Opened(usize),
    Closed(usize),
    Failed,
}

/// Writes down what it is told, and dials whom it is to.
#[derive(Debug, Default)]
pub struct Recorder {
    pub told: Vec<Told>,
    pub to_dial: VecDeque<DialOpts>,
}

impl NetworkBehaviour for Recorder {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = std::convert::Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(event) => self.told.push(Told::Opened(event.other_established)),
            FromSwarm::ConnectionClosed(event) => self.told.push(Told::Closed(event.remaining_established)),
            FromSwarm::DialFailure(_) => self.told.push(Told::Failed),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.to_dial.pop_front().map_or(Poll::Pending, |opts| Poll::Ready(ToSwarm::Dial { opts }))
    }
}

/// A behaviour that writes down what it is told, behind an admission.
pub fn recorder(guests: &Guests) -> Admission<Recorder, Guests> {
    Admission::new(Some(Recorder::default()), guests.clone())
}

pub type Kad = kad::Behaviour<MemoryStore>;

/// A DHT that does nothing by itself.
pub fn kad(own: PeerId, mode: kad::Mode) -> Kad {
    let mut config = kad::Config::new(StreamProtocol::new("/test/kad/1.0.0"));
    config
        .set_kbucket_inserts(kad::BucketInserts::Manual)
        .set_periodic_bootstrap_interval(None)
        .set_replication_factor(NonZeroUsize::new(1).unwrap())
        .set_query_timeout(Duration::from_secs(3600));
    let mut kad = kad::Behaviour::with_config(own, MemoryStore::new(own), config);
    kad.set_mode(Some(mode));
    kad
}

/// The options to dial one more time, whatever there is.
pub fn again(peer: PeerId, address: &Multiaddr) -> DialOpts {
    DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(vec![address.clone()]).build()
}

/// Dials once more and waits for the connection.
pub async fn connected<B: NetworkBehaviour>(
    swarm: &mut Swarm<B>,
    peer: PeerId,
    address: &Multiaddr,
) -> ConnectionId {
    swarm.dial(again(peer, address)).unwrap();
    loop {
        if let SwarmEvent::ConnectionEstablished { connection_id, .. } = swarm.select_next_some().await {
            return connection_id;
        }
    }
}

/// Closes a connection, or waits until it is closed.
pub async fn closed<B: NetworkBehaviour>(swarm: &mut Swarm<B>, connection: ConnectionId) {
    swarm.close_connection(connection);
    loop {
        if let SwarmEvent::ConnectionClosed { connection_id, .. } = swarm.select_next_some().await
            && connection_id == connection
        {
            return;
        }
    }
}

/// The next event of the behaviour.
pub async fn said<B: NetworkBehaviour>(swarm: &mut Swarm<B>) -> B::ToSwarm {
    loop {
        if let SwarmEvent::Behaviour(event) = swarm.select_next_some().await {
            return event;
        }
    }
}

type Deed<B> = Box<dyn FnOnce(&mut Swarm<B>) + Send>;

/// A swarm that runs, and does as it is told.
pub struct Running<B: NetworkBehaviour> {
    pub peer: PeerId,
    deeds: mpsc::Sender<Deed<B>>,
}

impl<B: NetworkBehaviour> Running<B> {
    pub fn new(mut swarm: Swarm<B>) -> Self
    where
        Swarm<B>: Send + 'static,
    {
        let (deeds, mut orders) = mpsc::channel::<Deed<B>>(1);
        let peer = *swarm.local_peer_id();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(deed) = orders.recv() => deed(&mut swarm),
                    _ = swarm.select_next_some() => {}
                }
            }
        });
        Self { peer, deeds }
    }

    /// Returns when it is done; the swarm goes on from there.
    pub async fn run<T: Send + 'static>(&self, deed: impl FnOnce(&mut Swarm<B>) -> T + Send + 'static) -> T {
        let (done, result) = oneshot::channel();
        let deed: Deed<B> = Box::new(move |swarm| drop(done.send(deed(swarm))));
        self.deeds.send(deed).await.ok().unwrap();
        result.await.unwrap()
    }
}
