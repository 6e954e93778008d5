//! Who has paid whom, and what that says of an agent to one who asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Outcome, Pair, Receipt};
use crate::agent::AgentId;

mod edge;
mod flow;

use edge::Edge;

/// What counts of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Who asked.
    pub requester: AgentId,
    /// Who worked.
    pub worker: AgentId,
    /// How it ended.
    pub outcome: Outcome,
    /// What was paid.
    pub reward: u64,
    /// When, in milliseconds since the Unix epoch by the requester's clock.
    pub at: u64,
}

impl From<&Receipt> for Entry {
    fn from(receipt: &Receipt) -> Self {
        let Pair { requester, worker } = receipt.pair();
        let (outcome, reward, at) = (receipt.claim().outcome(), receipt.reward(), receipt.at());
        Self { requester, worker, outcome, reward, at }
    }
}

/// The graph has as many edges as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are receipts of {max} pairs already", max = Graph::MAX_EDGES)]
pub struct Full;

/// What all receipts say of an agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// What it was paid for work, less 1 for each success that it asked for and each task that expired with it. Two who are
    /// in it together can make it anything: it decides nothing by itself.
    pub raw: i64,
    /// Receipts of what it did.
    pub as_worker: u64,
    /// Receipts of what it asked for.
    pub as_requester: u64,
}

/// All receipts of a pair together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Whose.
    pub pair: Pair,
    /// How many there are.
    pub receipts: u64,
    /// What was paid on them.
    pub reward: u64,
}

/// What an agent is worth to one who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// In thousandths.
    pub milli: u64,
    /// How it gets there: what each path carries adds up to the score.
    pub paths: Vec<Path>,
}

/// Part of a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// From who asks to who is asked about, both included: two to four agents.
    pub agents: Vec<AgentId>,
    /// What it carries, in thousandths.
    pub milli: u64,
}

/// Receipts as a graph: an edge leads from each requester to each worker that it has paid.
///
/// The capacity of an edge is what was paid on it, at most 10 for each week and 100 in all, a week counting half as much
/// after 90 days; each expired task takes 2 from its week.
///
/// The [personal](Self::personal) score is the largest flow from who asks to who is asked about, over paths of at most
/// three edges. Nobody gets more than what leads from agents that earned it to those who are in it together, however many
/// those are and whatever they sign among themselves.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: HashMap<AgentId, usize>,
    agents: Vec<Node>,
    edges: usize,
}

#[derive(Debug, Clone)]
struct Node {
    agent: AgentId,
    known: Known,
    /// By whom it was paid for work.
    paid_by: BTreeMap<usize, Edge>,
    /// Whom it has paid.
    paid: BTreeSet<usize>,
}

impl Graph {
    /// Most edges: a score over that many takes a few milliseconds.
    pub const MAX_EDGES: usize = 10_000;

    /// Takes in a receipt. The caller sees to it that none is taken in twice.
    ///
    /// # Errors
    ///
    /// [`Full`] for one of a new pair beyond [`MAX_EDGES`](Self::MAX_EDGES).
    pub fn add(&mut self, entry: &Entry) -> Result<(), Full> {
        let known = |agent| self.nodes.get(agent).copied();
        let is_new = match (known(&entry.requester), known(&entry.worker)) {
            (Some(from), Some(to)) => !self.agents[from].paid.contains(&to),
            _ => true,
        };
        if is_new && self.edges == Self::MAX_EDGES {
            return Err(Full);
        }
        self.edges += usize::from(is_new);
        let (from, to) = (self.node(entry.requester), self.node(entry.worker));
        self.agents[from].paid.insert(to);
        self.agents[to].paid_by.entry(from).or_default().add(entry);
        self.count(from, to, entry);
        Ok(())
    }

    fn count(&mut self, from: usize, to: usize, entry: &Entry) {
        self.agents[from].known.as_requester += 1;
        self.agents[to].known.as_worker += 1;
        let mut change = |node: usize, by: i64| {
            let raw = &mut self.agents[node].known.raw;
            *raw = raw.saturating_add(by);
        };
        match entry.outcome {
            Outcome::Success => {
                change(to, i64::try_from(entry.reward).unwrap_or(i64::MAX));
                change(from, -1);
            }
            Outcome::Expired => change(to, -1),
            Outcome::Failed => {}
        }
    }

    fn node(&mut self, agent: AgentId) -> usize {
        *self.nodes.entry(agent).or_insert_with(|| {
            self.agents.push(Node {
                agent,
                known: Known::default(),
                paid_by: BTreeMap::new(),
                paid: BTreeSet::new(),
            });
            self.agents.len() - 1
        })
    }

    /// Edges of the graph.
    #[must_use]
    pub const fn edges(&self) -> usize {
        self.edges
    }

    /// Edges from and to an agent.
    #[must_use]
    pub fn edges_of(&self, agent: &AgentId) -> usize {
        let node = self.nodes.get(agent).map(|node| &self.agents[*node]);
        node.map_or(0, |node| node.paid_by.len() + node.paid.len())
    }

    /// What all receipts say of an agent; of one that is in none, nothing.
    #[must_use]
    pub fn known(&self, agent: &AgentId) -> Known {
        self.nodes.get(agent).map(|node| self.agents[*node].known).unwrap_or_default()
    }

    /// The raw score of an agent: see [`Known::raw`].
    #[must_use]
    pub fn raw(&self, agent: &AgentId) -> i64 {
        self.known(agent).raw
    }

    /// All receipts of a pair together, if there is any.
    #[must_use]
    pub fn sum(&self, pair: &Pair) -> Option<Sum> {
        let (from, to) = (self.nodes.get(&pair.requester)?, self.nodes.get(&pair.worker)?);
        self.agents[*to].paid_by.get(from).map(|edge| edge.sum(*pair))
    }

    /// The same of all pairs that an agent is in: those it worked for, and then those that worked for it.
    pub fn sums_of(&self, agent: &AgentId) -> impl Iterator<Item = Sum> {
        let node = self.nodes.get(agent).map(|node| (*node, &self.agents[*node]));
        node.into_iter().flat_map(move |(at, node)| {
            let pair = |requester, worker| Pair { requester, worker };
            let name = |node: usize| self.agents[node].agent;
            let did = node.paid_by.iter().map(move |(from, edge)| edge.sum(pair(name(*from), node.agent)));
            let had = node.paid.iter().map(move |to| (*to, &self.agents[*to].paid_by[&at]));
            did.chain(had.map(move |(to, edge)| edge.sum(pair(node.agent, name(to)))))
        })
    }

    /// What the edge from one agent to another carries at `now`, in thousandths.
    #[must_use]
    pub fn capacity(&self, from: &AgentId, to: &AgentId, now: u64) -> u64 {
        let (Some(from), Some(to)) = (self.nodes.get(from), self.nodes.get(to)) else { return 0 };
        self.agents[*to].paid_by.get(from).map_or(0, |edge| edge.capacity(now))
    }

    /// What `target` is worth to `viewer`, who directly trusts `trusted`, at `now` in milliseconds since the Unix epoch.
    ///
    /// An edge of the viewer to somebody whom it trusts carries at least 1. The score of oneself is 0.
    #[must_use]
    pub fn personal(&self, viewer: &AgentId, trusted: &[AgentId], target: &AgentId, now: u64) -> Score {
        flow::personal(self, flow::Question { viewer, trusted, target, now })
    }
}

#[cfg(test)]
mod tests;
