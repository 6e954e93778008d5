//! What members have broadcast: of one network alone, the one that we are in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use airway_protocols::network::NetworkId;

use crate::services::events::{
    TOPICS_PER_PUBLISHER,
    log::{Log, New},
};

/// The log, and whose events lie in it.
#[derive(Debug)]
pub(super) struct Kept {
    log: Log,
    network: Mutex<Option<NetworkId>>,
}

impl Kept {
    pub(super) fn new(log: Log) -> Self {
        Self { log, network: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<NetworkId>> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn_to(&self, known: &mut Option<NetworkId>, network: Option<NetworkId>) {
        if *known != network {
            *known = network;
            self.log.clear();
        }
    }

    /// The log, with what was said in this network alone.
    pub(super) fn of(&self, network: Option<NetworkId>) -> &Log {
        self.turn_to(&mut self.lock(), network);
        &self.log
    }

    /// Keeps what was said in a network, unless that is not ours any more: `ours` is asked when nobody can read the log of the
    /// next one yet.
    pub(super) fn keep(&self, network: NetworkId, event: New, ours: impl FnOnce() -> Option<NetworkId>) {
        let mut known = self.lock();
        if ours() != Some(network) {
            return;
        }
        self.turn_to(&mut known, Some(network));
        if let Err(error) = self.log.append(event, TOPICS_PER_PUBLISHER) {
            tracing::debug!(%error, "a broadcast is not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use airway_protocols::agent::AgentId;

    use super::*;

    fn event() -> New {
        let (topic, publisher) = ("builds/done".parse().unwrap(), AgentId::from_bytes([1; 32]));
        New { topic, publisher, at: 1, payload: b"done".to_vec() }
    }

    #[test]
    fn what_was_judged_in_a_network_that_we_have_left_is_not_read_in_the_next_one() {
        let (former, next) = (NetworkId::from_bytes([1; 32]), NetworkId::from_bytes([2; 32]));
        let kept = Kept::new(Log::new(1));
        kept.keep(former, event(), || Some(former));
        assert_eq!(kept.of(Some(former)).topics().len(), 1);
        assert!(kept.of(Some(next)).topics().is_empty());
        kept.keep(next, event(), || Some(next));
        kept.keep(former, event(), || Some(next));
        let topics = kept.of(Some(next)).topics();
        assert_eq!(topics.iter().map(|topic| topic.events).sum::<u64>(), 1);
        kept.keep(next, event(), || None);
        assert!(kept.of(None).topics().is_empty());
    }
}
