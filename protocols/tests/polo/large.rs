//! Scores over graphs with as many edges as there may be.

use std::{collections::BTreeSet, time::Instant};

use airway_protocols::{
    agent::AgentId,
    polo::{Entry, Graph, Outcome},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::size;

const NOW: u64 = 2_800 * WEEK;
const WEEK: u64 = 7 * 24 * 60 * 60 * 1000;

/// Contacts of the one who asks.
const CONTACTS: usize = 50;

fn agent(number: usize) -> AgentId {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    AgentId::from_bytes(bytes)
}

/// A graph with these edges, each of a few receipts of the last months.
fn graph(edges: impl IntoIterator<Item = (usize, usize)>, random: &mut StdRng) -> Graph {
    let mut graph = Graph::default();
    let edges: BTreeSet<_> =
        edges.into_iter().filter(|(from, to)| from != to).take(Graph::MAX_EDGES).collect();
    for (from, to) in edges {
        for _ in 0..random.random_range(1..6) {
            let (requester, worker) = (agent(from), agent(to));
            let (reward, at) = (random.random_range(1..9), NOW - random.random_range(0..30) * WEEK);
            let entry = Entry { requester, worker, outcome: Outcome::Success, reward, at };
            graph.add(&entry).unwrap();
        }
    }
    graph
}

/// Pairs of agents, of whom the first few are far more often there than the last.
fn crowd(agents: usize, random: &mut StdRng) -> BTreeSet<(usize, usize)> {
    let mut edges = BTreeSet::new();
    let mut draw = || {
        let at: f64 = random.random();
        ((at * at) * agents as f64) as usize
    };
    while edges.len() < Graph::MAX_EDGES {
        let (from, to) = (draw(), draw());
        if from != to {
            edges.insert((from, to));
        }
    }
    edges
}

/// What is worst for the computation: all edges are on ways from 0 to 1.
fn between() -> impl Iterator<Item = (usize, usize)> {
    let third = Graph::MAX_EDGES / 3;
    let steps = (0..third).map(move |at| (2 + at, 2 + third + at * 7 % third));
    let first = (0..third).map(|at| (0, 2 + at));
    first.chain(steps).chain((0..third).map(move |at| (2 + third + at, 1)))
}

/// Computes the score of each target, and prints how long that took.
fn measure(what: &str, graph: &Graph, targets: impl Iterator<Item = usize>) -> Vec<u64> {
    let trusted: Vec<_> = (1..=CONTACTS).map(agent).collect();
    let mut micros = Vec::new();
    let scores: Vec<_> = targets
        .map(|target| {
            let begin = Instant::now();
            let score = graph.personal(&agent(0), &trusted, &agent(target), NOW);
            micros.push(begin.elapsed().as_micros());
            assert_eq!(score.paths.iter().map(|path| path.milli).sum::<u64>(), score.milli);
            score.milli
        })
        .collect();
    micros.sort_unstable();
    let at = |percent: usize| micros[(micros.len() - 1) * percent / 100] as f64 / 1000.0;
    let (edges, count) = (graph.edges(), scores.len());
    eprintln!(
        "{what:<34} {edges:>6} edges {count:>6} scores   p50 {:>7.3} ms   p99 {:>7.3} ms   max {:>7.3} ms",
        at(50),
        at(99),
        at(100)
    );
    scores
}

#[test]
fn scores_are_computed_over_as_many_edges_as_there_may_be() {
    let mut random = StdRng::seed_from_u64(size::seed());
    let targets = size::size(200, 5_000);
    for agents in [150, 1_000, 4_000] {
        let graph = graph(crowd(agents, &mut random), &mut random);
        assert_eq!(graph.edges(), Graph::MAX_EDGES);
        let scores =
            measure(&format!("a crowd of {agents}"), &graph, (1..=targets).map(|at| 1 + at % (agents - 1)));
        assert!(scores.iter().any(|score| *score > 1_000), "nobody is worth more than trust alone");
    }
    let between = graph(between(), &mut random);
    let scores = measure("all edges on ways to the target", &between, std::iter::repeat_n(1, targets / 10));
    assert!(scores.iter().all(|score| *score == scores[0] && *score > 100_000));
}
