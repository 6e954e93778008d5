//! What is known of the things under way, for whoever waits for one of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use airway_protocols::{agent::AgentId, data::MessageId};
use tokio::sync::watch;

use super::{Lane, SendError};

/// Whom something is for, and its id.
pub(super) type Key = (AgentId, MessageId);

/// How far something has come.
#[derive(Debug, Clone)]
pub enum Status {
    /// It waits for its turn, or for the contact. The error is what was in the way at the last attempt.
    Waiting(Option<SendError>),
    /// It is being sent.
    Sending {
        /// Bytes that the contact has.
        sent: u64,
    },
    /// The contact has it on its disk.
    Delivered {
        /// It had it before.
        duplicate: bool,
    },
    /// It was given up.
    Failed(SendError),
}

impl Status {
    /// Whether nothing more will happen.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Delivered { .. } | Self::Failed(_))
    }
}

/// The status of each thing that somebody watches; the others need none. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Board(Arc<Mutex<Watched>>);

type Watched = HashMap<Key, (Lane, watch::Sender<Status>)>;

impl Board {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches one thing from now on.
    pub(super) fn watch(&self, key: Key, lane: Lane) -> watch::Receiver<Status> {
        let mut watched = self.lock();
        watched.retain(|_, (_, status)| status.receiver_count() > 0);
        let new = || (lane, watch::Sender::new(Status::Waiting(None)));
        watched.entry(key).or_insert_with(new).1.subscribe()
    }

    /// Watches one thing that is put now, perhaps once more: what was in its way before is no news of this time.
    pub(super) fn watch_anew(&self, key: Key, lane: Lane) -> watch::Receiver<Status> {
        let status = self.watch(key, lane);
        self.tell(&key, Status::Waiting(None));
        status
    }

    /// What is known of one thing, if somebody watches it.
    pub(super) fn get(&self, key: &Key) -> Option<Status> {
        self.lock().get(key).map(|(_, status)| status.borrow().clone())
    }

    /// Tells those who watch one thing.
    pub(super) fn tell(&self, key: &Key, status: Status) {
        let mut watched = self.lock();
        let known = if status.is_final() { watched.remove(key) } else { watched.get(key).cloned() };
        if let Some((_, watchers)) = known {
            watchers.send_replace(status);
        }
    }

    /// Tells those who watch anything that is for an agent.
    pub(super) fn tell_agent(&self, agent: &AgentId, status: &Status) {
        let keys: Vec<_> = self.lock().keys().filter(|(of, _)| of == agent).copied().collect();
        for key in keys {
            self.tell(&key, status.clone());
        }
    }

    /// Tells those who watch anything in a lane what is in the way.
    pub(super) fn tell_lane(&self, agent: &AgentId, lane: Lane, obstacle: &SendError) {
        for ((of, _), (its, status)) in self.lock().iter() {
            if of == agent && *its == lane {
                status.send_replace(Status::Waiting(Some(obstacle.clone())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_obstacle_is_no_news_of_what_is_put_again() {
        let board = Board::default();
        let key = (AgentId::from_bytes([1; 32]), MessageId::new());
        let follower = board.watch(key, Lane::Messages);
        board.tell_lane(&key.0, Lane::Messages, &SendError::Full);
        assert!(matches!(*follower.borrow(), Status::Waiting(Some(_))));
        let sender = board.watch_anew(key, Lane::Messages);
        assert!(matches!(*sender.borrow(), Status::Waiting(None)));
        board.tell(&key, Status::Delivered { duplicate: false });
        assert!(follower.borrow().is_final() && sender.borrow().is_final());
    }

    #[test]
    fn all_that_is_for_an_agent_ends_with_the_trust_in_it() {
        let board = Board::default();
        let watch = |number| {
            let key = (AgentId::from_bytes([number; 32]), MessageId::new());
            (key.0, board.watch(key, Lane::Messages))
        };
        let ((agent, first), (_, second), (_, other)) = (watch(1), watch(1), watch(2));
        board.tell_agent(&agent, &Status::Failed(SendError::Cancelled));
        assert!(first.borrow().is_final() && second.borrow().is_final());
        assert!(!other.borrow().is_final());
        assert_eq!(board.lock().len(), 1);
    }

    #[test]
    fn what_nobody_watches_any_more_is_forgotten() {
        let board = Board::default();
        let key = |number| (AgentId::from_bytes([number; 32]), MessageId::new());
        for number in 0..10 {
            drop(board.watch(key(number), Lane::Messages));
        }
        assert_eq!(board.lock().len(), 1);
    }
}
