//! Two agents and a network that loses, doubles, reorders and plays back: every way it can go, within a number of things
//! that the owners do. `AIRWAY_TEST_SIZE=full` lets them do more.
#![expect(clippy::unwrap_used, reason = "a step that cannot be refused is not")]

#[path = "relation/promises.rs"]
mod promises;
#[path = "../../node/tests/common/size.rs"]
mod size;
#[path = "relation/world.rs"]
mod world;

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
};

use airway_protocols::trust::{Event, MAX_GENERATION, Relation};
use world::World;

/// What an owner may do.
const DEEDS: [Event; 7] = [
    Event::Approve,
    Event::Reject { tell: true },
    Event::Reject { tell: false },
    Event::Revoke,
    Event::Block,
    Event::Unblock,
    Event::Lapse,
];

/// Which worlds were seen, by 128 bits of hash: the worlds themselves would not fit into memory.
#[derive(Default)]
struct Seen {
    hashes: HashSet<(u64, u64)>,
    keys: (RandomState, RandomState),
}

impl Seen {
    fn is_new(&mut self, world: &World) -> bool {
        self.hashes.insert((self.keys.0.hash_one(world), self.keys.1.hash_one(world)))
    }
}

/// All worlds that one event leads to.
fn next(world: &World) -> Vec<World> {
    let mut worlds = Vec::new();
    for who in [0, 1] {
        if world.deeds > 0 {
            worlds.extend(world.ask(who));
            worlds.extend(world.make_ticket(who));
            worlds.extend(DEEDS.iter().filter_map(|deed| world.act(who, *deed)));
        }
        worlds.extend((0..world.parties[1 - who].said.len()).filter_map(|said| world.deliver(who, said)));
    }
    worlds
}

/// Goes everywhere from a first relation, and returns the number of worlds.
fn explore(first: Relation, deeds: u8) -> usize {
    let mut seen = Seen::default();
    let mut ahead = vec![World::new(first, deeds)];
    while let Some(world) = ahead.pop() {
        promises::check(&world);
        ahead.extend(next(&world).into_iter().filter(|world| seen.is_new(world)));
    }
    seen.hashes.len()
}

#[expect(clippy::print_stderr, reason = "how much was gone through")]
#[test]
fn every_promise_holds_whatever_the_network_does() {
    let deeds = size::size(5, 6);
    let worlds = explore(Relation::default(), deeds);
    eprintln!("{worlds} worlds with {deeds} deeds");
    assert!(worlds > 10_000);
}

/// A peer that has said the largest generation, or whose clock was at the end of time, has spoiled neither number for
/// ever.
#[expect(clippy::print_stderr, reason = "how much was gone through")]
#[test]
fn every_promise_holds_at_the_largest_generation() {
    let deeds = size::size(4, 5);
    let worlds = explore(Relation { generation: MAX_GENERATION - 1, ..Relation::default() }, deeds);
    eprintln!("{worlds} worlds with {deeds} deeds");
    assert!(worlds > 1_000);
}
