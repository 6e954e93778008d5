//! A server that says what it likes.

use airway_protocols::claim::set;
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, SwarmBuilder,
    kad::{self, Record, store::MemoryStore, store::RecordStore as _},
    swarm::SwarmEvent,
};

use super::people::{Agent, HOUR, Mesh, Person, value};
use crate::clock::unix_ms;

/// A server that gives this for the key, whatever it is.
async fn liar(person: &Person, key: Vec<u8>, value: Vec<u8>) -> (PeerId, Vec<Multiaddr>) {
    let own = person.peer();
    let mut config = kad::Config::new(person.realm.kad());
    config.set_max_packet_size(1024 * 1024).set_kbucket_inserts(kad::BucketInserts::Manual);
    let mut store = MemoryStore::new(own);
    let record = Record { key: key.into(), value, publisher: None, expires: None };
    store.put(record).unwrap();
    let mut swarm = SwarmBuilder::with_existing_identity(person.key.clone())
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| kad::Behaviour::with_config(own, store, config))
        .unwrap()
        .build();
    swarm.behaviour_mut().set_mode(Some(kad::Mode::Server));
    swarm.listen_on("/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()).unwrap();
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address;
        }
    };
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
    (own, vec![address])
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_of_any_kind_hide_no_truth_and_are_not_passed_on_if_they_are_too_large() {
    let subject = Person::of_backbone();
    let (key, claim) = (subject.address_key(), subject.claim(&[]));
    let mut forged = value(&claim);
    *forged.last_mut().unwrap() ^= 1;
    let honest = value(&claim);
    let values = [
        honest.clone(),
        vec![0xff; 4000],
        Vec::new(),
        forged,
        value(&subject.claim_at(unix_ms() - 2 * HOUR, &[])),
        value(&Person::of_backbone().claim(&[])),
        value(&Person::of(&Mesh::new()).claim(&[])),
        vec![0; set::MAX_VALUE + 1],
        // More than a packet of ours.
        vec![0; 60 * 1024],
    ];
    let client = Agent::start(Person::of_backbone(), false).await;
    client.net.shared().members.set_realm(Some(subject.realm.clone()), false, Default::default());
    client.enter(true, false).await;
    for value in values.iter().cloned() {
        let (peer, at) = liar(&Person::of_backbone(), key.clone(), value).await;
        client.net.introduce(peer, at).await;
    }
    let mut lookup = client.net.lookup(key.clone());
    let mut found = Vec::new();
    while let Some(value) = lookup.next().await {
        assert!(value.len() <= set::MAX_VALUE);
        found.push(value);
    }
    assert!(found.contains(&honest), "the truth is among what is found");
    assert!(found.iter().all(|value| values.contains(value)));
    // Two are too large for us, and one of them for a packet.
    assert_eq!((found.len(), lookup.stats().answered), (values.len() - 2, values.len() as u32 - 1));
    assert_eq!(client.look(key).await.0.iter().filter(|found| **found == claim).count(), 1);
}
