//! Tells that there is something to be said to an agent.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use airway_protocols::agent::AgentId;
use tokio::sync::Notify;

/// Rung with each change of which another agent has to hear; clones ring the same bell. It remembers for whom until somebody
/// looks: as many as there are contacts, at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    agents: Mutex<BTreeSet<AgentId>>,
    rung: Notify,
}

impl Bell {
    /// There is something to be said to this agent.
    pub(crate) fn ring(&self, agent: AgentId) {
        self.0.agents.lock().unwrap_or_else(PoisonError::into_inner).insert(agent);
        self.0.rung.notify_one();
    }

    /// For whom it was rung since it was last asked; waits until it was. One at a time may ask.
    pub(crate) async fn rung(&self) -> BTreeSet<AgentId> {
        loop {
            let agents = mem::take(&mut *self.0.agents.lock().unwrap_or_else(PoisonError::into_inner));
            if !agents.is_empty() {
                return agents;
            }
            self.0.rung.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_agent_is_named_once_for_all_that_was_rung() {
        let bell = Bell::default();
        let agents = [1, 2, 1].map(|agent| AgentId::from_bytes([agent; 32]));
        let waiting = tokio::spawn({
            let bell = bell.clone();
            async move { bell.rung().await }
        });
        agents.into_iter().for_each(|agent| bell.ring(agent));
        let mut heard = waiting.await.unwrap();
        bell.ring(agents[1]);
        heard.extend(bell.rung().await);
        assert_eq!(heard, BTreeSet::from([agents[0], agents[1]]));
    }
}
