//! Who has paid whom, and what that says of an agent to one who asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Outcome, Receipt};
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
        let super::Pair { requester, worker } = receipt.pair();
        let (outcome, reward, at) = (receipt.claim().outcome(), receipt.reward(), receipt.at());
        Self { requester, worker, outcome, reward, at }
    }
}

/// The graph has as many edges as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are receipts of {max} pairs already", max = Graph::MAX_EDGES)]
pub struct Full;

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
    raw: i64,
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
        let change = |raw: &mut i64, by: i64| *raw = raw.saturating_add(by);
        match entry.outcome {
            Outcome::Success => {
                change(&mut self.agents[to].raw, i64::try_from(entry.reward).unwrap_or(i64::MAX));
                change(&mut self.agents[from].raw, -1);
            }
            Outcome::Expired => change(&mut self.agents[to].raw, -1),
            Outcome::Failed => {}
        }
    }

    fn node(&mut self, agent: AgentId) -> usize {
        *self.nodes.entry(agent).or_insert_with(|| {
            self.agents.push(Node { agent, raw: 0, paid_by: BTreeMap::new(), paid: BTreeSet::new() });
            self.agents.len() - 1
        })
    }

    /// Edges of the graph.
    #[must_use]
    pub const fn edges(&self) -> usize {
        self.edges
    }

    /// What an agent was paid for work, less 1 for each success that it asked for and each task that expired with it. Two
    /// who are in it together can make it anything: it decides nothing by itself.
    #[must_use]
    pub fn raw(&self, agent: &AgentId) -> i64 {
        self.nodes.get(agent).map_or(0, |node| self.agents[*node].raw)
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
