use airway_protocols::{
    certificate::{Certificate, Grant},
    envelope::PAYLOAD_TYPE,
    events::broadcast::{Broadcast, Error, message_id},
};
use serde_bytes::ByteBuf;

use super::*;
use crate::vectors::{
    envelope::forged,
    mesh::{INVITER, MEMBER, altered, certificate, genesis, grant, public, realm},
    support::key,
};

const DOMAIN: &str = "airway-event-v1";

#[derive(Serialize)]
pub(super) struct Signed {
    seed: String,
    topic: Topic,
    position: Position,
    at: u64,
    payload: String,
    certificate: String,
    bytes: String,
    id: String,
}

#[derive(Serialize)]
pub(super) struct Named {
    data: String,
    id: String,
}

/// The payload of a broadcast, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    network: ByteBuf,
    by: ByteBuf,
    topic: String,
    position: Position,
    at: u64,
    payload: ByteBuf,
    certificate: ByteBuf,
}

fn read(bytes: &[u8]) -> Result<Broadcast, Error> {
    Broadcast::from_bytes(bytes, &realm().id(), |bytes| Certificate::from_bytes(bytes, &realm()))
}

fn broadcast(seed: u8, topic: &str, position: Position, payload: &[u8], held: &Certificate) -> Broadcast {
    let topic = super::topic(topic);
    Broadcast::sign(&key(seed), realm().id(), topic, position, AT, payload.to_vec(), held).unwrap()
}

fn signed(seed: u8, topic: &str, position: Position, payload: &[u8], held: &Certificate) -> Signed {
    let said = broadcast(seed, topic, position, payload, held);
    assert_eq!(read(said.as_bytes()).unwrap(), said);
    assert_eq!(said.id(), message_id(said.as_bytes()));
    Signed {
        seed: hex([seed; 32]),
        topic: said.topic().clone(),
        position,
        at: said.at(),
        payload: hex(payload),
        certificate: hex(held.as_bytes()),
        bytes: hex(said.as_bytes()),
        id: hex(said.id()),
    }
}

/// A certificate by the inviter with the seed 2.
fn invited() -> Certificate {
    let named = Grant { name: Some("ada".parse().unwrap()), ..grant(3, MEMBER) };
    Certificate::sign(&realm(), &key(2), Some(&certificate(2, INVITER)), named).unwrap()
}

pub(super) fn broadcasts() -> Vec<Signed> {
    vec![
        signed(2, "builds/airway/done", at(3, 17), b"ok", &certificate(2, MEMBER)),
        signed(2, "a", at(1, 1), b"", &certificate(2, MEMBER)),
        signed(3, "grüße", at(u64::MAX, u64::MAX), &[0, 0xFF, 0x80], &invited()),
    ]
}

fn payload() -> Payload {
    Payload {
        version: 1,
        network: ByteBuf::from(*realm().id().as_bytes()),
        by: ByteBuf::from(public(2).to_bytes()),
        topic: "builds/airway/done".to_owned(),
        position: at(3, 17),
        at: AT,
        payload: ByteBuf::from(*b"ok"),
        certificate: ByteBuf::from(certificate(2, MEMBER).as_bytes()),
    }
}

/// A broadcast of member 2, validly signed, after `change`.
fn broken(change: fn(&mut Payload)) -> Vec<u8> {
    let mut payload = payload();
    change(&mut payload);
    forged(&key(2), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap())
}

/// The original, and what others than its author can make of it.
fn forgeries() -> Vec<Vec<u8>> {
    let original = broken(|_| {});
    let other = broken(|payload| payload.payload = ByteBuf::from(*b"no"));
    let (signature, rest) = (original.len() - 64, other.len() - 64);
    let by_another = |change: fn(&mut Payload)| {
        let mut payload = payload();
        change(&mut payload);
        forged(&key(3), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap())
    };
    vec![
        altered(&original),
        // Another payload under the signature of the original.
        [&other[..rest], &original[signature..]].concat(),
        by_another(|_| {}),
        // With the certificate of the author.
        by_another(|payload| payload.by = ByteBuf::from(public(3).to_bytes())),
        // The same envelope, written another way.
        [&original[..], &[0x30, 0x00]].concat(),
        [&original[38..52], &original[..38], &original[52..]].concat(),
        [&[original[0], original[1] | 0x80, 0x00], &original[2..]].concat(),
    ]
}

pub(super) fn refused_broadcasts() -> Vec<RefusedBytes> {
    let original = broken(|_| {});
    assert!(read(&original).is_ok());
    let encoded = wire::encode(&payload()).unwrap();
    let changes: [fn(&mut Payload); 12] = [
        |p| p.version = 2,
        |p| p.network = ByteBuf::from(*genesis(2).id().as_bytes()),
        |p| p.network = ByteBuf::new(),
        |p| p.topic = String::new(),
        |p| p.topic = "a/*".to_owned(),
        |p| p.topic = "a".repeat(129),
        |p| p.topic = "a\u{202e}b".to_owned(),
        |p| p.certificate = ByteBuf::new(),
        |p| p.certificate = ByteBuf::from(certificate(3, MEMBER).as_bytes()),
        |p| p.certificate = ByteBuf::from(altered(certificate(2, MEMBER).as_bytes())),
        |p| {
            let foreign = airway_protocols::network::Realm::of(&genesis(2));
            let foreigner = Certificate::sign(&foreign, &key(2), None, grant(2, MEMBER)).unwrap();
            p.certificate = ByteBuf::from(foreigner.as_bytes());
        },
        |p| p.by = ByteBuf::from(public(3).to_bytes()),
    ];
    let others = [
        vec![],
        original[..original.len() - 1].to_vec(),
        forged(&key(2), "airway-claim-v1", PAYLOAD_TYPE, encoded.clone()),
        forged(&key(2), DOMAIN, b"/other", encoded),
        forged(&key(2), DOMAIN, PAYLOAD_TYPE, vec![0xA0]),
    ];
    let all = forgeries().into_iter().chain(changes.map(broken)).chain(others);
    all.map(|bytes| refused(&bytes, read)).collect()
}

pub(super) fn message_ids() -> Vec<Named> {
    let original = broken(|_| {});
    let data = [vec![], b"airway".to_vec(), original].into_iter().chain(forgeries());
    let named: Vec<_> = data.map(|data| Named { id: hex(message_id(&data)), data: hex(data) }).collect();
    let mut ids: Vec<_> = named.iter().map(|named| &named.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), named.len(), "two messages with one id");
    named
}
