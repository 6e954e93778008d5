//! Agents that are all one owner's: they sign what they like among themselves, and do some honest work.
//!
//! ```text
//! viewer ──8──► honest ──3──► first fake ◄──► 999 more, in rings and at random
//!                  ▲ └──2──► second fake ─────────┘
//!                  └────────── all fakes pay it, too
//! ```

use airway_protocols::{
    agent::AgentId,
    polo::{Claim, Entry, Graph, Outcome, Place, Receipt, Times, Work},
    tasks::TaskId,
};
use libp2p::identity::Keypair;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::size;

/// Some Thursday, when a week begins.
const NOW: u64 = 2_800 * 7 * 24 * 60 * 60 * 1000;

/// What the honest agent has paid fakes for real work: all that they can have of it, in thousandths.
const EARNED: u64 = 5_000;

/// The whole cast, with keys; and the graph of the one who looks at it.
struct World {
    viewer: AgentId,
    honest: Keypair,
    fakes: Vec<Keypair>,
    graph: Graph,
    receipts: u64,
}

fn agent(key: &Keypair) -> AgentId {
    AgentId::of(&key.public().try_into_ed25519().unwrap())
}

impl World {
    fn new() -> Self {
        let viewer = Keypair::generate_ed25519();
        let honest = Keypair::generate_ed25519();
        let graph = Graph::default();
        let mut world = Self { viewer: agent(&viewer), honest, fakes: Vec::new(), graph, receipts: 0 };
        let honest = world.honest.clone();
        world.pay(&viewer, &honest, 8);
        for worth in [3, 2] {
            let fake = Keypair::generate_ed25519();
            world.pay(&honest, &fake, worth);
            world.fakes.push(fake);
        }
        world
    }

    /// A receipt as it is on the wire, read back as anybody would.
    fn pay(&mut self, requester: &Keypair, worker: &Keypair, worth: u64) {
        let times = Times { idle: 0, staged: 0, cpu: 1 << 40 };
        let work = Work {
            requester: agent(requester),
            task: TaskId::new(),
            request: [1; 32],
            output: Some([2; 32]),
            outcome: Outcome::Success,
            times,
            max_reward: worth,
            at: NOW,
        };
        let claim = Claim::sign(worker, work).unwrap();
        let receipt = Receipt::issue(requester, claim, times, Place::FIRST, NOW).unwrap();
        let read = Receipt::from_bytes(receipt.as_bytes()).unwrap();
        assert_eq!(read.reward(), worth);
        // Beyond what a graph holds nothing counts at all.
        self.receipts += u64::from(self.graph.add(&Entry::from(&read)).is_ok());
    }

    /// More fakes, each paid by and paying others of them, and paying the honest agent.
    fn mint(&mut self, fakes: usize, each: usize, random: &mut StdRng) {
        let new = (0..fakes).map(|_| Keypair::generate_ed25519());
        self.fakes.extend(new);
        let all = self.fakes.clone();
        let honest = self.honest.clone();
        for (at, fake) in all.iter().enumerate() {
            self.pay(fake, &all[(at + 1) % all.len()], 10);
            self.pay(fake, &honest, 10);
            for _ in 0..each {
                let other = &all[random.random_range(0..all.len())];
                if agent(other) != agent(fake) {
                    self.pay(fake, other, 10);
                }
            }
        }
    }

    /// The best scores of all fakes: personal in thousandths, and raw.
    fn best(&self) -> (u64, i64) {
        let trusted = [agent(&self.honest)];
        let fakes: Vec<_> = self.fakes.iter().map(agent).collect();
        let personal = fakes.iter().map(|fake| self.graph.personal(&self.viewer, &trusted, fake, NOW).milli);
        let raw = fakes.iter().map(|fake| self.graph.raw(fake));
        (personal.max().unwrap(), raw.max().unwrap())
    }
}

#[test]
fn a_thousand_fakes_are_worth_no_more_than_the_honest_work_that_they_did() {
    let mut random = StdRng::seed_from_u64(size::seed());
    let mut world = World::new();
    let honest = agent(&world.honest);
    eprintln!("{:>7} {:>9} {:>14} {:>10}", "fakes", "receipts", "best personal", "best raw");
    let show = |world: &World| {
        let (personal, raw) = world.best();
        let (fakes, receipts) = (world.fakes.len(), world.receipts);
        eprintln!("{fakes:>7} {receipts:>9} {:>14.3} {raw:>10}", personal as f64 / 1000.0);
        (personal, raw)
    };

    let (alone, modest) = show(&world);
    assert_eq!((alone, modest), (3_000, 3), "as much as was earned");
    world.mint(998, size::size(2, 5), &mut random);
    assert_eq!(world.fakes.len(), 1_000);
    let (many, inflated) = show(&world);
    assert!(many <= EARNED, "{many} of {EARNED}");
    assert!(inflated >= 20, "what decides nothing is easy to have: {inflated}");

    // More of them, and more receipts: nothing but the raw score.
    world.mint(size::size(100, 1_000), size::size(2, 5), &mut random);
    let (more, still) = show(&world);
    assert!(more <= EARNED && still > inflated);
    let trusted = [honest];
    let of_honest = world.graph.personal(&world.viewer, &trusted, &honest, NOW).milli;
    assert_eq!(of_honest, 8_000, "nor do they make anybody else worth more to who knows none of them");
    eprintln!("what honest agents paid them for: {:.3}", EARNED as f64 / 1000.0);
}
