//! A network that is told of relays while it runs.

use std::time::Duration;

use libp2p::identity::Keypair;
use tokio::{sync::mpsc, time::timeout};

use super::*;
use crate::{
    members::Members,
    metrics::{Metrics, commit_seconds},
    net::{Config, Event, Expected, Net, Shared},
};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A network on its own; it ends with the receiver's sender, which is the network's.
async fn start(relay_server: bool) -> (PeerId, Net, mpsc::Receiver<Event>) {
    let key = Keypair::generate_ed25519();
    let (shared, relays) = (Shared::default(), OwnRelays::default());
    let config = Config {
        listen: vec!["/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()],
        swarm_key: None,
        connections: 64,
        kept_connections: 8,
        relay_server,
        stealth: false,
        expected: Expected::new(&[], relays.clone(), shared.book.clone()),
        relays,
        shared,
    };
    let peer = key.public().to_peer_id();
    let (net, events, _) = Net::start(key, config, Metrics::new(commit_seconds()).1).await.unwrap();
    if relay_server {
        net.advertise(net.listening()).await;
    }
    (peer, net, events)
}

/// Waits until exactly these relays hold a reservation.
async fn until_reserved(net: &Net, relays: &[PeerId]) {
    let mut reserved = net.reserved.clone();
    let holds = reserved.wait_for(|now| *now == relays);
    timeout(PATIENCE, holds).await.expect("other reservations than asked for").unwrap();
}

#[tokio::test]
async fn reservations_follow_the_members_that_are_relays() {
    let ((first, one, _events), (second, other, _more)) = (start(true).await, start(true).await);
    let (_, agent, _own) = start(false).await;
    assert!(agent.relays().is_empty());
    let (at_one, at_other) = ((first, one.listening()), (second, other.listening()));

    agent.set_mesh_relays(vec![at_one.clone()]);
    until_reserved(&agent, &[first]).await;
    let mut listening = agent.listening_changes();
    let leads_to_us = listening.wait_for(|all| all.iter().any(|address| book::relay(address) == Some(first)));
    timeout(PATIENCE, leads_to_us).await.unwrap().unwrap();
    agent.set_mesh_relays(vec![at_other.clone(), at_one.clone()]);
    // The one that was there keeps its place.
    until_reserved(&agent, &[first, second]).await;
    agent.set_mesh_relays(vec![at_other]);
    until_reserved(&agent, &[second]).await;
    assert_eq!(agent.relays(), [second]);
    agent.set_mesh_relays(vec![at_one]);
    until_reserved(&agent, &[first]).await;
    agent.set_mesh_relays(Vec::new());
    until_reserved(&agent, &[]).await;
}

#[tokio::test]
async fn a_relay_server_asks_no_member_for_a_reservation() {
    for (relay_server, asked) in [(false, 1), (true, 0)] {
        let own = OwnRelays::default();
        let Shared { access, book, .. } = Shared::default();
        let tiers = Tiers::new(access, Members::default(), book, own.clone(), relay_server);
        let mut behaviour = Behaviour::new(tiers, own.clone(), relay_server);
        own.set_members(vec![(PeerId::random(), vec!["/ip4/192.0.2.1/tcp/1".parse().unwrap()])]);
        behaviour.on_tick();
        assert_eq!(behaviour.orders.len(), asked);
    }
}
