use airway_protocols::{
    envelope::PAYLOAD_TYPE,
    polo::{MAX_NUMBER, ReceiptHash},
    wire,
};
use serde_bytes::ByteBuf;

use super::*;
use crate::vectors::{
    envelope::forged,
    mesh::{altered, refused},
};

const CLAIM: &str = "airway-work-v1";
const RECEIPT: &str = "airway-receipt-v1";

#[derive(Serialize)]
pub(super) struct Claimed {
    seed: String,
    requester: String,
    task: TaskId,
    request: String,
    output: Option<String>,
    outcome: u8,
    idle: u64,
    staged: u64,
    cpu: u64,
    max_reward: u64,
    at: u64,
    bytes: String,
}

#[derive(Serialize)]
pub(super) struct Issued {
    seed: String,
    claim: String,
    idle: u64,
    staged: u64,
    cpu: u64,
    reward: u64,
    seq: u64,
    prev: ReceiptHash,
    at: u64,
    bytes: String,
    hash: ReceiptHash,
}

/// The payload of a claim, free to break the rules.
#[derive(Serialize)]
struct ClaimPayload {
    version: u64,
    worker: ByteBuf,
    requester: ByteBuf,
    task: ByteBuf,
    request: ByteBuf,
    output: ByteBuf,
    outcome: u64,
    idle: u64,
    staged: u64,
    cpu: u64,
    max_reward: u64,
    at: u64,
}

/// The same of a receipt.
#[derive(Serialize)]
struct ReceiptPayload {
    version: u64,
    requester: ByteBuf,
    claim: ByteBuf,
    idle: u64,
    staged: u64,
    cpu: u64,
    reward: u64,
    seq: u64,
    prev: ByteBuf,
    at: u64,
}

fn claimed(seed: u8, work: &Work) -> Claimed {
    let claim = Claim::sign(&key(seed), work.clone()).unwrap();
    assert_eq!(Claim::from_bytes(claim.as_bytes()).unwrap(), claim);
    let Times { idle, staged, cpu } = work.times;
    Claimed {
        seed: hex([seed; 32]),
        requester: hex(work.requester.as_bytes()),
        task: work.task,
        request: hex(work.request),
        output: work.output.map(hex),
        outcome: work.outcome.into(),
        idle,
        staged,
        cpu,
        max_reward: work.max_reward,
        at: work.at,
        bytes: hex(claim.as_bytes()),
    }
}

pub(super) fn claims() -> Vec<Claimed> {
    let most = MAX_NUMBER;
    let largest = Times { idle: most, staged: most, cpu: most };
    let failed = Work { outcome: Outcome::Failed, output: None, ..work(2) };
    let expired = Times { cpu: 0, ..TIMES };
    vec![
        claimed(2, &work(1)),
        claimed(2, &failed),
        claimed(2, &Work { outcome: Outcome::Expired, output: None, times: expired, ..work(3) }),
        claimed(3, &Work { times: largest, max_reward: most, at: most, ..work(4) }),
        claimed(1, &Work { requester: agent(2), times: Times::default(), max_reward: 0, at: 0, ..work(5) }),
    ]
}

fn issued(claim: Claim, times: Times, place: Place) -> Issued {
    let receipt = Receipt::issue(&key(1), claim.clone(), times, place, AT).unwrap();
    assert_eq!(Receipt::from_bytes(receipt.as_bytes()).unwrap(), receipt);
    Issued {
        seed: hex([1; 32]),
        claim: hex(claim.as_bytes()),
        idle: times.idle,
        staged: times.staged,
        cpu: times.cpu,
        reward: receipt.reward(),
        seq: place.seq,
        prev: place.prev,
        at: AT,
        bytes: hex(receipt.as_bytes()),
        hash: receipt.hash(),
    }
}

pub(super) fn receipts() -> Vec<Issued> {
    let behind = Place::after(&receipt(1, Place::FIRST));
    let of = |change: fn(&mut Work)| {
        let mut work = work(2);
        change(&mut work);
        Claim::sign(&key(2), work).unwrap()
    };
    vec![
        issued(claim(1), TIMES, Place::FIRST),
        issued(claim(2), TIMES.clamped(60_000, 60_000), behind),
        issued(of(|work| work.max_reward = 2), TIMES, behind),
        issued(of(|work| work.outcome = Outcome::Failed), TIMES, behind),
        issued(of(|work| (work.outcome, work.output) = (Outcome::Expired, None)), TIMES, behind),
        issued(claim(3), TIMES, Place { seq: MAX_NUMBER, prev: behind.prev }),
    ]
}

fn claim_payload(change: impl FnOnce(&mut ClaimPayload)) -> Vec<u8> {
    let mut payload = ClaimPayload {
        version: 1,
        worker: ByteBuf::from(public(2)),
        requester: ByteBuf::from(*agent(1).as_bytes()),
        task: ByteBuf::from(*task(1).as_bytes()),
        request: ByteBuf::from([3; 32]),
        output: ByteBuf::from([4; 32]),
        outcome: 1,
        idle: TIMES.idle,
        staged: TIMES.staged,
        cpu: TIMES.cpu,
        max_reward: 10,
        at: AT,
    };
    change(&mut payload);
    wire::encode(&payload).unwrap()
}

fn broken_claim(change: fn(&mut ClaimPayload)) -> Vec<u8> {
    forged(&key(2), CLAIM, PAYLOAD_TYPE, claim_payload(change))
}

pub(super) fn refused_claims() -> Vec<RefusedBytes> {
    let good = broken_claim(|_| {});
    assert_eq!(good, claim(1).as_bytes());
    let mut all = vec![
        Vec::new(),
        good[..good.len() - 1].to_vec(),
        altered(&good),
        vec![0; polo::claim::MAX_BYTES + 1],
        forged(&key(2), RECEIPT, PAYLOAD_TYPE, claim_payload(|_| {})),
        forged(&key(1), CLAIM, PAYLOAD_TYPE, claim_payload(|_| {})),
    ];
    let changes: [fn(&mut ClaimPayload); 14] = [
        |p| p.version = 2,
        |p| p.worker = ByteBuf::from([2; 31]),
        |p| p.requester = ByteBuf::from([2; 33]),
        |p| p.requester = ByteBuf::from(*agent(2).as_bytes()),
        |p| p.task = ByteBuf::from([0; 16]),
        |p| p.request = ByteBuf::new(),
        |p| p.output = ByteBuf::new(),
        |p| p.outcome = 0,
        |p| p.outcome = 4,
        |p| p.idle = MAX_NUMBER + 1,
        |p| p.staged = u64::MAX,
        |p| p.cpu = MAX_NUMBER + 1,
        |p| p.max_reward = MAX_NUMBER + 1,
        |p| p.at = MAX_NUMBER + 1,
    ];
    all.extend(changes.map(broken_claim));
    all.iter().map(|bytes| refused(bytes, Claim::from_bytes)).collect()
}

fn receipt_payload(change: impl FnOnce(&mut ReceiptPayload)) -> Vec<u8> {
    let mut payload = ReceiptPayload {
        version: 1,
        requester: ByteBuf::from(public(1)),
        claim: ByteBuf::from(claim(1).as_bytes()),
        idle: TIMES.idle,
        staged: TIMES.staged,
        cpu: TIMES.cpu,
        reward: 3,
        seq: 1,
        prev: ByteBuf::from([0; 32]),
        at: AT,
    };
    change(&mut payload);
    wire::encode(&payload).unwrap()
}

/// A receipt that breaks a rule, validly signed.
pub(super) fn broken_receipt(reward: u64, cpu: u64, claim: &[u8]) -> Vec<u8> {
    let claim = ByteBuf::from(claim);
    let change = |p: &mut ReceiptPayload| (p.reward, p.cpu, p.claim) = (reward, cpu, claim);
    forged(&key(1), RECEIPT, PAYLOAD_TYPE, receipt_payload(change))
}

pub(super) fn refused_receipts() -> Vec<RefusedBytes> {
    let broken =
        |change: fn(&mut ReceiptPayload)| forged(&key(1), RECEIPT, PAYLOAD_TYPE, receipt_payload(change));
    let good = broken(|_| {});
    let mut all = vec![
        Vec::new(),
        good[..good.len() - 1].to_vec(),
        altered(&good),
        vec![0; polo::receipt::MAX_BYTES + 1],
        forged(&key(1), CLAIM, PAYLOAD_TYPE, receipt_payload(|_| {})),
        forged(&key(2), RECEIPT, PAYLOAD_TYPE, receipt_payload(|_| {})),
        // By another requester than the one whom the claim is to.
        forged(&key(3), RECEIPT, PAYLOAD_TYPE, receipt_payload(|p| p.requester = ByteBuf::from(public(3)))),
    ];
    let changes: [fn(&mut ReceiptPayload); 17] = [
        |p| p.version = 2,
        |p| p.claim = ByteBuf::new(),
        |p| p.claim = ByteBuf::from(altered(claim(1).as_bytes())),
        |p| p.claim = ByteBuf::from(broken_claim(|claim| claim.version = 2)),
        |p| p.idle -= 1,
        |p| p.staged -= 1,
        |p| p.cpu += 1,
        |p| p.reward = 4,
        |p| p.reward = 0,
        |p| p.idle = 60_000,
        |p| p.seq = 0,
        |p| p.seq = 2,
        |p| p.prev = ByteBuf::from([1; 32]),
        |p| p.prev = ByteBuf::from([0; 31]),
        |p| p.idle = MAX_NUMBER + 1,
        |p| (p.seq, p.prev) = (MAX_NUMBER + 1, ByteBuf::from([1; 32])),
        |p| p.at = MAX_NUMBER + 1,
    ];
    all.extend(changes.map(broken));
    all.iter().map(|bytes| refused(bytes, Receipt::from_bytes)).collect()
}
