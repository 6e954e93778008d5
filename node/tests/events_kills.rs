//! Subscribers that are killed while events are published go on where they were: nothing is missing and nothing comes
//! twice, as far back as the broker keeps events. Where it does not, a gap says so, exactly; so does one where the broker
//! itself has died.
//!
//! `AIRWAY_TEST_SIZE=full` publishes 100,000 events through 100 kills in place of 2,000 through 5.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "events_kills/broker.rs"]
mod broker;
#[path = "events_kills/listener.rs"]
mod listener;
#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;
#[path = "events_kills/worker.rs"]
mod worker;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use airway::protocols::events::{Position, Reason};
use broker::Broker;
use futures::{StreamExt as _, stream};
use listener::Listener;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use size::{seed, size};
use tokio::{sync::watch, time::sleep};

/// Events that the subscriber may be behind: far fewer than the broker keeps.
const BEHIND: usize = 4096;

/// Calls to publish that are under way at once.
const AT_ONCE: usize = 8;

/// The longest that a kill is put off beyond the event that brings it on, in microseconds.
const LATEST_US: u64 = 5_000;

/// Every eighth event is about something that nobody has subscribed to.
fn topic(number: usize) -> String {
    if number % 8 == 7 { "noise/x".to_owned() } else { format!("lines/{}", number % 3) }
}

/// How many of so many events somebody has subscribed to.
fn matching(events: usize) -> usize {
    events - events / 8
}

/// Publishes so many events, never too far ahead of the subscriber; returns those that match, by their positions.
async fn publish(
    broker: &Broker,
    events: usize,
    heard: watch::Receiver<usize>,
) -> BTreeMap<Position, String> {
    let published = stream::iter(0..events).map(async |number| {
        let mut heard = heard.clone();
        heard.wait_for(|heard| matching(number) < heard + BEHIND).await.unwrap();
        let (topic, text) = (topic(number), number.to_string());
        let position = broker.publish(&topic, text.clone()).await;
        topic.starts_with("lines").then_some((position, text))
    });
    published.buffer_unordered(AT_ONCE).filter_map(async |one| one).collect().await
}

/// Listens until all that match are heard, and is killed so often meanwhile.
async fn listen(
    mut listener: Listener,
    events: usize,
    kills: usize,
    heard: watch::Sender<usize>,
) -> Listener {
    let mut rng = SmallRng::seed_from_u64(seed());
    let stretch = events / kills;
    for kill in 0..kills {
        let at = kill * stretch + rng.random_range(0..stretch);
        listener.hear(at, &heard).await;
        sleep(Duration::from_micros(rng.random_range(0..LATEST_US))).await;
        listener = listener.restart().await;
    }
    listener.hear(events, &heard).await;
    listener
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn a_killed_subscriber_misses_nothing_and_hears_nothing_twice() {
    let (events, kills) = size((2_000, 5), (100_000, 100));
    let matching = matching(events);
    let (broker, start) = (Broker::new().await, Instant::now());
    let listener = Listener::new(&broker, &["lines/*"]).await;
    let (heard, is_heard) = watch::channel(0);
    let (published, listener) =
        tokio::join!(publish(&broker, events, is_heard), listen(listener, matching, kills, heard));
    eprintln!(
        "{events} published, {matching} match, {} heard, {kills} kills, {} gaps, {:.1} s",
        listener.events.len(),
        listener.gaps.len(),
        start.elapsed().as_secs_f64(),
    );
    assert_eq!(listener.gaps, []);
    let published: Vec<_> = published.into_iter().collect();
    assert_eq!(published.len(), matching);
    assert!(listener.events == published, "{}", listener.difference(&published));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn what_the_broker_keeps_no_more_is_told_exactly() {
    /// More of them than a topic keeps.
    const LARGE: usize = 60 * 1024;
    let (lost, times) = (size(300, 400), size(1, 10));
    let broker = Broker::new().await;
    let mut loud = Listener::new(&broker, &["loud"]).await;
    let mut quiet = Listener::new(&broker, &["quiet/*"]).await;
    let (unheard, _) = watch::channel(0);
    for time in 1..=times {
        broker.publish("quiet/a", time.to_string()).await;
        let last = broker.publish("loud", "heard".to_owned()).await;
        loud.hear_position(last).await;
        quiet.hear(2 * time - 1, &unheard).await;
        (loud, quiet) = (loud.die().await, quiet.die().await);

        let mut missed = Vec::new();
        for _ in 0..lost {
            missed.push(broker.publish("loud", "x".repeat(LARGE)).await);
        }
        broker.publish("quiet/a", time.to_string()).await;
        let kept = broker.kept("loud").await;
        assert!(kept > 0 && kept < lost, "{kept} of {lost} are kept");
        let first = missed[lost - kept];
        (loud, quiet) = (loud.rise().await, quiet.rise().await);
        loud.hear_position(missed[lost - 1]).await;
        quiet.hear(2 * time, &unheard).await;

        let gap = loud.gaps.last().copied();
        eprintln!("{lost} published, {kept} kept, {} missed: {gap:?}", lost - kept);
        assert_eq!(gap, Some((last, first, Reason::Forgotten)));
        assert_eq!(loud.gaps.len(), time);
        let behind: Vec<_> = loud.positions().filter(|position| *position > last).collect();
        assert_eq!(behind, missed[lost - kept..]);
        // What was lost is nothing to those who have not asked for it.
        assert_eq!(quiet.gaps, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn a_killed_broker_says_that_it_has_forgotten_everything() {
    let lives = size(2, 20);
    let mut broker = Broker::new().await;
    let mut listener = Listener::new(&broker, &["lines/*"]).await;
    for life in 0..lives {
        let before = broker.publish("lines/a", format!("before {life}")).await;
        listener.hear_position(before).await;
        broker = broker.restart().await;
        let mut published = Vec::new();
        for number in 0..3 {
            published.push(broker.publish("lines/b", format!("after {life}, {number}")).await);
        }
        listener.hear_position(published[2]).await;
        let (after, next, reason) = *listener.gaps.last().expect("a gap");
        eprintln!("the broker was killed: {after} to {next}");
        assert_eq!((after, reason), (before, Reason::Restarted));
        assert_eq!(next, Position { epoch: published[0].epoch, seq: 1 });
        assert!(next.epoch > before.epoch);
        assert_eq!(listener.gaps.len(), life + 1);
        assert!(listener.positions().filter(|position| position.epoch == next.epoch).eq(published));
    }
}
