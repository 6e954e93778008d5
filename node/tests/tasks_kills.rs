//! Requesters and workers that die at every place on the way of a task, and at random: no task is lost, none is applied
//! twice, and each that has succeeded has its one receipt at both.
//!
//! `AIRWAY_TEST_SIZE=full` has 10,000 tasks done through 1,000 kills in place of 160 through 32.
#![cfg(debug_assertions)]

#[path = "tasks_kills/agent.rs"]
mod agent;
#[path = "tasks_kills/audit.rs"]
mod audit;
#[path = "../src/crash.rs"]
#[expect(dead_code, reason = "the test dies nowhere, and needs the names alone")]
mod crash;
#[path = "tasks_kills/deed.rs"]
mod deed;
#[path = "tasks_kills/pair.rs"]
mod pair;
#[path = "tasks_kills/plan.rs"]
mod plan;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;
#[path = "tasks_kills/tally.rs"]
mod tally;

use std::time::Instant;

use futures::{StreamExt as _, stream};
use pair::Pair;
use plan::{Death, Moment};
use rand::{SeedableRng as _, rngs::SmallRng};
use size::{seed, size};
use tally::Tally;

/// Has a pair of its own do these tasks and die these deaths.
async fn play(tasks: usize, deaths: Vec<Death>) -> Tally {
    let mut pair = Pair::new().await;
    pair.play(tasks, &deaths).await;
    pair.audit().await;
    for agent in [&pair.requester, &pair.worker] {
        assert_eq!(agent.errors(), [""; 0], "nothing is damaged");
    }
    pair.tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn no_task_is_lost_or_applied_twice_wherever_an_agent_dies() {
    // Pairs of agents work beside each other: most of the time each waits.
    let (tasks, times, chances, pairs) = size((160, 1, 15, 4), (10_000, 30, 480, 4));
    let (start, mut rng) = (Instant::now(), SmallRng::seed_from_u64(seed()));
    let deaths = plan::deaths(times, chances, &mut rng);
    let unreached: Vec<_> = crash::Place::TASKS
        .iter()
        .filter(|place| !deaths.iter().any(|death| death.moment == Moment::At(**place)))
        .collect();
    assert!(unreached.is_empty(), "nobody dies at {unreached:?}");

    let shares: Vec<_> = deaths.chunks(deaths.len().div_ceil(pairs)).map(<[Death]>::to_vec).collect();
    let tallies = stream::iter(shares).map(|deaths| play(tasks / pairs, deaths)).buffer_unordered(pairs);
    let tally = tallies.fold(Tally::default(), async |sum, tally| sum.add(tally)).await;
    eprintln!("{tally}, {} places, {:.1} s", crash::Place::TASKS.len(), start.elapsed().as_secs_f64());
    for (what, those) in [("wrong", &tally.wrong), ("missed", &tally.missed)] {
        assert!(those.is_empty(), "{what}: {those:#?}");
    }
    assert!(tally.tasks >= tasks && tally.succeeded > 0, "{tally}");
}
