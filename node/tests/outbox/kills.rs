//! A receiver that is down, comes, and is killed while messages arrive.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::api::{Kind, SendQuery, State, client::Client};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use tokio::time::timeout;

use crate::{
    process::{Daemon, PATIENCE, friends, until},
    size::{seed, size},
};

fn client(of: &Daemon) -> Client {
    Client::new(of.home.join("run/api.sock"))
}

/// Puts a message into the outbox and does not wait for more.
async fn put(from: &Client, text: String) {
    let query = SendQuery {
        to: "bob".into(),
        kind: Kind::Text,
        reply_to: None,
        id: None,
        timeout_ms: Some(1),
        expires_s: None,
    };
    assert_ne!(from.send(&query, text).await.unwrap().state, State::Failed);
}

/// All texts in an inbox, in the order of their arrival.
async fn texts(at: &Daemon) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = at.json(&["inbox", "list", "--limit", "1000", "--after", &after.to_string()]).await;
        let Some(last) = page.as_array().unwrap().last() else { return all };
        after = last["seq"].as_u64().unwrap();
        all.extend(page.as_array().unwrap().iter().map(|item| item["body"].as_str().unwrap().to_owned()));
    }
}

/// Waits until more than so many have arrived; returns how many. Looks without a pause: they come fast.
async fn beyond(receiver: &Client, count: u64) -> u64 {
    loop {
        let arrived = receiver.status().await.unwrap().unread;
        if arrived > count {
            return arrived;
        }
    }
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what a long run did, with --nocapture")]
async fn messages_to_an_agent_that_is_down_and_then_killed_arrive_once_and_in_order() {
    let (messages, kills) = size((100, 3), (1000, 20));
    let (alice, mut bob) = friends().await;
    bob.kill().await;
    let sender = client(&alice);
    for number in 0..messages {
        put(&sender, number.to_string()).await;
    }
    assert_eq!(alice.json(&["outbox", "--limit", "1000"]).await.as_array().unwrap().len(), messages);

    let mut rng = SmallRng::seed_from_u64(seed());
    let mut bob = bob.restart().await;
    let mut arrived = Vec::new();
    for kill in 0..kills {
        let at = (kill * messages / kills + rng.random_range(0..messages / kills)) as u64;
        let receiver = client(&bob);
        arrived.push(timeout(PATIENCE, beyond(&receiver, at)).await.expect("messages arrive"));
        bob = bob.restart().await;
    }
    let caught = arrived.iter().filter(|count| **count < messages as u64).count();
    assert!(caught * 2 > kills, "{caught} of {kills} kills were in the middle: {arrived:?}");
    let receiver = client(&bob);
    until("all have arrived", async || receiver.status().await.unwrap().unread >= messages as u64).await;
    until("all are settled", async || alice.json(&["outbox"]).await.as_array().unwrap().is_empty()).await;
    eprintln!("{messages} messages, killed after {arrived:?}");
    assert_eq!(texts(&bob).await, (0..messages).map(|number| number.to_string()).collect::<Vec<_>>());
}
