//! What a log keeps, and what it gives up. No clock, no lock: times come in as arguments.

mod lost;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use airway_protocols::{
    agent::AgentId,
    events::{Error, Event, Position, Since, Told, Topic, encode},
};

pub(super) use self::lost::Lost;

/// How much a log keeps. What is over is given up, the oldest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Events of one topic: who subscribes late has so many to read through.
    pub(super) topic_events: usize,
    /// Bytes of one topic: a quarter of all, so that no single topic drives out the others.
    pub(super) topic_bytes: usize,
    /// Bytes of all topics: the memory that events take.
    pub(super) bytes: usize,
    /// How long an event is kept, in milliseconds.
    pub(super) age: u64,
    /// Topics that are known at once; the one that was silent for longest makes room.
    pub(super) topics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            topic_events: 65_536,
            topic_bytes: 16 * 1024 * 1024,
            bytes: 64 * 1024 * 1024,
            age: 60 * 60 * 1000,
            topics: 1024,
        }
    }
}

/// What an event takes besides its frame: its places in two lists, and what memory is lost around it.
pub(super) const COST: usize = 256;

/// Events of a topic whose places need not be given back.
const FEW: usize = 16;

/// An event that is kept, shared by all who read it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) topic: Arc<Topic>,
    /// When it was taken in, in Unix milliseconds; never earlier than the one before it.
    kept_at: u64,
    /// As it is told to every subscriber, length included: an event is encoded once, and lies in memory once.
    pub(crate) frame: Box<[u8]>,
}

impl Entry {
    fn cost(&self) -> usize {
        COST + self.frame.len()
    }
}

/// An event to keep.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) topic: Topic,
    pub(crate) publisher: AgentId,
    /// When it happened, in Unix milliseconds.
    pub(crate) at: u64,
    pub(crate) payload: Vec<u8>,
}

/// Why an event was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    /// Its publisher has as many topics as it may have, and something lies in each of them.
    #[error("there are too many topics of this publisher")]
    Topics,
    /// It breaks a rule of the protocol.
    #[error(transparent)]
    Invalid(#[from] Error),
}

/// What is known of a topic.
#[derive(Debug)]
struct Kept {
    /// Shared by its events.
    name: Arc<Topic>,
    /// Whose first event opened it.
    opener: AgentId,
    seqs: VecDeque<u64>,
    bytes: usize,
    newest: u64,
    newest_at: u64,
    /// The newest of its events that were given up.
    given_up: Lost,
}

/// A topic as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicInfo {
    /// The topic.
    pub topic: Topic,
    /// Events that are kept.
    pub events: u64,
    /// Bytes that they take in memory.
    pub bytes: u64,
    /// The newest of them.
    pub newest: Position,
    /// When that was taken in, in Unix milliseconds.
    pub at: u64,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Ring {
    epoch: u64,
    limits: Limits,
    /// The position given out last.
    newest: u64,
    /// The time of the newest event: a clock that is set back does not disturb the order.
    now: u64,
    entries: BTreeMap<u64, Arc<Entry>>,
    topics: HashMap<Arc<Topic>, Kept>,
    /// Topics that each publisher has opened, of those that are known.
    opened: HashMap<AgentId, usize>,
    bytes: usize,
    /// The newest event of topics that are not known any more.
    forgotten: Lost,
    /// The newest event given up at all, and how many were.
    given_up: Lost,
}

impl Ring {
    pub(super) fn new(epoch: u64, limits: Limits) -> Self {
        Self {
            epoch,
            limits,
            newest: 0,
            now: 0,
            entries: BTreeMap::new(),
            topics: HashMap::new(),
            opened: HashMap::new(),
            bytes: 0,
            forgotten: Lost::default(),
            given_up: Lost::default(),
        }
    }

    pub(super) fn position(&self, seq: u64) -> Position {
        Position { epoch: self.epoch, seq }
    }

    /// The position given out last; 0 before the first.
    pub(super) fn newest(&self) -> Position {
        self.position(self.newest)
    }

    /// The newest event given up at all, and how many were.
    pub(super) fn given_up(&self) -> Lost {
        self.given_up
    }

    /// Keeps an event, of a publisher that may have opened `may_open` topics.
    pub(super) fn append(&mut self, new: New, may_open: usize, now: u64) -> Result<Position, AppendError> {
        self.prune(now);
        let New { topic, publisher, at, payload } = new;
        let position = self.position(self.newest + 1);
        let event = Event { topic: topic.clone(), publisher, position, at, payload };
        let frame = encode(&Told::Event(event))?.into_boxed_slice();
        let topic = self.open(topic, publisher, may_open)?;
        self.newest = position.seq;
        let entry = Entry { seq: position.seq, topic: topic.clone(), kept_at: self.now, frame };
        let cost = entry.cost();
        self.bytes += cost;
        if let Some(kept) = self.topics.get_mut(&topic) {
            kept.seqs.push_back(entry.seq);
            kept.bytes += cost;
            (kept.newest, kept.newest_at) = (entry.seq, at);
        }
        self.entries.insert(entry.seq, Arc::new(entry));
        self.make_room(&topic);
        Ok(position)
    }

    /// The name that events of a topic share; one that is not known is opened.
    fn open(&mut self, topic: Topic, opener: AgentId, may_open: usize) -> Result<Arc<Topic>, AppendError> {
        if let Some(kept) = self.topics.get(&topic) {
            return Ok(kept.name.clone());
        }
        let is_empty_of_opener = |kept: &Kept| kept.opener == opener && kept.seqs.is_empty();
        if self.opened.get(&opener).is_some_and(|count| *count >= may_open)
            && !self.forget_idlest(is_empty_of_opener)
        {
            return Err(AppendError::Topics);
        }
        if self.topics.len() >= self.limits.topics {
            self.forget_idlest(|_| true);
        }
        let name = Arc::new(topic);
        let kept = Kept {
            name: name.clone(),
            opener,
            seqs: VecDeque::new(),
            bytes: 0,
            newest: 0,
            newest_at: 0,
            given_up: Lost::default(),
        };
        self.topics.insert(name.clone(), kept);
        *self.opened.entry(opener).or_default() += 1;
        Ok(name)
    }

    /// Forgets the topic that was silent for longest, of those that may be; `false` if there is none.
    fn forget_idlest(&mut self, may_be: impl Fn(&Kept) -> bool) -> bool {
        let candidates = self.topics.values().filter(|kept| may_be(kept));
        let Some(topic) = candidates.min_by_key(|kept| kept.newest).map(|kept| kept.name.clone()) else {
            return false;
        };
        while self.give_up_oldest(&topic) {}
        if let Some(kept) = self.topics.remove(&topic) {
            self.forgotten = self.forgotten.and(kept.given_up);
            if let Some(count) = self.opened.get_mut(&kept.opener) {
                *count -= 1;
                if *count == 0 {
                    self.opened.remove(&kept.opener);
                }
            }
        }
        true
    }

    /// Gives up everything, and forgets all topics.
    pub(super) fn clear(&mut self) {
        while self.forget_idlest(|_| true) {}
    }

    /// Gives up what is over the limits now that a topic has grown.
    fn make_room(&mut self, grown: &Topic) {
        while self.topics.get(grown).is_some_and(|kept| {
            kept.seqs.len() > self.limits.topic_events || kept.bytes > self.limits.topic_bytes
        }) {
            self.give_up_oldest(grown);
        }
        while self.bytes > self.limits.bytes {
            let largest = self.topics.values().max_by_key(|kept| kept.bytes).map(|kept| kept.name.clone());
            if !largest.is_some_and(|largest| self.give_up_oldest(&largest)) {
                return;
            }
        }
    }

    /// Gives up the oldest event of a topic; `false` if there is none.
    fn give_up_oldest(&mut self, topic: &Topic) -> bool {
        let Some(kept) = self.topics.get_mut(topic) else { return false };
        let Some(seq) = kept.seqs.pop_front() else { return false };
        if let Some(entry) = self.entries.remove(&seq) {
            kept.bytes -= entry.cost();
            self.bytes -= entry.cost();
            // Where there were many, their places do not stay behind: topics could have them in turn.
            if kept.seqs.capacity() > 4 * kept.seqs.len().max(FEW) {
                kept.seqs.shrink_to(2 * kept.seqs.len());
            }
            kept.given_up = Lost { seq, kept_at: entry.kept_at, count: self.given_up.count + 1 };
            self.given_up = self.given_up.and(kept.given_up);
        }
        true
    }

    /// Gives up what is too old.
    pub(super) fn prune(&mut self, now: u64) {
        self.now = self.now.max(now);
        while let Some(entry) = self.entries.first_entry().map(|first| first.get().clone()) {
            // The oldest event of all is the oldest of its topic.
            if self.now - entry.kept_at <= self.limits.age || !self.give_up_oldest(&entry.topic) {
                return;
            }
        }
    }

    /// The next events behind a position, whatever their topics; at most `most`.
    pub(super) fn behind(&self, seq: u64, most: usize) -> Vec<Arc<Entry>> {
        let Some(first) = seq.checked_add(1) else { return Vec::new() };
        self.entries.range(first..).take(most).map(|(_, entry)| entry.clone()).collect()
    }

    /// The newest event that was given up and matches, or may have matched.
    pub(super) fn lost(&self, matches: impl Fn(&Topic) -> bool) -> Lost {
        let of_known = self.topics.values().filter(|kept| kept.given_up.seq > 0 && matches(&kept.name));
        of_known.fold(self.forgotten, |lost, kept| lost.and(kept.given_up))
    }

    /// Whether a reader that has come to `seq` has missed an event that matches, or may have matched: one that was given up
    /// since `count` of them were.
    pub(super) fn is_missed(&self, seq: u64, count: u64, matches: impl Fn(&Topic) -> bool) -> bool {
        let mut of_known = self.topics.values();
        self.given_up.is_beyond(seq, count)
            && (self.forgotten.is_beyond(seq, count)
                || of_known.any(|kept| kept.given_up.is_beyond(seq, count) && matches(&kept.name)))
    }

    /// Where a reader begins: behind this number. What follows it in time need not all be there.
    pub(super) fn start(&self, since: &Since) -> u64 {
        match since {
            Since::Now => self.newest,
            Since::Start => 0,
            Since::After(position) if self.has_given_out(position) => position.seq,
            Since::After(_) => 0,
            Since::Time(time) => self.before(*time),
        }
    }

    /// Whether a position is one of ours. One of this epoch that nobody was given is of an agent that has lost its disk.
    pub(super) fn has_given_out(&self, position: &Position) -> bool {
        position.epoch == self.epoch && position.seq <= self.newest
    }

    /// The number of the last event that was taken in before a time, as far as it is kept.
    fn before(&self, time: u64) -> u64 {
        // Numbers and times grow together: halve the numbers, and look at the next event that is kept.
        let (mut low, mut high) = (0, self.newest);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.entries.range(middle + 1..).next() {
                Some((_, entry)) if entry.kept_at < time => low = entry.seq,
                _ => high = middle,
            }
        }
        low
    }

    /// The topics in which something lies, by name.
    pub(super) fn topics(&self) -> Vec<TopicInfo> {
        let filled = self.topics.values().filter(|kept| !kept.seqs.is_empty());
        let mut topics: Vec<_> = filled
            .map(|kept| TopicInfo {
                topic: Topic::clone(&kept.name),
                events: kept.seqs.len() as u64,
                bytes: kept.bytes as u64,
                newest: self.position(kept.newest),
                at: kept.newest_at,
            })
            .collect();
        topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        topics
    }
}

#[cfg(test)]
mod tests;
