//! How reputation looks to a caller.

use super::tasks::named;
use crate::{
    Behind, Learnt, Node, Reputation,
    api::{Polo, PoloImported, PoloPair, PoloPath, PoloWhy},
    protocols::agent::AgentId,
};

/// The word for this agent itself.
const ME: &str = "me";

/// Alias or name, else full address.
fn label(node: &Node, agent: &AgentId) -> String {
    if node.me().agent == *agent {
        return ME.into();
    }
    let (address, name) = named(node, agent);
    name.unwrap_or(address)
}

impl Polo {
    pub(in crate::api) fn of(node: &Node, reputation: &Reputation) -> Self {
        let Reputation { agent, own, known, score } = reputation;
        let (address, name) = if *own {
            let me = node.me();
            (me.endpoint().to_string(), me.name)
        } else {
            named(node, agent)
        };
        Self {
            agent: address,
            name,
            own: *own,
            raw: known.raw,
            personal_milli: (!own).then_some(score.milli),
            receipts: known.as_worker + known.as_requester,
            as_worker: known.as_worker,
            as_requester: known.as_requester,
        }
    }
}

impl PoloWhy {
    pub(in crate::api) fn of(node: &Node, behind: &Behind) -> Self {
        let path = |path: &crate::protocols::polo::Path| PoloPath {
            agents: path.agents.iter().map(|agent| label(node, agent)).collect(),
            milli: path.milli,
        };
        let pair = |sum: &crate::protocols::polo::Sum| PoloPair {
            requester: label(node, &sum.pair.requester),
            worker: label(node, &sum.pair.worker),
            receipts: sum.receipts,
            reward: sum.reward,
        };
        Self {
            polo: Polo::of(node, &behind.reputation),
            paths: behind.reputation.score.paths.iter().map(path).collect(),
            pairs: behind.pairs.iter().map(pair).collect(),
        }
    }
}

impl From<Learnt> for PoloImported {
    fn from(Learnt { receipts, new }: Learnt) -> Self {
        Self { new, receipts }
    }
}
