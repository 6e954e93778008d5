//! Polo: claims, receipts, heads, what is wrong with chains of them, and scores.

use airway_protocols::{
    agent::AgentId,
    polo::{self, Claim, Outcome, Place, Receipt, Times, Work, reward},
    tasks::TaskId,
};
use serde::Serialize;

use super::support::{RefusedBytes, golden, hex, key};

mod exports;
mod graphs;
mod heads;
mod objects;

use exports::{Shown, exports};
use graphs::{Scored, graphs};
use heads::{Topped, heads, refused_heads};
use objects::{Claimed, Issued, claims, receipts, refused_claims, refused_receipts};

const AT: u64 = 1_700_000_000_000;

/// Rewards of random times.
const RANDOM: usize = 200;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    rewards: Vec<Paid>,
    claims: Vec<Claimed>,
    refused_claims: Vec<RefusedBytes>,
    receipts: Vec<Issued>,
    refused_receipts: Vec<RefusedBytes>,
    heads: Vec<Topped>,
    refused_heads: Vec<RefusedBytes>,
    exports: Vec<Shown>,
    graphs: Vec<Scored>,
}

#[derive(Serialize)]
struct Paid {
    idle: u64,
    staged: u64,
    cpu: u64,
    reward: u64,
}

/// Ten minutes of work after a while.
const TIMES: Times = Times { idle: 30_000, staged: 300_000, cpu: 600_000 };

fn public(seed: u8) -> [u8; 32] {
    key(seed).public().try_into_ed25519().unwrap().to_bytes()
}

fn agent(seed: u8) -> AgentId {
    AgentId::of(&key(seed).public().try_into_ed25519().unwrap())
}

fn task(number: u8) -> TaskId {
    TaskId::from_bytes([1, 0x18, 0x4F, 0x2E, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]).unwrap()
}

/// What was done for agent 1.
fn work(number: u8) -> Work {
    Work {
        requester: agent(1),
        task: task(number),
        request: [3; 32],
        output: Some([4; 32]),
        outcome: Outcome::Success,
        times: TIMES,
        max_reward: 10,
        at: AT,
    }
}

/// What agent 2 did.
fn claim(number: u8) -> Claim {
    Claim::sign(&key(2), work(number)).unwrap()
}

fn receipt(number: u8, place: Place) -> Receipt {
    Receipt::issue(&key(1), claim(number), TIMES, place, AT + u64::from(number)).unwrap()
}

/// The first receipts of agent 1 for agent 2.
fn chain(length: u8) -> Vec<Receipt> {
    let mut chain: Vec<Receipt> = Vec::new();
    for number in 1..=length {
        chain.push(receipt(number, chain.last().map_or(Place::FIRST, Place::after)));
    }
    chain
}

/// Numbers that look random and are always the same: xorshift64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn rewards() -> Vec<Paid> {
    let known = [
        (0, 0, 0),
        (0, 0, 60_000),
        (0, 0, 600_000),
        (30_000, 300_000, 600_000),
        (0, 0, 1_800_000),
        (60_000, 600_000, 0),
        (60_000, 600_000, 3_600_000),
        (50_000, 0, 60_000),
        (0, 600_000, 86_400_000),
        (polo::MAX_NUMBER, polo::MAX_NUMBER, polo::MAX_NUMBER),
        (0, 0, polo::MAX_NUMBER),
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let random = (0..RANDOM).map(|_| {
        let scale = 1 << dice.below(40);
        (dice.below(90_000), dice.below(900_000), dice.below(scale))
    });
    let paid = |(idle, staged, cpu)| Paid { idle, staged, cpu, reward: reward(idle, staged, cpu) };
    known.into_iter().chain(random).map(paid).collect()
}

#[test]
fn polo_is_as_written() {
    let vectors = Vectors {
        about: "Claims are the CBOR map {\"version\": 1, \"worker\": the key that signs, \"requester\", \"task\", \
                \"request\", \"output\": zeros if there is none, \"outcome\": 1 success, 2 failed, 3 expired, \"idle\", \
                \"staged\", \"cpu\", \"max_reward\", \"at\"} in the domain airway-work-v1; receipts {\"version\": 1, \
                \"requester\": the key that signs, \"claim\": its envelope, \"idle\", \"staged\", \"cpu\", \"reward\", \
                \"seq\", \"prev\": zeros for the first, \"at\"} in airway-receipt-v1, their hash the SHA-256 of \
                airway-receipt-id-v1, a zero byte and the envelope; heads {\"version\": 1, \"agent\": the key that \
                signs, \"pairs\", \"with\" if it is about chains with one agent, \"at\"} in airway-polo-head-v1. Seeds \
                are of who signs, agents ids. Exports are files; others are files of others that they are compared \
                with; findings are the codes of what is wrong, in their order. In graphs an agent is a number, and its \
                id 32 of it; trusted are those whom the viewer trusts, scores are in thousandths, raw ones whole.",
        rewards: rewards(),
        claims: claims(),
        refused_claims: refused_claims(),
        receipts: receipts(),
        refused_receipts: refused_receipts(),
        heads: heads(),
        refused_heads: refused_heads(),
        exports: exports(),
        graphs: graphs(),
    };
    golden("polo.json", &vectors);
}
