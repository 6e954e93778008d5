use std::collections::BTreeSet;

use airway_protocols::{
    envelope::PAYLOAD_TYPE,
    revocations::{Error, MAX_AGENTS, MAX_BYTES, MAX_VERSION, Revocations},
    trust::MAX_TIME,
    wire,
};
use serde_bytes::ByteBuf;

use super::*;

const DOMAIN: &str = "airway-revocations-v1";

#[derive(Serialize)]
struct Signed {
    number: u64,
    issued: u64,
    agents: Vec<String>,
    bytes: String,
}

/// The payload of a list, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    network: ByteBuf,
    authority: ByteBuf,
    number: u64,
    issued: u64,
    agents: Vec<ByteBuf>,
}

fn signed(number: u64, issued: u64, agents: &[AgentId]) -> Signed {
    let agents: BTreeSet<_> = agents.iter().copied().collect();
    let list = Revocations::sign(&realm(), &key(1), number, issued, &agents).unwrap();
    let bytes = list.as_bytes().unwrap();
    assert_eq!(Revocations::from_bytes(bytes, &realm()).unwrap(), list);
    let agents = list.agents().iter().map(|agent| hex(agent.as_bytes())).collect();
    Signed { number, issued, agents, bytes: hex(bytes) }
}

fn payload(by: u8) -> Payload {
    Payload {
        version: 1,
        network: ByteBuf::from(*realm().id().as_bytes()),
        authority: ByteBuf::from(public(by).to_bytes()),
        number: 1,
        issued: AT,
        agents: vec![],
    }
}

/// A list by the key with this seed, validly signed, after `change`.
fn broken(by: u8, change: fn(&mut Payload)) -> Vec<u8> {
    let mut payload = payload(by);
    change(&mut payload);
    forged(&key(by), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap())
}

fn id(byte: u8) -> ByteBuf {
    ByteBuf::from([byte; 32])
}

fn refused_lists() -> Vec<RefusedBytes> {
    let valid = broken(1, |p| p.agents = vec![id(1), id(2)]);
    let read = |bytes: &[u8]| -> Result<Revocations, Error> { Revocations::from_bytes(bytes, &realm()) };
    assert!(read(&valid).is_ok());
    let changes: [fn(&mut Payload); 10] = [
        |p| p.version = 2,
        |p| p.network = ByteBuf::from(*genesis(2).id().as_bytes()),
        |p| p.number = 0,
        |p| p.number = MAX_VERSION + 1,
        |p| p.issued = MAX_TIME + 1,
        |p| p.agents = vec![id(2), id(1)],
        |p| p.agents = vec![id(1), id(1)],
        |p| p.agents = vec![ByteBuf::from([1; 31])],
        |p| p.authority = ByteBuf::from(public(2).to_bytes()),
        |p| p.agents = vec![ByteBuf::from([]); MAX_AGENTS],
    ];
    let others = [
        vec![],
        valid[..valid.len() - 1].to_vec(),
        altered(&valid),
        broken(2, |_| {}),
        forged(&key(1), "airway-member-v1", PAYLOAD_TYPE, wire::encode(&payload(1)).unwrap()),
        certificate(3, MEMBER).as_bytes().to_vec(),
    ];
    others
        .into_iter()
        .chain(changes.map(|change| broken(1, change)))
        .map(|bytes| refused(&bytes, read))
        .collect()
}

#[test]
fn revocation_lists_are_as_written() {
    let positive = vec![
        signed(1, AT, &[]),
        signed(2, AT, &[agent(3)]),
        signed(MAX_VERSION, MAX_TIME, &[agent(2), agent(3), agent(4)]),
    ];
    // Too long to be written down.
    assert!(Revocations::from_bytes(&[0; MAX_BYTES + 1], &realm()).is_err());
    let many = |number: u32| AgentId::from_bytes([number.to_be_bytes(); 8].concat().try_into().unwrap());
    let many: BTreeSet<_> = (0..).map(many).take(MAX_AGENTS + 1).collect();
    let refused = Revocations::sign(&realm(), &key(1), 1, AT, &many);
    assert!(matches!(refused, Err(Error::Agents { .. })));

    let about = "Revocation lists: the CBOR map {\"version\": 1, \"network\", \"authority\": its key, \"number\": the \
                 version of the list, \"issued\", \"agents\": their ids in ascending order} in the domain \
                 airway-revocations-v1. The network is that of the genesis with seed 1 in network.json.";
    golden("revocations.json", &File { about, positive, negative: refused_lists() });
}
