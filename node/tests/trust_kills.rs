//! Agents that die at every place on the way of trust: what was decided holds, and nothing is half done.
//!
//! `AIRWAY_TEST_SIZE=full` plays more than 1,000 rounds in place of 80.
#![cfg(debug_assertions)]

#[path = "trust_kills/agent.rs"]
mod agent;
#[path = "trust_kills/busy.rs"]
mod busy;
#[path = "../src/crash.rs"]
#[expect(dead_code, reason = "the test dies nowhere, and needs the names alone")]
mod crash;
#[path = "trust_kills/deeds.rs"]
mod deeds;
#[path = "trust_kills/pair.rs"]
mod pair;
#[path = "trust_kills/plan.rs"]
mod plan;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;
#[path = "trust_kills/tally.rs"]
mod tally;

use std::time::Instant;

use futures::{StreamExt as _, stream};
use pair::Pair;
use plan::{Moment, Round};
use rand::{SeedableRng as _, rngs::SmallRng};
use size::{seed, size};
use tally::Tally;

/// Plays these rounds with a pair of its own.
async fn play(rounds: Vec<Round>) -> Tally {
    let mut pair = Pair::new().await;
    for round in rounds {
        pair.play(round).await;
    }
    for agent in [&pair.alice, &pair.bob, &pair.carol] {
        assert_eq!(agent.errors(), [""; 0], "nothing is damaged");
    }
    pair.tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn trust_is_whole_wherever_an_agent_dies() {
    // Pairs of agents play beside each other: most of the time each waits.
    let (times, chances, pairs) = size((1, 8, 4), (8, 440, 6));
    let (start, mut rng) = (Instant::now(), SmallRng::seed_from_u64(seed()));
    let rounds = [plan::all_places(times, &mut rng), plan::by_chance(chances, &mut rng)].concat();
    let unreached: Vec<_> = crash::Place::ALL
        .iter()
        .filter(|place| !rounds.iter().any(|round| round.moment == Moment::At(**place)))
        .collect();
    assert!(unreached.is_empty(), "no round ends at {unreached:?}");

    let shares = rounds.chunks(rounds.len().div_ceil(pairs)).map(<[Round]>::to_vec).collect::<Vec<_>>();
    let tallies = stream::iter(shares).map(play).buffer_unordered(pairs);
    let tally = tallies.fold(Tally::default(), async |sum, tally| sum.add(tally)).await;
    eprintln!("{tally}, {} places, {:.1} s", crash::Place::ALL.len(), start.elapsed().as_secs_f64());
    for (what, those) in [("lost", &tally.lost), ("served", &tally.served), ("missed", &tally.missed)] {
        assert!(those.is_empty(), "{what}: {those:#?}");
    }
    assert_eq!(tally.rounds, rounds.len());
}
