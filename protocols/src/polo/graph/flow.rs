//! The largest flow over at most three edges.
//!
//! ```text
//! viewer ──► first x ──────────► second x ──► target        viewer ──► target, beside it
//!               └──── x pays y ───► second y ───┘
//! ```
//!
//! An agent stands in two layers: reached by one edge, and reached by one or two. Every edge of the graph is there once,
//! since it can only be the first, the middle or the last of three: a step from the first layer to the second is between
//! others than viewer and target, and a last one leaves the second layer, whether there was a middle or not. So the
//! flow of this network is exactly the one that is asked for.

use std::collections::BTreeMap;

use super::{Graph, Path, Score};
use crate::agent::AgentId;

mod dinic;

use dinic::Network;

/// What an edge to somebody who is directly trusted carries at least, in thousandths.
const FLOOR: u64 = 1000;

/// Nodes of the network.
const SOURCE: usize = 0;
const SINK: usize = 1;

/// What [`Graph::personal`] asks for.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) viewer: &'a AgentId,
    pub(super) trusted: &'a [AgentId],
    pub(super) target: &'a AgentId,
    pub(super) now: u64,
}

/// Arcs of the network that lead from the first layer to the second, with who stands at their ends.
type Middle = Vec<(usize, usize, usize)>;

pub(super) fn personal(graph: &Graph, question: Question<'_>) -> Score {
    let Question { viewer, target, .. } = question;
    if viewer == target {
        return Score::default();
    }
    let mut score = Score::default();
    score.add(vec![*viewer, *target], direct(graph, question));

    let mut network = Network::new(2);
    let middle = lay(graph, question, &mut network);
    network.saturate(SOURCE, SINK);
    let name = |node: usize| graph.agents[node].agent;
    for (arc, first, second) in middle {
        let mut agents = vec![*viewer, name(first), name(second), *target];
        agents.dedup();
        score.add(agents, network.flow(arc));
    }
    score.paths.sort_by(|one, next| next.milli.cmp(&one.milli).then_with(|| one.agents.cmp(&next.agents)));
    score
}

impl Score {
    fn add(&mut self, agents: Vec<AgentId>, milli: u64) {
        if milli > 0 {
            self.milli += milli;
            self.paths.push(Path { agents, milli });
        }
    }
}

/// What the edge from the viewer to the target carries.
fn direct(graph: &Graph, Question { viewer, trusted, target, now }: Question<'_>) -> u64 {
    let floor = if trusted.contains(target) { FLOOR } else { 0 };
    graph.capacity(viewer, target, now).max(floor)
}

/// Lays the arcs of all longer paths.
fn lay(graph: &Graph, question: Question<'_>, network: &mut Network) -> Middle {
    let Question { viewer, target, now, .. } = question;
    let Some(&sink) = graph.nodes.get(target) else { return Middle::new() };
    let source = graph.nodes.get(viewer).copied();
    let firsts = firsts(graph, question);
    let mut laid: BTreeMap<usize, usize> = BTreeMap::new();
    let mut middle = Middle::new();
    for (&second, last) in &graph.agents[sink].paid_by {
        let carries = last.capacity(now);
        if Some(second) == source || carries == 0 {
            continue;
        }
        let mut steps = steps(graph, &firsts, second, now, sink).peekable();
        if steps.peek().is_none() {
            continue;
        }
        let node = network.node();
        network.arc(node, SINK, carries);
        for (first, carries) in steps {
            let from = *laid.entry(first).or_insert_with(|| {
                let from = network.node();
                network.arc(SOURCE, from, firsts[&first]);
                from
            });
            middle.push((network.arc(from, node, carries), first, second));
        }
    }
    middle
}

/// Who is reached by one edge, and what that carries.
fn firsts(graph: &Graph, Question { viewer, trusted, target, now }: Question<'_>) -> BTreeMap<usize, u64> {
    let mut firsts = BTreeMap::new();
    if let Some(source) = graph.nodes.get(viewer) {
        let paid = graph.agents[*source].paid.iter();
        firsts.extend(paid.map(|to| (*to, graph.agents[*to].paid_by[source].capacity(now))));
    }
    for node in trusted.iter().filter_map(|agent| graph.nodes.get(agent)) {
        let carries = firsts.entry(*node).or_insert(0);
        *carries = FLOOR.max(*carries);
    }
    for end in [viewer, target] {
        graph.nodes.get(end).map(|node| firsts.remove(node));
    }
    firsts.retain(|_, carries| *carries > 0);
    firsts
}

/// How one gets to `second` in the second layer: from itself in the first, which costs nothing, and from whoever paid it.
fn steps<'a>(
    graph: &'a Graph,
    firsts: &'a BTreeMap<usize, u64>,
    second: usize,
    now: u64,
    sink: usize,
) -> impl Iterator<Item = (usize, u64)> + 'a {
    let itself = firsts.contains_key(&second).then_some((second, u64::MAX));
    let paid = graph.agents[second].paid_by.iter().filter(move |(first, _)| **first != sink);
    let known = paid.filter(|(first, _)| firsts.contains_key(first));
    let carries = known.map(move |(first, edge)| (*first, edge.capacity(now)));
    itself.into_iter().chain(carries.filter(|(_, carries)| *carries > 0))
}

#[cfg(test)]
mod tests;
