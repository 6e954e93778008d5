//! Subscribers that do not read, among others who do.

use std::time::Instant;

use airway::protocols::{
    events::{self, Since, Subscribe, Told},
    port::Port,
};
use tokio::{task::JoinSet, time::timeout};

use super::stage::{event, patterns, subscribe, topic};
use crate::common::{Agent, PATIENCE, befriend, friends};

/// Bytes of an event.
const SIZE: usize = 32 * 1024;

/// Events: twice what a log keeps of a topic and a connection takes ahead of its reader together.
const COUNT: u64 = 2 * (16 + 15) * 1024 * 1024 / SIZE as u64;

/// Events that are published before the healthy readers are awaited: they have to keep up, and take part of a machine.
const AHEAD: u64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_costs_the_others_nothing_and_is_told_what_it_missed() {
    let (alice, bob) = friends().await;
    let carol = Agent::new("carol").await;
    befriend(&alice, &carol).await;
    let mut healthy = Vec::new();
    for _ in 0..3 {
        healthy.push(subscribe(&bob.node, &bob.who("alice"), &["a"], Since::Now).await);
    }
    let mut stalled = Vec::new();
    for _ in 0..3 {
        let mut stream = carol.node.dial(&carol.who("alice"), Port::EVENTS, PATIENCE).await.unwrap();
        let what = Subscribe { patterns: patterns(&["a"]), since: Since::Now };
        timeout(PATIENCE, events::subscribe(&mut stream, &what)).await.unwrap().unwrap();
        stalled.push(stream);
    }

    let began = Instant::now();
    for round in 0..COUNT / AHEAD {
        for _ in 0..AHEAD {
            alice.node.publish(&topic("a"), vec![7; SIZE]).await.unwrap();
        }
        let readers: JoinSet<_> = healthy
            .into_iter()
            .map(|mut reader| async move {
                for number in 1..=AHEAD {
                    assert_eq!(event(&mut reader).await.position.seq, round * AHEAD + number);
                }
                reader
            })
            .collect();
        healthy = timeout(PATIENCE, readers.join_all()).await.unwrap();
    }
    assert!(began.elapsed() < PATIENCE);

    for stream in &mut stalled {
        let (mut last, mut gaps) = (0, 0);
        while last < COUNT / AHEAD * AHEAD {
            // One that stood still for too long on a slow machine was dropped, which is as explicit.
            let Ok(Some(told)) = timeout(PATIENCE, events::told(stream)).await.unwrap() else { break };
            match told {
                Told::Event(event) => {
                    assert_eq!(event.position.seq, last + 1);
                    last = event.position.seq;
                }
                Told::Gap(gap) => {
                    assert_eq!(gap.after.seq, last);
                    assert!(gap.next.seq > last + 1);
                    last = gap.next.seq - 1;
                    gaps += 1;
                }
                other => panic!("{other:?}"),
            }
            if last == COUNT / AHEAD * AHEAD {
                assert!(gaps > 0);
            }
        }
    }
}
