//! A task between a requester and a worker, over a network that loses, doubles, reorders and plays back, with clocks that
//! know nothing of each other: every way it can go, within a number of things that the two do. A crash of either is in it
//! between any two steps, since what a step changes is stored at once, and what was said then may be lost.
//! `AIRWAY_TEST_SIZE=full` lets them do more.
#![expect(clippy::unwrap_used, reason = "a step that cannot be refused is not")]

#[path = "tasks/deeds.rs"]
mod deeds;
#[path = "tasks/promises.rs"]
mod promises;
#[path = "../../node/tests/common/size.rs"]
mod size;
#[path = "tasks/world.rs"]
mod world;

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher as _, RandomState},
};

use airway_protocols::tasks::{Execution, State};
use world::World;

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
    let mut worlds = if world.deeds > 0 { deeds::all(world) } else { Vec::new() };
    for said in &world.said {
        worlds.extend(world.deliver(said));
    }
    worlds
}

/// How many worlds there are, by where the two stand.
type Ends = BTreeMap<(State, Option<State>), usize>;

/// Goes everywhere from these worlds.
fn explore(mut ahead: Vec<World>) -> Ends {
    let (mut seen, mut ended, mut ends) = (Seen::default(), Seen::default(), Ends::new());
    while let Some(world) = ahead.pop() {
        promises::check(&world);
        let left_alone = World { deeds: 0, trust: (true, true), ..world.clone() };
        if ended.is_new(&left_alone) {
            promises::check_end(&left_alone);
        }
        *ends.entry((world.order.state, world.work.map(|work| work.state))).or_default() += 1;
        ahead.extend(next(&world).into_iter().filter(|next| {
            promises::check_step(&world, next);
            seen.is_new(next)
        }));
    }
    ends
}

#[expect(clippy::print_stderr, reason = "how much was gone through")]
fn check(name: &str, from: Vec<World>) {
    let ends = explore(from);
    let worlds: usize = ends.values().sum();
    eprintln!("{worlds} worlds of tasks {name}");
    assert!(worlds > 1_000);
    // It was gone to each state on either side.
    let ordered: HashSet<_> = ends.keys().map(|(order, _)| *order).collect();
    let worked: HashSet<_> = ends.keys().filter_map(|(_, work)| *work).collect();
    for state in State::ALL {
        assert!(ordered.contains(&state), "{state} at the requester");
        assert_eq!(worked.contains(&state), state != State::Submitted, "{state} at the worker");
    }
}

/// From a new task, and with fewer deeds from one that is being executed.
fn check_all(name: &str, execution: Execution) {
    let deeds = size::size(3, 5);
    check(name, vec![World::new(execution, false, deeds), World::executing(execution, deeds - 1)]);
}

#[test]
fn every_promise_holds_for_tasks_that_are_executed_until_they_succeed() {
    check_all("executed until they succeed", Execution::AtLeastOnce);
}

#[test]
fn every_promise_holds_for_tasks_that_are_executed_once_at_most() {
    check_all("executed once at most", Execution::AtMostOnce);
}

#[test]
fn every_promise_holds_for_tasks_that_wait_for_a_file() {
    check("that wait for a file", vec![World::new(Execution::AtLeastOnce, true, size::size(4, 6))]);
}
