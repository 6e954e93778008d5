use airway_protocols::{
    envelope::PAYLOAD_TYPE,
    polo::{Head, MAX_NUMBER, Pair, ReceiptHash, Tip},
    wire,
};
use serde_bytes::ByteBuf;

use super::*;
use crate::vectors::{
    envelope::forged,
    mesh::{altered, refused},
};

const DOMAIN: &str = "airway-polo-head-v1";

#[derive(Serialize)]
pub(super) struct Topped {
    seed: String,
    tips: Vec<Ends>,
    with: Option<String>,
    at: u64,
    bytes: String,
}

#[derive(Serialize)]
struct Ends {
    requester: String,
    worker: String,
    seq: u64,
    hash: ReceiptHash,
}

/// The payload of a head, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    agent: ByteBuf,
    pairs: Vec<Tip>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<ByteBuf>,
    at: u64,
}

fn tip(requester: u8, worker: u8, seq: u64) -> Tip {
    let hash = ReceiptHash::from_bytes([5; 32]);
    Tip { requester: agent(requester), worker: agent(worker), seq, hash }
}

/// The end of a chain.
pub(super) fn end(chain: &[Receipt]) -> Tip {
    let last = chain.last().unwrap();
    let Pair { requester, worker } = last.pair();
    Tip { requester, worker, seq: last.seq(), hash: last.hash() }
}

fn topped(tips: Vec<Tip>, with: Option<AgentId>) -> Topped {
    let head = Head::sign(&key(1), tips, with, AT).unwrap();
    assert_eq!(Head::from_bytes(head.as_bytes()).unwrap(), head);
    let ends = head.tips().iter().map(|tip| Ends {
        requester: hex(tip.requester.as_bytes()),
        worker: hex(tip.worker.as_bytes()),
        seq: tip.seq,
        hash: tip.hash,
    });
    Topped {
        seed: hex([1; 32]),
        tips: ends.collect(),
        with: with.map(|with| hex(with.as_bytes())),
        at: AT,
        bytes: hex(head.as_bytes()),
    }
}

pub(super) fn heads() -> Vec<Topped> {
    vec![
        topped(vec![tip(1, 2, 3), tip(2, 1, 1), tip(1, 3, MAX_NUMBER)], None),
        topped(Vec::new(), None),
        topped(vec![end(&chain(2))], Some(agent(2))),
    ]
}

pub(super) fn refused_heads() -> Vec<RefusedBytes> {
    let payload = |change: fn(&mut Payload)| {
        let agent = ByteBuf::from(public(1));
        let mut payload = Payload { version: 1, agent, pairs: vec![tip(1, 2, 3)], with: None, at: AT };
        change(&mut payload);
        wire::encode(&payload).unwrap()
    };
    let broken = |change: fn(&mut Payload)| forged(&key(1), DOMAIN, PAYLOAD_TYPE, payload(change));
    let good = broken(|_| {});
    let mut all = vec![
        Vec::new(),
        altered(&good),
        forged(&key(2), DOMAIN, PAYLOAD_TYPE, payload(|_| {})),
        forged(&key(1), "airway-receipt-v1", PAYLOAD_TYPE, payload(|_| {})),
    ];
    let changes: [fn(&mut Payload); 10] = [
        |p| p.version = 2,
        |p| p.pairs = vec![tip(2, 3, 1)],
        |p| p.pairs = vec![tip(1, 1, 1)],
        |p| p.pairs = vec![tip(1, 2, 0)],
        |p| p.pairs = vec![tip(1, 2, MAX_NUMBER + 1)],
        |p| p.pairs = vec![tip(1, 2, 1), tip(1, 2, 1)],
        |p| {
            p.pairs = vec![tip(1, 2, 1), tip(1, 3, 1)];
            p.pairs.sort_by_key(|tip| std::cmp::Reverse(tip.pair()));
        },
        |p| p.with = Some(ByteBuf::from(*agent(3).as_bytes())),
        |p| p.with = Some(ByteBuf::from([0; 31])),
        |p| p.at = MAX_NUMBER + 1,
    ];
    all.extend(changes.map(broken));
    all.iter().map(|bytes| refused(bytes, Head::from_bytes)).collect()
}
