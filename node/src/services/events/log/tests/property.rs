use proptest::prelude::*;

use super::*;

/// Four such events fill a batch, so that readers fall behind in the middle of what there is.
const SIZE: usize = 16 * 1024;

const TOPICS: [&str; 6] = ["a", "b", "c/d", "c/e", "f", "g"];

#[derive(Debug, Clone)]
enum Step {
    Publish { topic: usize, count: usize },
    Begin { since: Since, sparse: bool },
    Read { reader: usize },
    Resume { reader: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let since = prop_oneof![
        Just(Since::Now),
        Just(Since::Start),
        Just(Since::Time(0)),
        Just(Since::After(at(0))),
        Just(Since::After(Position { epoch: EPOCH - 1, seq: 9 })),
    ];
    prop_oneof![
        4 => (0..TOPICS.len(), 1..12_usize).prop_map(|(topic, count)| Step::Publish { topic, count }),
        1 => (since, any::<bool>()).prop_map(|(since, sparse)| Step::Begin { since, sparse }),
        4 => (0..8_usize).prop_map(|reader| Step::Read { reader }),
        1 => (0..8_usize).prop_map(|reader| Step::Resume { reader }),
    ]
}

/// A reader, and what it was told.
struct Reader {
    cursor: Cursor,
    sparse: bool,
    /// What it has to be told of what was there when it began: these, and whatever comes later than this.
    promised: Vec<u64>,
    later: u64,
    got: Vec<u64>,
    gaps: Vec<(u64, u64, Reason)>,
}

impl Reader {
    fn begin(log: &Log, since: Since, sparse: bool) -> Self {
        let promised: Vec<_> = match since {
            Since::Now => vec![],
            Since::Start => log.ring().behind(0, usize::MAX).iter().map(|entry| entry.seq).collect(),
            Since::Time(_) | Since::After(_) => (1..=log.ring().newest().seq).collect(),
        };
        let later = log.ring().newest().seq;
        let cursor = cursor(log, since, patterns(sparse));
        Self { cursor, sparse, promised, later, got: vec![], gaps: vec![] }
    }

    /// Reads a batch; `false` if there is none.
    fn read(&mut self) -> bool {
        let Some(items) = self.cursor.next().now_or_never() else { return false };
        for read in items.into_iter().map(Read::from) {
            match read {
                Read::Event(seq) => self.got.push(seq),
                Read::Gap(after, next, Reason::Restarted) => {
                    assert_ne!(after.epoch, EPOCH);
                    self.gaps.push((0, next, Reason::Restarted));
                }
                Read::Gap(after, next, reason) => {
                    assert!(self.got.last().is_none_or(|last| *last <= after.seq));
                    self.gaps.push((after.seq, next, reason));
                }
            }
        }
        true
    }

    /// Each event that it has to be told came once and in order, or lies within a gap; where `exact`, no gap is without one.
    fn check(&self, published: &[usize], exact: bool) {
        assert!(self.got.is_sorted_by(|a, b| a < b), "{:?}", self.got);
        let is_wanted = |seq: &u64| !self.sparse || matches!(published[*seq as usize - 1], 0 | 2 | 3);
        assert!(self.got.iter().all(is_wanted));
        let promised = self.promised.iter().copied().chain(self.later + 1..=published.len() as u64);
        let lost: Vec<_> = promised.filter(is_wanted).filter(|seq| !self.got.contains(seq)).collect();
        for seq in &lost {
            let told = self.gaps.iter().any(|(after, next, _)| after < seq && seq < next);
            assert!(told, "{seq} of {lost:?} in {:?}", self.gaps);
        }
        // A topic that is forgotten altogether may have been one that matched.
        for (after, next, _) in self.gaps.iter().filter(|gap| exact && gap.2 == Reason::Forgotten) {
            assert!(lost.iter().any(|seq| after < seq && seq < next), "{after}..{next}, {lost:?}");
        }
    }
}

fn patterns(sparse: bool) -> &'static [&'static str] {
    if sparse { &["a", "c/*"] } else { &["*"] }
}

proptest! {
    /// Wherever readers begin, however slowly they read, and however often they come back: nothing is lost without a gap, and
    /// no gap is told where nothing was lost.
    #[test]
    fn nothing_is_lost_without_a_gap(steps in prop::collection::vec(step(), 1..80), known in 1..8_usize) {
        let limits = Limits { topic_events: 12, bytes: 24 * (SIZE + 400), topics: known, ..Limits::default() };
        let log = log(limits);
        let mut published = Vec::new();
        let mut readers = vec![Reader::begin(&log, Since::Start, false), Reader::begin(&log, Since::Now, true)];
        for step in steps {
            let count = readers.len();
            match step {
                Step::Publish { topic, count } => (0..count).for_each(|_| {
                    put_sized(&log, TOPICS[topic], SIZE);
                    published.push(topic);
                }),
                Step::Begin { since, sparse } => readers.push(Reader::begin(&log, since, sparse)),
                Step::Read { reader } => _ = readers[reader % count].read(),
                Step::Resume { reader } => {
                    let reader = &mut readers[reader % count];
                    if let Some(last) = reader.got.last() {
                        // What was lost before it began has to be told from now on.
                        reader.promised.extend(last + 1..=log.ring().newest().seq);
                        reader.cursor = cursor(&log, Since::After(at(*last)), patterns(reader.sparse));
                    }
                }
            }
        }
        for mut reader in readers {
            while reader.read() {}
            reader.check(&published, known >= TOPICS.len());
        }
    }
}
