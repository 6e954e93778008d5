//! Daemons that are killed in the middle of their work: what was acknowledged is there, and there once.
//!
//! `AIRWAY_TEST_SIZE=full` sends 10,000 messages through 100 kills in place of 300 through 5.
#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "common/process.rs"]
mod process;
#[path = "common/size.rs"]
mod size;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use airway::{Contact, Node, Outgoing, Overrides, Terms, protocols::data::MessageId};
use futures::{StreamExt as _, stream};
use process::{Daemon, LISTEN, PATIENCE, until};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::Value;
use size::{seed, size};
use tempfile::TempDir;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Messages under way at once.
const IN_FLIGHT: usize = 16;

/// How long one attempt may take: a receiver that was killed is tried again soon.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Between a failed attempt and the next.
const PAUSE: Duration = Duration::from_millis(20);

/// The longest that a kill is put off beyond the message that brings it on, in microseconds.
const LATEST_US: u64 = 5_000;

/// What the senders count.
#[derive(Debug, Default)]
struct Counts {
    acknowledged: watch::Sender<usize>,
    /// Acknowledgements of messages that the receiver had already: their first answer was lost.
    duplicates: AtomicUsize,
    attempts: AtomicUsize,
}

/// Sends one message, with one id, until it is acknowledged.
async fn deliver(node: &Node, to: &Contact, number: usize, counts: &Counts) -> (MessageId, usize) {
    let id = MessageId::new();
    loop {
        let message = Outgoing { id: Some(id), wait: ATTEMPT, ..Outgoing::text(number.to_string()).now() };
        counts.attempts.fetch_add(1, Ordering::Relaxed);
        match node.send(to, message).await {
            Ok(delivered) => {
                counts.acknowledged.send_modify(|count| *count += 1);
                counts.duplicates.fetch_add(usize::from(delivered.is_duplicate()), Ordering::Relaxed);
                return (id, number);
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Kills and restarts the receiver at random moments, spread over the messages.
async fn torment(mut receiver: Daemon, messages: usize, kills: usize, counts: &Counts) -> Daemon {
    let mut rng = SmallRng::seed_from_u64(seed());
    let stretch = messages / kills;
    for kill in 0..kills {
        // Never after the last message: something is always under way.
        let at = kill * stretch + rng.random_range(0..stretch);
        let mut acknowledged = counts.acknowledged.subscribe();
        let arrived = timeout(PATIENCE, acknowledged.wait_for(|count| *count >= at)).await;
        arrived.expect("messages arrive again").expect("a sender");
        sleep(Duration::from_micros(rng.random_range(0..LATEST_US))).await;
        receiver = receiver.restart().await;
    }
    receiver
}

/// Every message in the inbox by its id, with its text; a message that is there twice fails the test.
async fn inbox(receiver: &Daemon) -> BTreeMap<String, String> {
    let (mut all, mut after) = (BTreeMap::new(), 0);
    loop {
        let page = receiver.json(&["inbox", "list", "--limit", "1000", "--after", &after.to_string()]).await;
        let Some(last) = page.as_array().and_then(|page| page.last()) else { return all };
        after = last["seq"].as_u64().expect("a number");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        for message in page.as_array().expect("a list") {
            let twice = all.insert(text(&message["id"]), text(&message["body"]));
            assert_eq!(twice, None, "a message is there twice: {message}");
        }
    }
}

/// A sender within this process, and a receiver that is another one.
async fn sender_and_receiver(home: &TempDir) -> (Node, Contact, Daemon) {
    let listen = Some(LISTEN.map(str::to_owned).into());
    let sender =
        Node::start(home.path(), Overrides { listen, ..Overrides::default() }).await.expect("a node");
    let receiver = Daemon::new("receiver").await;
    let ticket = receiver.ticket(&[]).await.parse().expect("a ticket");
    let contact = sender.pair(&ticket, Terms::default(), PATIENCE).await.expect("trust");
    (sender, contact, receiver)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn what_was_acknowledged_survives_the_receivers_death_exactly_once() {
    let (messages, kills) = size((300, 5), (10_000, 100));
    let home = TempDir::with_prefix("airway-").unwrap();
    let (sender, contact, receiver) = sender_and_receiver(&home).await;
    let (start, counts) = (Instant::now(), Counts::default());
    let sending = stream::iter(0..messages)
        .map(|number| deliver(&sender, &contact, number, &counts))
        .buffer_unordered(IN_FLIGHT)
        .map(|(id, number)| (id.to_string(), number.to_string()))
        .collect::<BTreeMap<_, _>>();
    let (sent, receiver) = tokio::join!(sending, torment(receiver, messages, kills, &counts));

    let received = inbox(&receiver).await;
    let lost = sent.keys().filter(|id| !received.contains_key(*id)).count();
    eprintln!(
        "{} acknowledged, {kills} kills, {lost} lost, {} answered as duplicates, {} attempts, {:.1} s",
        sent.len(),
        counts.duplicates.load(Ordering::Relaxed),
        counts.attempts.load(Ordering::Relaxed),
        start.elapsed().as_secs_f64(),
    );
    assert_eq!(sent.len(), messages);
    assert!(received == sent, "{lost} of {messages} lost, {} there", received.len());
}

#[tokio::test]
async fn a_killed_receiver_is_found_again_within_one_send() {
    /// More than a peer may have connections: those to its former lives do not count.
    const LIVES: usize = 6;
    let (alice, mut bob) = process::friends().await;
    for life in 0..2 * LIVES {
        // Sent once, by the command: finding the receiver again is not left to whoever sends.
        alice.json(&["send", "bob", &life.to_string(), "--timeout", "50s"]).await;
        // Every other time, so that a connection that works is lost as well as one just made.
        if life % 2 == 0 {
            bob = bob.restart().await;
        }
    }
    assert_eq!(bob.inbox().await.len(), 2 * LIVES);
}

#[tokio::test]
async fn a_killed_sender_comes_back_with_its_address_and_its_contacts() {
    let (alice, bob) = process::friends().await;
    alice.json(&["send", "bob", "before"]).await;
    let before = (alice.status["address"].clone(), alice.card().await);
    // A follower and a listener of the daemon that dies.
    let follower = alice.command(["--json", "inbox", "follow"]);
    let follower = tokio::spawn(process::run(follower, b""));
    let listener = tokio::spawn(process::run(alice.command(["--json", "listen", "5000"]), b""));
    until("the port is open", async || alice.json(&["status"]).await["ports"][0] == 5000).await;

    let alice = alice.restart().await;
    assert_eq!((alice.status["address"].clone(), alice.card().await), before);
    alice.json(&["send", "bob", "after", "--timeout", "30s"]).await;
    let bodies: Vec<Value> = bob.inbox().await.iter().map(|message| message["body"].clone()).collect();
    assert_eq!(bodies, ["before", "after"]);
    bob.json(&["send", "alice", "welcome back", "--timeout", "30s"]).await;
    for orphan in [follower, listener] {
        let ran = orphan.await.unwrap();
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.lines().pop().unwrap()["hint"].is_string(), "{ran:?}");
    }
}
