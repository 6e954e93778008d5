//! A follower that stops reading harms nobody, and misses nothing.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use airway::api::{InboxItem, InboxQuery, SendQuery, client::Client};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    task::JoinSet,
    time::timeout,
};

use crate::{
    process::{Daemon, PATIENCE, friends},
    size::size,
};

/// Bytes of each message.
const PAYLOAD: usize = 16 * 1024;

/// What the daemon may grow by while a follower does not read, in KiB: pages of 8 MiB under way, and what SQLite and
/// the allocator keep. All messages together are 64 MiB at least.
const GROWTH: u64 = 48 * 1024;

/// Memory that the process of a daemon holds, in KiB.
fn memory(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The sequence numbers of so many messages, as they come.
async fn sequence(daemon: &Daemon, count: usize) -> Vec<u64> {
    let client = Client::new(daemon.socket());
    let query = InboxQuery { after: Some(0), ..InboxQuery::default() };
    let mut follow = client.follow_inbox(&query).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < count {
        let next: Option<InboxItem> = timeout(PATIENCE, follow.next()).await.unwrap().unwrap();
        seen.push(next.unwrap().seq);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_stops_reading_holds_up_nobody_and_misses_nothing() {
    let messages: usize = size(4_000, 20_000);
    let (alice, bob) = friends().await;
    // Asks, and then does not read.
    let mut slow = UnixStream::connect(bob.socket()).await.unwrap();
    slow.write_all(b"GET /v1/inbox/follow?after=0 HTTP/1.1\r\nHost: airway\r\n\r\n").await.unwrap();
    let before = memory(&bob);

    let other = async { sequence(&bob, messages).await };
    let sending = async {
        let client = Client::new(alice.socket());
        let mut sends = JoinSet::new();
        for _ in 0..messages {
            if sends.len() >= 8 {
                sends.join_next().await.unwrap().unwrap();
            }
            let client = client.clone();
            sends.spawn(async move {
                let query = SendQuery {
                    to: "bob".into(),
                    kind: Default::default(),
                    reply_to: None,
                    id: None,
                    timeout_ms: None,
                    expires_s: None,
                };
                client.send(&query, vec![b'x'; PAYLOAD]).await.unwrap();
            });
        }
        sends.join_all().await;
    };
    let (seen, ()) = tokio::join!(other, sending);
    let expected: Vec<u64> = (1..=messages as u64).collect();
    assert_eq!(seen, expected, "who reads sees all");
    let grown = memory(&bob).saturating_sub(before);
    assert!(grown < GROWTH, "the daemon grew by {grown} KiB");

    let mut lines = BufReader::new(slow).lines();
    let mut late = Vec::new();
    while late.len() < messages {
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        // Between the lines stand the sizes of the chunks that they come in.
        if let Ok(item) = serde_json::from_str::<InboxItem>(&line) {
            late.push(item.seq);
        }
    }
    assert_eq!(late, expected, "and so does who reads late");
}
