//! Circuits by hand: what a relay of ours gives to stock clients, and what an agent takes from relays.

use airway::{
    Ask, Node, Overrides,
    protocols::wire::{read_frame, write_frame},
};
use airway_interop_tests::{
    agent::{self, QUIC, TCP},
    wait,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, SwarmBuilder, autonat, identify,
    identity::Keypair,
    multiaddr::Protocol,
    noise, relay,
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};
use tokio::time::timeout;

use crate::{
    PATIENCE,
    agent::card_at,
    client::{self, Client, Transport},
};

const HOP: &str = "/libp2p/circuit/relay/0.2.0/hop";
const STOP: &str = "/libp2p/circuit/relay/0.2.0/stop";

/// Most bytes of an answer of the relay protocol.
const FRAME: usize = 4096;

// The answers of the relay protocol.
const OK: u8 = 100;
const RESOURCE_LIMIT_EXCEEDED: u8 = 201;
const NO_RESERVATION: u8 = 204;

/// `CONNECT`, of either half of the protocol: a type, which is named by a number, and a peer.
fn connect(kind: u8, peer: &PeerId) -> Vec<u8> {
    let id = peer.to_bytes();
    let len = u8::try_from(id.len()).unwrap();
    [&[0x08, kind, 0x12, len + 2, 0x0a, len], id.as_slice()].concat()
}

/// The status in an answer: a varint of one or two bytes in the field of this number, which is the last one.
async fn status(stream: &mut Stream, field: u8) -> u8 {
    let answer = read_frame(stream, FRAME).await.unwrap().unwrap();
    let at = answer.iter().rposition(|byte| *byte == field << 3).unwrap();
    match answer[at + 1..] {
        [low, high] => (low & 0x7f) | (high << 7),
        [low] => low,
        _ => panic!("no status in {answer:?}"),
    }
}

/// Asks a relay for a circuit; the stream carries it as long as it is held.
async fn circuit(client: &mut Client, to: &PeerId) -> (u8, Stream) {
    let mut stream = client.stream(HOP).await;
    write_frame(&mut stream, &connect(1, to), FRAME).await.unwrap();
    stream.flush().await.unwrap();
    (status(&mut stream, 5).await, stream)
}

async fn relay() -> agent::Agent {
    let settings = Overrides { relay_server: Some(true), ..Overrides::default() };
    agent::Agent::start_with("harbour", &[QUIC, TCP], settings).await.unwrap()
}

/// An agent that is to be reached through a relay alone.
async fn behind(relay: &Node) -> agent::Agent {
    let card = relay.card().unwrap().to_string();
    let settings = Overrides { relays: Some(vec![card]), ..Overrides::default() };
    let agent = agent::Agent::start_with("hidden", &[], settings).await.unwrap();
    let reserved = async || agent.node.relays().iter().all(|(_, reserved)| *reserved);
    wait::until("a reservation", PATIENCE, reserved).await;
    agent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_has_eight_circuits_and_a_stranger_without_reservation_none() {
    let relay = relay().await;
    let hidden = behind(&relay.node).await;
    let key = Keypair::generate_ed25519();
    let mut source = Client::connect(&key, &relay.node, Transport::Quic).await;
    assert_eq!(circuit(&mut source, &PeerId::random()).await.0, NO_RESERVATION);
    let mut held = Vec::new();
    for _ in 0..8 {
        let (status, stream) = circuit(&mut source, &hidden.node.me().peer).await;
        assert_eq!(status, OK);
        held.push(stream);
    }
    assert_eq!(circuit(&mut source, &hidden.node.me().peer).await.0, RESOURCE_LIMIT_EXCEEDED);
    let mut other = Client::connect(&Keypair::generate_ed25519(), &relay.node, Transport::TcpTls).await;
    assert_eq!(circuit(&mut other, &hidden.node.me().peer).await.0, OK, "others have their own");
}

#[derive(NetworkBehaviour)]
struct Stock {
    relay: relay::client::Behaviour,
}

/// A stock client of a relay, which has asked for a reservation.
fn reserving(key: &Keypair, relay: &Node) -> Swarm<Stock> {
    let mut swarm = SwarmBuilder::with_existing_identity(key.clone())
        .with_tokio()
        .with_tcp(tcp::Config::new(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_quic()
        .with_relay_client(noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_, relay| Stock { relay })
        .unwrap()
        .build();
    let at = client::address(relay, Transport::Quic);
    swarm.listen_on(at.with(Protocol::P2p(relay.me().peer)).with(Protocol::P2pCircuit)).unwrap();
    swarm
}

async fn until(swarm: &mut Swarm<Stock>, is_it: impl Fn(&SwarmEvent<StockEvent>) -> bool) {
    let seen = async { while !is_it(&swarm.select_next_some().await) {} };
    timeout(PATIENCE, seen).await.unwrap();
}

fn is_reserved(event: &SwarmEvent<StockEvent>) -> bool {
    let SwarmEvent::Behaviour(StockEvent::Relay(event)) = event else { return false };
    matches!(event, relay::client::Event::ReservationReqAccepted { .. })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stock_client_keeps_its_reservation_and_a_peer_has_one_alone() {
    let relay = relay().await;
    let key = Keypair::generate_ed25519();
    let mut first = reserving(&key, &relay.node);
    until(&mut first, is_reserved).await;
    let idle = Client::connect(&Keypair::generate_ed25519(), &relay.node, Transport::Quic).await;
    let quiet = async {
        loop {
            let event = first.select_next_some().await;
            assert!(!matches!(event, SwarmEvent::ConnectionClosed { .. }), "{event:?}");
        }
    };
    // The lobby has been through by then, and more than once for whoever was there before.
    tokio::select! {
        closed = idle.is_closed(PATIENCE) => assert!(closed, "a client without use is kept"),
        () = quiet => {}
    }
    let mut second = reserving(&key, &relay.node);
    tokio::join!(
        until(&mut second, is_reserved),
        until(&mut first, |event| matches!(event, SwarmEvent::ConnectionClosed { .. })),
    );
}

#[derive(NetworkBehaviour)]
struct Asking {
    identify: identify::Behaviour,
    autonat: autonat::v2::client::Behaviour,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_tells_a_stock_client_where_it_can_be_reached() {
    let relay = relay().await;
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|key| Asking {
            identify: identify::Behaviour::new(identify::Config::new("/stock/1".into(), key.public())),
            autonat: autonat::v2::client::Behaviour::default(),
        })
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
        .build();
    swarm.listen_on(QUIC.parse().unwrap()).unwrap();
    while !matches!(swarm.select_next_some().await, SwarmEvent::NewListenAddr { .. }) {}
    swarm.dial(client::address(&relay.node, Transport::Quic)).unwrap();
    let tested = async {
        loop {
            if let SwarmEvent::Behaviour(AskingEvent::Autonat(tested)) = swarm.select_next_some().await {
                return tested;
            }
        }
    };
    let tested = timeout(PATIENCE, tested).await.unwrap();
    assert!(tested.result.is_ok(), "{tested:?}");
    assert_eq!(tested.server, relay.node.me().peer);
}

/// A peer that pretends to be a relay.
struct Pretender {
    swarm: Swarm<libp2p_stream::Behaviour>,
    at: Multiaddr,
}

impl Pretender {
    async fn new() -> Self {
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_quic()
            .with_behaviour(|_| libp2p_stream::Behaviour::new())
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
            .build();
        swarm.listen_on(QUIC.parse().unwrap()).unwrap();
        loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                return Self { swarm, at: address };
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circuits_from_a_relay_that_is_not_ours_are_refused() {
    let own = relay().await;
    let agent = behind(&own.node).await;
    let Pretender { mut swarm, at } = Pretender::new().await;
    let foreign = *swarm.local_peer_id();
    // The agent goes to it by itself, since whom it asks says that it is behind it.
    let through = at.with(Protocol::P2p(foreign)).with(Protocol::P2pCircuit);
    let contact = card_at(&Keypair::generate_ed25519(), &[through]);
    agent.node.trust(&contact, Ask::default()).await.unwrap();
    let mut control = swarm.behaviour().new_control();
    let came = async {
        while !matches!(swarm.select_next_some().await, SwarmEvent::ConnectionEstablished { .. }) {}
    };
    timeout(PATIENCE, came).await.unwrap();
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });

    let stop = control.open_stream(agent.node.me().peer, StreamProtocol::new(STOP)).await;
    let mut stream = stop.unwrap();
    write_frame(&mut stream, &connect(0, &PeerId::random()), FRAME).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(status(&mut stream, 4).await, NO_RESERVATION);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok();
    assert_eq!(rest, b"", "no handshake");
}
