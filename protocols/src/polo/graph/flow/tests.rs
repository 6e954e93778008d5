use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::polo::{Entry, Outcome};

/// Some Thursday, when a week begins.
const NOW: u64 = 2_800 * 7 * 24 * 60 * 60 * 1000;

fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 32])
}

/// A graph of these edges: who paid whom how much, at most 10.
fn graph(edges: &[(u8, u8, u64)]) -> Graph {
    let mut graph = Graph::default();
    for &(from, to, reward) in edges {
        let (requester, worker) = (agent(from), agent(to));
        let entry = Entry { requester, worker, outcome: Outcome::Success, reward, at: NOW };
        graph.add(&entry).unwrap();
    }
    graph
}

fn score(graph: &Graph, trusted: &[u8], target: u8) -> Score {
    let trusted: Vec<_> = trusted.iter().copied().map(agent).collect();
    graph.personal(&agent(0), &trusted, &agent(target), NOW)
}

/// What is left when every set of edges that cuts all paths is tried: the cheapest cut, which is as large as the largest
/// flow. Of graphs with few edges.
fn cheapest_cut(graph: &Graph, trusted: &[u8], target: u8, agents: u8) -> u64 {
    let trusts = |to: u8| if trusted.contains(&to) { FLOOR } else { 0 };
    let capacity = |from: u8, to: u8| match graph.capacity(&agent(from), &agent(to), NOW) {
        carries if from == 0 => carries.max(trusts(to)),
        carries => carries,
    };
    let pairs = (0..agents).flat_map(|from| (0..agents).map(move |to| (from, to)));
    let all = pairs.filter(|(from, to)| from != to).map(|(from, to)| (from, to, capacity(from, to)));
    let is_usable = |&(from, to, carries): &(u8, u8, u64)| carries > 0 && from != target && to != 0;
    let edges: Vec<_> = all.filter(is_usable).collect();
    let inner: Vec<u8> = (1..agents).filter(|node| *node != target).collect();
    let at = |node: u8| inner.iter().position(|inner| *inner == node).unwrap();
    // For each agent in each of two layers, whether it is on the side of the one who asks.
    let cost = |mask: u32| {
        let first = |node: u8| (mask >> at(node)) & 1 == 1;
        let second = |node: u8| (mask >> (inner.len() + at(node))) & 1 == 1;
        let is_cut = |from: u8, to: u8| match (from == 0, to == target) {
            (true, true) => true,
            (true, false) => !first(to),
            (false, true) => second(from),
            (false, false) => first(from) && !second(to),
        };
        let cannot = inner.iter().any(|node| first(*node) && !second(*node));
        let cut = edges.iter().filter(|(from, to, _)| is_cut(*from, *to)).map(|(.., carries)| carries);
        (!cannot).then(|| cut.sum::<u64>())
    };
    (0..1_u32 << (inner.len() * 2)).filter_map(cost).min().unwrap()
}

/// That the paths are there, carry what they say, and add up.
fn check(graph: &Graph, trusted: &[u8], score: &Score) -> Result<(), TestCaseError> {
    prop_assert_eq!(score.paths.iter().map(|path| path.milli).sum::<u64>(), score.milli);
    let mut used: BTreeMap<(AgentId, AgentId), u64> = BTreeMap::new();
    for path in &score.paths {
        prop_assert!((2..=4).contains(&path.agents.len()) && path.milli > 0);
        prop_assert_eq!(path.agents.iter().collect::<BTreeSet<_>>().len(), path.agents.len());
        for step in path.agents.windows(2) {
            *used.entry((step[0], step[1])).or_default() += path.milli;
        }
    }
    for ((from, to), used) in used {
        let floor = if from == agent(0) && trusted.iter().any(|node| agent(*node) == to) { FLOOR } else { 0 };
        prop_assert!(used <= graph.capacity(&from, &to, NOW).max(floor));
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_flow_is_as_large_as_the_cheapest_cut(
        edges in prop::collection::vec((0..7_u8, 0..7_u8, 1..11_u64), 0..30),
        trusted in prop::collection::vec(1..7_u8, 0..4),
    ) {
        let edges: Vec<_> = edges.into_iter().filter(|(from, to, _)| from != to).collect();
        let graph = graph(&edges);
        for target in 1..7 {
            let found = score(&graph, &trusted, target);
            check(&graph, &trusted, &found)?;
            prop_assert_eq!(found.milli, cheapest_cut(&graph, &trusted, target, 7), "{}", target);
        }
    }
}

#[test]
fn nobody_is_worth_anything_to_one_who_knows_nobody() {
    let graph = graph(&[(1, 2, 10), (2, 3, 10)]);
    assert_eq!(score(&graph, &[], 3), Score::default());
    assert_eq!(score(&Graph::default(), &[], 3), Score::default());
}

#[test]
fn trust_is_worth_one_at_least() {
    assert_eq!(score(&Graph::default(), &[3], 3).milli, 1_000);
    assert_eq!(score(&graph(&[(0, 3, 4)]), &[3], 3).milli, 4_000);
    let through = graph(&[(1, 2, 10), (2, 3, 10)]);
    assert_eq!(score(&through, &[1], 3).milli, 1_000, "as much as the first step carries");
    assert_eq!(score(&through, &[1], 2).milli, 1_000);
}

#[test]
fn oneself_has_no_score() {
    let graph = graph(&[(0, 1, 5), (1, 0, 5)]);
    assert_eq!(score(&graph, &[0, 1], 0), Score::default());
}

#[test]
fn a_path_has_three_edges_at_most() {
    let chain = graph(&[(0, 1, 5), (1, 2, 5), (2, 3, 5), (3, 4, 5)]);
    assert_eq!([1, 2, 3, 4].map(|target| score(&chain, &[], target).milli), [5_000, 5_000, 5_000, 0]);
    let path = Path { agents: [0, 1, 2, 3].map(agent).into(), milli: 5_000 };
    assert_eq!(score(&chain, &[], 3).paths, [path]);
}

#[test]
fn an_edge_is_used_once_whatever_paths_share_it() {
    // 1 pays 3 itself, and so does 2, whom 1 pays as well.
    let graph = graph(&[(0, 1, 10), (0, 2, 10), (1, 2, 4), (1, 3, 3), (2, 3, 5)]);
    assert_eq!(score(&graph, &[], 3).milli, 8_000);
}

#[test]
fn a_flow_takes_back_what_is_in_the_way() {
    let graph = graph(&[(0, 1, 1), (0, 2, 1), (1, 3, 1), (1, 4, 1), (2, 3, 1), (3, 5, 1), (4, 5, 1)]);
    assert_eq!(score(&graph, &[], 5).milli, 2_000);
}
