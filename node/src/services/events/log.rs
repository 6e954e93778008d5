//! A log of events: publishers append, and each reader goes through it at a pace of its own.
//!
//! ```text
//! append ─► Ring (one lock, held for an append or the look at a batch)
//!    └────► watch: something is new ─► Cursor ─► Cursor ─► …   each reads on from where it is
//! ```
//!
//! Nothing is queued for a reader, so that one that stands still costs nothing and holds up nobody: when it goes on and
//! what it wanted has been given up meanwhile, it is told so by a [`Gap`](airway_protocols::events::Gap).

mod cursor;
mod ring;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use airway_protocols::events::{Patterns, Position, Since};
use tokio::sync::watch;

pub use self::ring::TopicInfo;
use self::ring::{Limits, Ring};
pub(crate) use self::{
    cursor::{Cursor, Item},
    ring::{AppendError, New},
};
use crate::clock;

/// A log; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    ring: Arc<Mutex<Ring>>,
    news: Arc<watch::Sender<News>>,
}

/// What readers wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum News {
    /// There may be more to read.
    #[default]
    More,
    /// There will be no more.
    End,
}

impl Log {
    /// An empty log of this epoch.
    pub(crate) fn new(epoch: u64) -> Self {
        Self::with_limits(epoch, Limits::default())
    }

    fn with_limits(epoch: u64, limits: Limits) -> Self {
        Self {
            ring: Arc::new(Mutex::new(Ring::new(epoch, limits))),
            news: Arc::new(watch::Sender::default()),
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        lock(&self.ring)
    }

    /// Keeps an event of a publisher that may have opened `may_open` of the topics that are known. Waits for nobody.
    pub(crate) fn append(&self, new: New, may_open: usize) -> Result<Position, AppendError> {
        let position = self.ring().append(new, may_open, clock::unix_ms())?;
        // Readers are woken outside of the lock, and those alone who wait.
        self.news.send_modify(|_| ());
        Ok(position)
    }

    /// A reader of what matches all of these.
    pub(crate) fn cursor(&self, since: &Since, patterns: Vec<Patterns>) -> Cursor {
        // First, so that nothing is missed.
        let news = self.news.subscribe();
        let mut ring = self.ring();
        ring.prune(clock::unix_ms());
        Cursor::new(self.ring.clone(), &ring, news, since, patterns)
    }

    /// The topics in which something lies, by name.
    pub(crate) fn topics(&self) -> Vec<TopicInfo> {
        let mut ring = self.ring();
        ring.prune(clock::unix_ms());
        ring.topics()
    }

    /// Gives up everything: positions go on from where they are.
    pub(crate) fn clear(&self) {
        self.ring().clear();
    }

    /// Ends all readers.
    pub(crate) fn close(&self) {
        self.news.send_replace(News::End);
    }
}

fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
