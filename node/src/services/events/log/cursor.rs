//! A reader's place in a log.

use std::sync::{Arc, Mutex};

use airway_protocols::events::{Gap, Patterns, Position, Reason, Since, Topic};
use tokio::{sync::watch, task::yield_now};

use super::{
    News, lock,
    ring::{Entry, Ring},
};

/// Events that are looked at under one lock. Those that do not match count, too.
const LOOK: usize = 256;

/// Bytes of frames after which a batch is full: so much may be held for a reader that stands still, and one frame more.
const BATCH_BYTES: usize = 64 * 1024;

/// What a reader is told.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Event(Arc<Entry>),
    Gap(Gap),
}

/// See the module. Reads until the log is closed.
#[derive(Debug)]
pub(crate) struct Cursor {
    ring: Arc<Mutex<Ring>>,
    news: watch::Receiver<News>,
    /// All of them have to match.
    patterns: Vec<Patterns>,
    /// The position given out last when it began.
    begun: Position,
    /// The number of the last event that was looked at.
    seq: u64,
    /// Events that had been given up when it looked last: it was told of those that it missed.
    told: u64,
    /// To be told first.
    gap: Option<Gap>,
}

impl Cursor {
    pub(super) fn new(
        shared: Arc<Mutex<Ring>>,
        ring: &Ring,
        news: watch::Receiver<News>,
        since: &Since,
        patterns: Vec<Patterns>,
    ) -> Self {
        let lost = || ring.lost(|topic| matches(&patterns, topic));
        let gap = |after, reason| Gap { after, next: ring.position(lost().seq + 1), reason };
        let (told, gap) = match since {
            Since::After(position) if ring.has_given_out(position) => (0, None),
            Since::After(position) => (ring.given_up().count, Some(gap(*position, Reason::Restarted))),
            // Which of them were older is not known any more.
            Since::Time(time) if ring.given_up().seq > 0 && lost().is_since(*time) => {
                (ring.given_up().count, Some(gap(ring.position(0), Reason::Forgotten)))
            }
            Since::Time(_) | Since::Start | Since::Now => (ring.given_up().count, None),
        };
        let (begun, seq) = (ring.newest(), ring.start(since));
        Self { ring: shared, news, patterns, begun, seq, told, gap }
    }

    /// The position given out last when it began: what was asked for from now on follows it.
    pub(crate) fn begun(&self) -> Position {
        self.begun
    }

    /// What follows, at least one; nothing when the log is closed. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Vec<Item> {
        loop {
            if *self.news.borrow_and_update() == News::End {
                return Vec::new();
            }
            let (items, is_last) = self.read();
            if !items.is_empty() {
                return items;
            }
            if is_last {
                // The log itself holds no sender that could be gone before its end.
                if self.news.changed().await.is_err() {
                    return Vec::new();
                }
            } else {
                yield_now().await;
            }
        }
    }

    /// The next of what is there, and whether there is no more at this moment.
    fn read(&mut self) -> (Vec<Item>, bool) {
        let (entries, missed, told) = {
            let ring = lock(&self.ring);
            (ring.behind(self.seq, LOOK), self.missed(&ring), ring.given_up().count)
        };
        self.told = told;
        let mut items: Vec<_> = self.gap.take().into_iter().chain(missed).map(Item::Gap).collect();
        let is_last = entries.len() < LOOK;
        let mut bytes = 0;
        for entry in entries {
            if bytes >= BATCH_BYTES {
                return (items, false);
            }
            self.seq = entry.seq;
            if matches(&self.patterns, &entry.topic) {
                bytes += entry.frame.len();
                items.push(Item::Event(entry));
            }
        }
        (items, is_last)
    }

    /// What stands in the place of what was given up unread since the last look.
    fn missed(&self, ring: &Ring) -> Option<Gap> {
        let matches = |topic: &Topic| matches(&self.patterns, topic);
        ring.is_missed(self.seq, self.told, matches).then(|| Gap {
            after: ring.position(self.seq),
            next: ring.position(ring.lost(matches).seq + 1),
            reason: Reason::Forgotten,
        })
    }
}

fn matches(patterns: &[Patterns], topic: &Topic) -> bool {
    patterns.iter().all(|patterns| patterns.matches(topic))
}
