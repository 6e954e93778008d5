//! Agents in a private network, and what a member gets of another whom nobody trusts.

use airway::{
    InviteOptions, NetworkOptions, Node, Overrides, Uses,
    protocols::{
        admit::{self, Answer, Hello},
        agent,
        invite::Invite,
        join::{self, Granted, MAX_REPLY, Reply, Request},
        wire::{self, CONTROL_FRAME},
    },
};
use airway_interop_tests::agent::{Agent as Founder, QUIC};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::{StreamProtocol, identity::Keypair};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    PATIENCE,
    agent::{Agent, card_at},
    client::{Client, Transport},
    stranger::protocols,
};

/// Has a node found a network; returns an invite into it, for any number of agents.
pub(crate) async fn found(node: &Node) -> Invite {
    node.create_network("lab", NetworkOptions::default()).await.unwrap();
    let reusable = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    node.invite(reusable).await.unwrap()
}

/// Has a node join a network; returns whoever has founded it.
pub(crate) async fn join(node: &Node) -> Founder {
    let founder = Founder::start("founder", &[QUIC]).await.unwrap();
    let invite = found(&founder.node).await;
    node.join(&invite, None, PATIENCE).await.unwrap();
    founder
}

/// Says one thing over a stock stream and reads what is answered, behind the status byte.
async fn ask<T: DeserializeOwned>(client: &mut Client, door: &StreamProtocol, say: &impl Serialize) -> T {
    let mut stream = client.stream_to(door.clone()).await;
    wire::write_message(&mut stream, say, CONTROL_FRAME).await.unwrap();
    stream.flush().await.unwrap();
    let mut status = [9];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(status, [0]);
    let answer = wire::read_message(&mut stream, MAX_REPLY).await.unwrap().unwrap();
    stream.close().await.unwrap();
    answer
}

/// Has a stock client become a member by an invite.
async fn become_member(client: &mut Client, key: &Keypair, invite: &Invite) -> Vec<u8> {
    let own = agent::public_key(&key.public().to_peer_id()).unwrap();
    let request = Request::Join { invite: invite.id(), proof: invite.prove(&own), name: None };
    match ask(client, &join::PROTOCOL, &request).await {
        Reply::Granted(Granted { certificate, .. }) => certificate,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_offered_the_networks_own_protocols_and_no_service() {
    let agent = Agent::with(Overrides { dht: Some("server".into()), ..Overrides::default() }).await;
    let invite = found(&agent.node).await;
    let realm = invite.realm();
    let own = [realm.kad(), realm.meshsub().unwrap()].map(|protocol| protocol.to_string());
    for transport in Transport::ALL {
        let key = Keypair::generate_ed25519();
        let mut client = Client::connect(&key, &agent.node, transport).await;
        let certificate = become_member(&mut client, &key, &invite).await;
        for protocol in &own {
            assert_eq!(client.open(protocol).await, "not available", "{transport:?}: before it is admitted");
        }
        let card = card_at(&key, &[]).as_bytes().to_vec();
        let hello = Hello { certificate, card, serves: false, relay: false, version: 0 };
        let answer: Answer = ask(&mut client, &admit::PROTOCOL, &hello).await;
        assert!(matches!(answer, Answer::Hello(_)), "{transport:?}: {answer:?}");
        let mut opened = Vec::new();
        for protocol in protocols().into_iter().chain(own.clone()) {
            match client.open(&protocol).await {
                "opened" => opened.push(protocol),
                refused => assert_eq!(refused, "not available", "{transport:?}: {protocol}"),
            }
        }
        let doors = ["/airway/admit/1.0.0", "/airway/join/1.0.0", "/airway/knock/1.0.0"];
        assert_eq!(opened, [doors.map(str::to_owned).as_slice(), &own].concat(), "{transport:?}");
    }
}
