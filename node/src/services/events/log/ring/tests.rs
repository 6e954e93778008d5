use super::*;

const EPOCH: u64 = 3;

fn ring(limits: Limits) -> Ring {
    Ring::new(EPOCH, limits)
}

fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 32])
}

fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

/// Appends `size` bytes at a time.
fn put(ring: &mut Ring, to: &str, size: usize, now: u64) -> u64 {
    let new = New { topic: topic(to), publisher: agent(1), at: now, payload: vec![7; size] };
    ring.append(new, usize::MAX, now).unwrap().seq
}

fn seqs(ring: &Ring) -> Vec<u64> {
    ring.behind(0, usize::MAX).iter().map(|entry| entry.seq).collect()
}

#[test]
fn one_counter_numbers_all_topics_from_1() {
    let mut ring = ring(Limits::default());
    assert_eq!(ring.newest(), Position { epoch: EPOCH, seq: 0 });
    assert_eq!(["a", "b", "a"].map(|topic| put(&mut ring, topic, 1, 0)), [1, 2, 3]);
    assert_eq!(ring.newest(), Position { epoch: EPOCH, seq: 3 });
    assert_eq!(ring.behind(1, 1)[0].seq, 2);
    assert!(ring.behind(3, 1).is_empty() && ring.behind(u64::MAX, 1).is_empty());
}

#[test]
fn a_topic_gives_up_its_own_oldest_events() {
    let mut ring = ring(Limits { topic_events: 2, ..Limits::default() });
    for to in ["a", "b", "a", "a"] {
        put(&mut ring, to, 1, 0);
    }
    assert_eq!(seqs(&ring), [2, 3, 4]);
    assert_eq!(ring.lost(|lost| *lost == topic("a")).seq, 1);
    assert_eq!(ring.lost(|lost| *lost == topic("b")).seq, 0);
}

#[test]
fn bytes_are_limited_in_each_topic_and_in_all() {
    let one = COST + 200;
    let mut in_topic = ring(Limits { topic_bytes: 2 * one, ..Limits::default() });
    (0..3).for_each(|_| _ = put(&mut in_topic, "a", 100, 0));
    assert_eq!(seqs(&in_topic), [2, 3]);

    // What is over comes out of the topic that takes most, though another has the oldest event.
    let mut in_all = ring(Limits { bytes: 4 * one, ..Limits::default() });
    put(&mut in_all, "small", 1, 0);
    (0..4).for_each(|_| _ = put(&mut in_all, "large", 100, 0));
    assert_eq!(seqs(&in_all), [1, 3, 4, 5]);
    assert!(in_all.bytes <= 4 * one);
}

/// Otherwise a thousand topics, each of which was the largest once, would take half a gigabyte more than the limit.
#[test]
fn a_topic_that_was_large_once_takes_no_memory_any_more() {
    let mut ring = ring(Limits { bytes: 1000 * (COST + 200), ..Limits::default() });
    for to in 0..16 {
        (0..1000).for_each(|_| _ = put(&mut ring, &to.to_string(), 1, 0));
    }
    for kept in ring.topics.values() {
        let (events, places) = (kept.seqs.len(), kept.seqs.capacity());
        assert!(places <= 4 * events.max(FEW), "{places} places for {events} events");
    }
    // Nor is there anything left of what was given up in between.
    assert_eq!(ring.topics.values().map(|kept| kept.seqs.len()).sum::<usize>(), ring.entries.len());
}

#[test]
fn events_are_given_up_when_their_time_is_over() {
    let mut ring = ring(Limits { age: 100, ..Limits::default() });
    put(&mut ring, "a", 1, 1000);
    put(&mut ring, "b", 1, 1050);
    ring.prune(1100);
    assert_eq!(seqs(&ring), [1, 2]);
    ring.prune(1101);
    assert_eq!(seqs(&ring), [2]);
    // A clock that is set back keeps what is there, and what comes then is no older.
    put(&mut ring, "c", 1, 10);
    ring.prune(1150);
    assert_eq!(seqs(&ring), [2, 3]);
    ring.prune(1202);
    assert_eq!((seqs(&ring), ring.bytes), (vec![], 0));
    assert!(ring.topics().is_empty());
}

#[test]
fn the_topic_that_is_silent_for_longest_makes_room_and_is_remembered_as_lost() {
    let mut ring = ring(Limits { topics: 2, ..Limits::default() });
    for to in ["a", "b", "a", "c"] {
        put(&mut ring, to, 1, 0);
    }
    assert_eq!(seqs(&ring), [1, 3, 4]);
    // Nobody knows any more what its name was.
    assert_eq!(ring.lost(|_| false).seq, 2);
}

#[test]
fn a_publisher_opens_so_many_topics_and_no_more() {
    let mut ring = ring(Limits { age: 100, ..Limits::default() });
    let mut append = |publisher, to: &str, now| {
        let new = New { topic: topic(to), publisher: agent(publisher), at: now, payload: vec![] };
        ring.append(new, 2, now).map(|position| position.seq)
    };
    assert_eq!(append(1, "a", 0).unwrap(), 1);
    assert_eq!(append(1, "b", 50).unwrap(), 2);
    assert!(matches!(append(1, "c", 50), Err(AppendError::Topics)));
    // A refusal takes no number; topics of others are open to it, and others are free to open more.
    assert_eq!(append(2, "c", 50).unwrap(), 3);
    assert_eq!(append(1, "c", 50).unwrap(), 4);
    assert_eq!(append(1, "a", 50).unwrap(), 5);
    // When nothing lies in one of its topics any more, another takes its place.
    assert!(matches!(append(1, "d", 100), Err(AppendError::Topics)));
    assert_eq!(append(1, "d", 151).unwrap(), 6);
}

#[test]
fn what_is_no_event_is_not_kept() {
    let mut ring = ring(Limits::default());
    let payload = vec![0; airway_protocols::events::MAX_PAYLOAD + 1];
    let new = New { topic: topic("a"), publisher: agent(1), at: 0, payload };
    assert!(matches!(ring.append(new, 1, 0), Err(AppendError::Invalid(_))));
    assert_eq!((ring.newest().seq, ring.topics.len()), (0, 0));
}

#[test]
fn a_time_leads_to_the_first_event_of_then() {
    let mut ring = ring(Limits { topic_events: 3, ..Limits::default() });
    for (to, now) in [("b", 10), ("a", 10), ("a", 20), ("a", 20), ("a", 20), ("b", 40)] {
        put(&mut ring, to, 1, now);
    }
    assert_eq!(seqs(&ring), [1, 3, 4, 5, 6]);
    let start = |time| ring.start(&Since::Time(time));
    assert_eq!([0, 10, 11, 20, 21, 40, 41, u64::MAX].map(start), [0, 0, 1, 1, 5, 5, 6, 6]);
}

#[test]
fn topics_are_listed_with_what_lies_in_them() {
    let mut ring = ring(Limits::default());
    put(&mut ring, "b", 1, 10);
    put(&mut ring, "a", 1, 20);
    put(&mut ring, "b", 1, 30);
    let listed = ring.topics();
    assert_eq!(listed.iter().map(|info| info.topic.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((listed[1].events, listed[1].newest.seq, listed[1].at), (2, 3, 30));
    assert_eq!(listed.iter().map(|info| info.bytes).sum::<u64>(), ring.bytes as u64);
}
