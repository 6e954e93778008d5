use airway_protocols::{
    agent::AgentId,
    events::{Gap, Pattern, Reason, Topic},
};
use futures::FutureExt as _;

use super::*;

const EPOCH: u64 = 3;

fn log(limits: Limits) -> Log {
    Log::with_limits(EPOCH, limits)
}

fn put(log: &Log, to: &str) -> u64 {
    put_sized(log, to, 0)
}

fn put_sized(log: &Log, to: &str, size: usize) -> u64 {
    let topic: Topic = to.parse().unwrap();
    let new = New { topic, publisher: AgentId::from_bytes([1; 32]), at: 0, payload: vec![0; size] };
    log.append(new, usize::MAX).unwrap().seq
}

fn fill(log: &Log, to: &str, count: usize) {
    (0..count).for_each(|_| _ = put(log, to));
}

fn cursor(log: &Log, since: Since, patterns: &[&str]) -> Cursor {
    let patterns = patterns.iter().map(|text| text.parse::<Pattern>().unwrap()).collect();
    log.cursor(&since, vec![patterns])
}

fn at(seq: u64) -> Position {
    Position { epoch: EPOCH, seq }
}

/// A gap of ours in short, or the number of an event.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Event(u64),
    Gap(Position, u64, Reason),
}

/// All that is there for a reader.
fn read(cursor: &mut Cursor) -> Vec<Read> {
    let mut all = Vec::new();
    // Where it has much to look through it yields in between.
    let mut idle = 0;
    while idle < 4 {
        let Some(items) = cursor.next().now_or_never() else {
            idle += 1;
            continue;
        };
        idle = 0;
        all.extend(items.into_iter().map(Read::from));
    }
    all
}

impl From<Item> for Read {
    fn from(item: Item) -> Self {
        match item {
            Item::Event(entry) => Self::Event(entry.seq),
            Item::Gap(Gap { after, next, reason }) => Self::Gap(after, next.seq, reason),
        }
    }
}

fn events(seqs: impl IntoIterator<Item = u64>) -> Vec<Read> {
    seqs.into_iter().map(Read::Event).collect()
}

#[test]
fn each_since_begins_where_it_says() {
    let log = log(Limits::default());
    fill(&log, "a", 3);
    let mut all = [Since::Now, Since::Start, Since::After(at(2)), Since::Time(0), Since::Time(u64::MAX)]
        .map(|since| cursor(&log, since, &["a"]));
    put(&log, "b");
    put(&log, "a");
    let expected = [vec![5], vec![1, 2, 3, 5], vec![3, 5], vec![1, 2, 3, 5], vec![5]];
    assert_eq!(all.each_mut().map(read), expected.map(events));
}

#[test]
fn all_patterns_have_to_match() {
    let log = log(Limits::default());
    let [wanted, granted]: [Patterns; 2] = [&["a/*", "b"][..], &["a/**"]]
        .map(|texts| texts.iter().map(|text| text.parse::<Pattern>().unwrap()).collect());
    let mut both = log.cursor(&Since::Start, vec![wanted, granted]);
    ["a/x", "b", "a/x/y", "a/z"].into_iter().for_each(|to| _ = put(&log, to));
    assert_eq!(read(&mut both), events([1, 4]));
    assert!(read(&mut log.cursor(&Since::Start, vec![Patterns::default()])).is_empty());
}

#[test]
fn who_stands_still_is_told_what_was_given_up_meanwhile_and_once() {
    let log = log(Limits { topic_events: 3, ..Limits::default() });
    let mut slow = cursor(&log, Since::Start, &["a"]);
    fill(&log, "a", 2);
    assert_eq!(read(&mut slow), events([1, 2]));
    fill(&log, "a", 5);
    let gap = Read::Gap(at(2), 5, Reason::Forgotten);
    assert_eq!(read(&mut slow), [vec![gap], events([5, 6, 7])].concat_all());
    fill(&log, "a", 3);
    assert_eq!(read(&mut slow), events([8, 9, 10]));
}

#[test]
fn what_is_given_up_of_other_topics_is_no_loss() {
    let log = log(Limits { topic_events: 3, ..Limits::default() });
    let mut slow = cursor(&log, Since::Start, &["b"]);
    put(&log, "b");
    fill(&log, "a", 10);
    put(&log, "b");
    assert_eq!(read(&mut slow), events([1, 12]));
}

#[test]
fn what_is_kept_of_one_topic_comes_though_another_has_lost_later_events() {
    let log = log(Limits { topic_events: 3, ..Limits::default() });
    put(&log, "b");
    fill(&log, "a", 5);
    let mut slow = cursor(&log, Since::After(at(0)), &["*"]);
    let gap = Read::Gap(at(0), 4, Reason::Forgotten);
    assert_eq!(read(&mut slow), [vec![gap], events([1, 4, 5, 6])].concat_all());
}

#[test]
fn what_is_lost_unread_is_a_gap_though_another_topic_has_lost_later_events_before() {
    let other = Position { epoch: EPOCH - 1, seq: 9 };
    for since in [Since::Start, Since::Time(0), Since::After(at(0)), Since::After(other)] {
        let log = log(Limits { topic_events: 3, ..Limits::default() });
        put(&log, "b");
        fill(&log, "a", 5);
        let mut slow = cursor(&log, since, &["b"]);
        fill(&log, "b", 3);
        let restarted = (since == Since::After(other)).then_some(Read::Gap(other, 1, Reason::Restarted));
        let lost = vec![Read::Gap(at(0), 2, Reason::Forgotten)];
        assert_eq!(
            read(&mut slow),
            [[restarted.into_iter().collect(), lost].concat_all(), events(7..=9)].concat_all()
        );
    }
}

#[test]
fn a_position_of_another_start_is_told_so_at_once_and_all_of_this_one_follows() {
    let log = log(Limits { topic_events: 3, ..Limits::default() });
    let other = |epoch| Position { epoch, seq: 77 };
    let mut early = cursor(&log, Since::After(other(EPOCH - 1)), &["a"]);
    assert_eq!(read(&mut early), [Read::Gap(other(EPOCH - 1), 1, Reason::Restarted)]);
    fill(&log, "a", 5);
    assert_eq!(read(&mut early), [vec![Read::Gap(at(0), 3, Reason::Forgotten)], events(3..=5)].concat_all());
    // Nor is one of ours that has not been given out yet.
    for asked in [other(EPOCH - 1), other(EPOCH + 1), at(6), at(u64::MAX)] {
        let gap = Read::Gap(asked, 3, Reason::Restarted);
        let read = read(&mut cursor(&log, Since::After(asked), &["a"]));
        assert_eq!(read, [vec![gap], events(3..=5)].concat_all());
    }
}

#[test]
fn a_time_from_which_something_is_gone_begins_with_a_gap() {
    let log = log(Limits { topic_events: 3, ..Limits::default() });
    fill(&log, "a", 4);
    let mut all = cursor(&log, Since::Time(1), &["a"]);
    assert_eq!(read(&mut all), [vec![Read::Gap(at(0), 2, Reason::Forgotten)], events(2..=4)].concat_all());
    assert_eq!(read(&mut cursor(&log, Since::Time(1), &["b"])), []);
    assert_eq!(read(&mut cursor(&log, Since::Start, &["a"])), events(2..=4));
}

#[test]
fn a_closed_log_ends_its_readers() {
    let log = log(Limits::default());
    let mut reader = cursor(&log, Since::Start, &["a"]);
    put(&log, "a");
    log.close();
    put(&log, "a");
    assert!(reader.next().now_or_never().unwrap().is_empty());
}

#[tokio::test]
async fn who_waits_is_woken() {
    let log = log(Limits::default());
    let mut reader = cursor(&log, Since::Now, &["a"]);
    let waiting = tokio::spawn(async move { reader.next().await.len() });
    tokio::task::yield_now().await;
    put(&log, "b");
    tokio::task::yield_now().await;
    put(&log, "a");
    assert_eq!(waiting.await.unwrap(), 1);
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Read>;
}

impl ConcatAll for [Vec<Read>; 2] {
    fn concat_all(self) -> Vec<Read> {
        self.into_iter().flatten().collect()
    }
}

mod property;
