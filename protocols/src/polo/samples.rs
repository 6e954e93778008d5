//! Claims, receipts and chains of them, for the tests of all that concerns them.

use libp2p::identity::Keypair;

use super::{Claim, Export, Head, Outcome, Pair, Place, Receipt, ReceiptHash, Times, Tip, Work};
use crate::{
    agent::AgentId,
    network::samples::{NOW, agent, key},
    tasks::TaskId,
};

/// The id of a task.
pub(crate) fn task(number: u8) -> TaskId {
    TaskId::from_bytes([1, 0x18, 0x4F, 0x2E, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]).unwrap()
}

/// Ten minutes of work after a while.
pub(crate) const TIMES: Times = Times { idle: 30_000, staged: 300_000, cpu: 600_000 };

/// What agent 2 did for agent 1.
pub(crate) fn work(number: u8) -> Work {
    Work {
        requester: agent(1),
        task: task(number),
        request: [3; 32],
        output: Some([4; 32]),
        outcome: Outcome::Success,
        times: TIMES,
        max_reward: 10,
        at: NOW,
    }
}

pub(crate) fn claim(number: u8) -> Claim {
    Claim::sign(&key(2), work(number)).unwrap()
}

/// A chain of `length` receipts of agent 1 for the agent of `worker`.
pub(crate) fn chain(worker: &Keypair, length: u8) -> Vec<Receipt> {
    let mut chain: Vec<Receipt> = Vec::new();
    for number in 1..=length {
        let place = chain.last().map_or(Place::FIRST, Place::after);
        let claim = Claim::sign(worker, work(number)).unwrap();
        chain.push(Receipt::issue(&key(1), claim, TIMES, place, NOW + u64::from(number)).unwrap());
    }
    chain
}

/// The end of a chain.
pub(crate) fn tip(chain: &[Receipt]) -> Tip {
    let last = chain.last().unwrap();
    let Pair { requester, worker } = last.pair();
    Tip { requester, worker, seq: last.seq(), hash: last.hash() }
}

/// What an agent exports that says that these are its chains.
pub(crate) fn export(key: &Keypair, tips: Vec<Tip>, with: Option<AgentId>, receipts: &[Receipt]) -> Export {
    let head = Head::sign(key, tips, with, NOW).unwrap();
    Export { head: Some(head), receipts: receipts.to_vec(), findings: Vec::new() }
}

/// A hash of no receipt.
pub(crate) const OTHER: ReceiptHash = ReceiptHash::from_bytes([9; 32]);
