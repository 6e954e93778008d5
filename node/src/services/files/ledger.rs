//! Who is receiving which file, and what the files that are not in the inbox yet take up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use airway_protocols::{agent::Fingerprint, data::MessageId};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use crate::store::FILE_COST;

/// Files of one peer that are not complete; a further one is answered with `quota` until one is completed, or has
/// waited for too long. Each takes a directory and an entry here.
const PENDING_PER_PEER: usize = 64;

/// Which file: the sender's fingerprint, and the id.
pub(super) type Key = (Fingerprint, MessageId);

/// The files that are not in the inbox yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<HashMap<Key, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    /// The size of the whole while it comes, what there is of it otherwise.
    bytes: u64,
    /// Held by whoever touches the file on the disk.
    turn: Arc<Turn<()>>,
    /// Ends the attempt that began last.
    cancel: CancellationToken,
}

impl Entry {
    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.turn) == 1
    }

    fn cost(&self) -> u64 {
        if self.bytes == 0 { 0 } else { self.bytes.saturating_add(FILE_COST) }
    }
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the turn of a file away from an earlier attempt, whose connection its sender has given up.
    pub(super) async fn enter(&self, key: Key) -> Slot {
        let (turn, cancel) = {
            let mut entries = self.entries();
            entries.retain(|_, entry| entry.bytes > 0 || !entry.is_idle());
            let entry = entries.entry(key).or_default();
            entry.cancel.cancel();
            entry.cancel = CancellationToken::new();
            (entry.turn.clone(), entry.cancel.clone())
        };
        let turn = turn.lock_owned().await;
        self.slot(key, turn, cancel)
    }

    /// The turn of a file that nobody touches.
    pub(super) fn try_enter(&self, key: Key) -> Option<Slot> {
        let (turn, cancel) = {
            let mut entries = self.entries();
            let entry = entries.entry(key).or_default();
            (entry.turn.clone(), entry.cancel.clone())
        };
        let turn = turn.try_lock_owned().ok()?;
        Some(self.slot(key, turn, cancel))
    }

    fn slot(&self, key: Key, turn: OwnedMutexGuard<()>, cancel: CancellationToken) -> Slot {
        let kept = self.entries().get(&key).map_or(0, |entry| entry.bytes);
        Slot { ledger: self.clone(), key, cancel, kept, _turn: turn }
    }
}

/// The right to touch one file on the disk.
#[derive(Debug)]
pub(super) struct Slot {
    ledger: Ledger,
    key: Key,
    cancel: CancellationToken,
    /// What there is of the file when nobody touches it any more.
    kept: u64,
    _turn: OwnedMutexGuard<()>,
}

impl Slot {
    /// Ends when another attempt wants the file.
    pub(super) fn cancelled(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Counts the whole size of the file from now on. Returns what all files cost that are not in the inbox yet, or
    /// `None` if its sender has too many of them.
    pub(super) fn reserve(&self, size: u64) -> Option<u64> {
        let mut entries = self.ledger.entries();
        if let Some(entry) = entries.get_mut(&self.key) {
            // An empty file has a directory, too.
            entry.bytes = size.max(1);
        }
        let of_peer = entries.keys().filter(|(peer, _)| *peer == self.key.0).count();
        (of_peer <= PENDING_PER_PEER).then(|| entries.values().map(Entry::cost).fold(0, u64::saturating_add))
    }

    /// Notes how much of the file there is.
    pub(super) fn keep(&mut self, bytes: u64) {
        self.kept = bytes;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(entry) = self.ledger.entries().get_mut(&self.key) {
            entry.bytes = self.kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use airway_protocols::agent::AgentId;

    use super::*;

    fn key() -> Key {
        (AgentId::from_bytes([1; 32]).fingerprint(), MessageId::new())
    }

    #[tokio::test]
    async fn a_later_attempt_takes_the_turn() {
        let (ledger, key) = (Ledger::default(), key());
        let first = ledger.enter(key).await;
        assert!(ledger.try_enter(key).is_none());
        let cancelled = first.cancelled();
        let other = ledger.clone();
        let second = tokio::spawn(async move { other.enter(key).await });
        cancelled.cancelled().await;
        drop(first);
        assert!(!second.await.unwrap().cancelled().is_cancelled());
        assert!(ledger.try_enter(key).is_some());
    }

    #[tokio::test]
    async fn a_file_counts_whole_while_it_comes_and_as_it_is_afterwards() {
        let ledger = Ledger::default();
        let mut slot = ledger.enter(key()).await;
        assert_eq!(slot.reserve(1000), Some(1000 + FILE_COST));
        slot.keep(10);
        drop(slot);
        let other = ledger.enter(key()).await;
        assert_eq!(other.reserve(0), Some(10 + 1 + 2 * FILE_COST));
        drop(other);
        ledger.enter(key()).await;
        assert_eq!(ledger.entries().len(), 2, "what left nothing behind is forgotten");
    }

    #[tokio::test]
    async fn a_peer_has_so_many_incomplete_files() {
        let ledger = Ledger::default();
        for _ in 0..PENDING_PER_PEER {
            let mut slot = ledger.enter(key()).await;
            assert!(slot.reserve(1).is_some());
            slot.keep(1);
        }
        assert!(ledger.enter(key()).await.reserve(1).is_none());
        let other = (AgentId::from_bytes([2; 32]).fingerprint(), MessageId::new());
        assert!(ledger.enter(other).await.reserve(1).is_some());
    }
}
