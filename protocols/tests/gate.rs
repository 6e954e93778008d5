//! The gate, around real behaviours and around one that writes down what it is told.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use airway_protocols::gate::{Gate, Policy};
use common::{LISTEN, PATIENCE, listen, spawn, swarm};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    core::{Endpoint, transport::PortUse},
    identify,
    identity::Keypair,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, SwarmEvent, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm, dial_opts::DialOpts, dummy,
    },
};
use tokio::time::timeout;

/// Those whom a test admits.
#[derive(Debug, Clone, Default)]
struct Guests(Arc<Mutex<HashSet<PeerId>>>);

impl Guests {
    fn add(&self, peer: PeerId) {
        self.0.lock().unwrap().insert(peer);
    }
}

impl Policy for Guests {
    fn admits(&self, peer: &PeerId) -> bool {
        self.0.lock().unwrap().contains(peer)
    }
}

/// What the behaviour behind the gate was told of connections: opened with so many others, closed with so many left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Opened(usize),
    Closed(usize),
}

#[derive(Debug, Default)]
struct Recorder(Vec<Told>);

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
            FromSwarm::ConnectionEstablished(event) => self.0.push(Told::Opened(event.other_established)),
            FromSwarm::ConnectionClosed(event) => self.0.push(Told::Closed(event.remaining_established)),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

async fn connected<B: NetworkBehaviour>(
    swarm: &mut Swarm<B>,
    peer: PeerId,
    address: &Multiaddr,
) -> ConnectionId {
    let always = libp2p::swarm::dial_opts::PeerCondition::Always;
    swarm.dial(DialOpts::peer_id(peer).condition(always).addresses(vec![address.clone()]).build()).unwrap();
    loop {
        if let SwarmEvent::ConnectionEstablished { connection_id, .. } = swarm.select_next_some().await {
            return connection_id;
        }
    }
}

async fn closed<B: NetworkBehaviour>(swarm: &mut Swarm<B>, connection: ConnectionId) {
    swarm.close_connection(connection);
    loop {
        if let SwarmEvent::ConnectionClosed { connection_id, .. } = swarm.select_next_some().await
            && connection_id == connection
        {
            return;
        }
    }
}

#[tokio::test]
async fn the_inner_behaviour_hears_of_admitted_connections_alone() {
    timeout(PATIENCE, async {
        let mut server = swarm(|_| dummy::Behaviour);
        let address = listen(&mut server, LISTEN[0]).await;
        let peer = spawn(server);

        let guests = Guests::default();
        let mut client = swarm(|_| Gate::new(Recorder::default(), guests.clone()));
        let before = connected(&mut client, peer, &address).await;
        assert_eq!(client.behaviour_mut().inner().0, []);

        guests.add(peer);
        let first = connected(&mut client, peer, &address).await;
        let second = connected(&mut client, peer, &address).await;
        // Told of the first admitted one as if it were the first of all.
        assert_eq!(client.behaviour_mut().inner().0, [Told::Opened(0), Told::Opened(1)]);

        closed(&mut client, first).await;
        closed(&mut client, second).await;
        closed(&mut client, before).await;
        let told = [Told::Opened(0), Told::Opened(1), Told::Closed(1), Told::Closed(0)];
        assert_eq!(client.behaviour_mut().inner().0, told);
    })
    .await
    .unwrap();
}

fn identify(key: &Keypair) -> identify::Behaviour {
    identify::Behaviour::new(identify::Config::new("/test/1".into(), key.public()))
}

/// What the peer at `address` tells an ordinary identify client.
async fn identified(client: &mut Swarm<identify::Behaviour>, peer: PeerId, address: &Multiaddr) -> bool {
    let connection = connected(client, peer, address).await;
    loop {
        match client.select_next_some().await {
            SwarmEvent::Behaviour(identify::Event::Received { connection_id, .. })
                if connection_id == connection =>
            {
                return true;
            }
            SwarmEvent::Behaviour(identify::Event::Error { connection_id, .. })
                if connection_id == connection =>
            {
                return false;
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_no_answer_until_it_is_admitted_and_connects_again() {
    for listener in LISTEN {
        timeout(PATIENCE, async {
            let guests = Guests::default();
            let mut server = swarm(|key| Gate::new(identify(key), guests.clone()));
            let address = listen(&mut server, listener).await;
            let peer = spawn(server);

            let mut client = swarm(identify);
            assert!(!identified(&mut client, peer, &address).await, "{listener}: a stranger was answered");
            guests.add(*client.local_peer_id());
            assert!(identified(&mut client, peer, &address).await, "{listener}: a guest was not answered");
        })
        .await
        .unwrap();
    }
}
