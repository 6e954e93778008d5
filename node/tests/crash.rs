//! What was acknowledged survives `kill -9`, and is there once.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests, whose figures are printed")]

mod common;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use airway::{Contact, Node, Outgoing, protocols::data::MessageId};
use common::{
    Agent, PATIENCE, full_size,
    process::{Daemon, friends},
};
use futures::{StreamExt as _, stream};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value;
use tokio::time::sleep;

/// Messages under way at a time, so that each kill hits some at every stage.
const IN_FLIGHT: usize = 32;

/// A message that was acknowledged.
struct Sent {
    id: String,
    number: usize,
    /// The receiver had it already: an earlier acknowledgement was lost.
    duplicate: bool,
    /// How often the program had to send it.
    attempts: usize,
}

/// Sends numbered messages, each until it is acknowledged.
async fn send_all(node: Node, to: Contact, messages: usize, acknowledged: Arc<AtomicUsize>) -> Vec<Sent> {
    let send = async |number: usize| {
        let id = MessageId::new();
        let message = Outgoing { id: Some(id), wait: PATIENCE, ..Outgoing::text(number.to_string()) };
        let mut attempts = 1;
        let duplicate = loop {
            match node.send(&to, message.clone()).await {
                Ok(delivered) => break delivered.duplicate,
                Err(_) => attempts += 1,
            }
            // The receiver is down.
            sleep(Duration::from_millis(20)).await;
        };
        acknowledged.fetch_add(1, Ordering::Relaxed);
        Sent { id: id.to_string(), number, duplicate, attempts }
    };
    stream::iter(0..messages).map(send).buffer_unordered(IN_FLIGHT).collect().await
}

/// All messages in an inbox by id, each of which must be there once.
fn inbox(of: &Daemon) -> HashMap<String, Value> {
    let mut inbox = HashMap::new();
    let mut after = 0;
    loop {
        let page = of.json(&["inbox", "list", "--after", &after.to_string(), "--limit", "1000"]);
        let Some(last) = page.as_array().unwrap().last() else { return inbox };
        after = last["seq"].as_u64().unwrap();
        for message in page.as_array().unwrap() {
            let known = inbox.insert(message["id"].as_str().unwrap().to_owned(), message["body"].clone());
            assert!(known.is_none(), "{message} is there twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_messages_survive_kills_of_the_receiver_exactly_once() {
    let (messages, kills) = if full_size() { (10_000, 100) } else { (400, 5) };
    let started = Instant::now();
    let alice = Agent::new("alice").await;
    let mut bob = Daemon::new("bob");
    alice.node.trust(&bob.card().parse().unwrap(), None).await.unwrap();
    assert_eq!(bob.run(&["trust", &alice.node.card().unwrap().to_string()]).code, 0);

    let acknowledged = Arc::new(AtomicUsize::new(0));
    let sending =
        tokio::spawn(send_all(alice.node.clone(), alice.who("bob"), messages, acknowledged.clone()));

    let mut random = StdRng::seed_from_u64(7);
    for kill in 1..=kills {
        // Spread over the run, and in the middle of it: never before the share of this kill is acknowledged.
        let due = messages * kill / (kills + 1) - random.random_range(0..messages / (2 * (kills + 1)));
        common::until("enough is acknowledged", async || acknowledged.load(Ordering::Relaxed) >= due).await;
        bob.kill();
        bob.start();
    }
    let sent = sending.await.unwrap();

    let inbox = inbox(&bob);
    for Sent { id, number, .. } in &sent {
        assert_eq!(inbox.get(id), Some(&number.to_string().into()), "message {number} is lost");
    }
    assert_eq!((sent.len(), inbox.len()), (messages, messages));
    let repeats = sent.iter().filter(|sent| sent.duplicate).count();
    let attempts: usize = sent.iter().map(|sent| sent.attempts).sum();
    println!(
        "{messages} messages acknowledged, {kills} kills, {} in the inbox, none lost, none twice; \
         {repeats} had arrived before their acknowledgement was lost, {attempts} attempts by the program, {:.1} s",
        inbox.len(),
        started.elapsed().as_secs_f64()
    );
}

#[test]
fn a_killed_agent_comes_back_as_the_same_and_is_found_by_itself() {
    let (mut alice, bob) = friends();
    let before = (alice.json(&["me"]), alice.card());
    assert_eq!(alice.run(&["send", "bob", "before"]).code, 0);
    alice.kill();
    alice.start();
    assert_eq!((alice.json(&["me"]), alice.card()), before);
    assert_eq!(alice.run(&["send", "bob", "after"]).code, 0);
    assert_eq!(bob.run(&["send", "alice", "welcome back", "--timeout", "1min"]).code, 0);
    let texts: Vec<_> =
        bob.json(&["inbox"]).as_array().unwrap().iter().map(|message| message["body"].clone()).collect();
    assert_eq!(texts, ["before", "after"]);
}
