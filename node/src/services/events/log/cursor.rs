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
    /// The newest event given up that the reader knows of.
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
            Since::After(position) => (ring.given_up().seq, Some(gap(*position, Reason::Restarted))),
            // Which of them were older is not known any more.
            Since::Time(time) if ring.given_up().seq > 0 && lost().is_since(*time) => {
                (ring.given_up().seq, Some(gap(ring.position(0), Reason::Forgotten)))
            }
            Since::Time(_) | Since::Start | Since::Now => (ring.given_up().seq, None),
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
        let (entries, lost) = {
            let ring = lock(&self.ring);
            (ring.behind(self.seq, LOOK), self.lost(&ring))
        };
        let mut items = Vec::new();
        items.extend(self.gap.take().map(Item::Gap));
        if let Some((gap, told)) = lost {
            self.told = told;
            items.extend(gap.map(Item::Gap));
        }
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

    /// If something was given up that was not read: whether it was missed, and what is known of then.
    fn lost(&self, ring: &Ring) -> Option<(Option<Gap>, u64)> {
        let given_up = ring.given_up().seq;
        let known = self.seq.max(self.told);
        if given_up <= known {
            return None;
        }
        let lost = ring.lost(|topic| matches(&self.patterns, topic)).seq;
        let gap =
            Gap { after: ring.position(self.seq), next: ring.position(lost + 1), reason: Reason::Forgotten };
        Some(((lost > known).then_some(gap), given_up))
    }
}

fn matches(patterns: &[Patterns], topic: &Topic) -> bool {
    patterns.iter().all(|patterns| patterns.matches(topic))
}
