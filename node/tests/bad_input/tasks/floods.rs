//! Requesters that want everything at once.

use airway::{
    api::{Task, TaskRole, TasksQuery},
    protocols::tasks::{self, Answer, Denied, Request, TaskId},
    protocols::wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::SmallRng};
use tokio::time::timeout;

use super::{QUIC, client, plain, submit};
use crate::{
    bad_input::{frames::memory, hostile::Hostile},
    process::{Daemon, PATIENCE},
    size::{is_full, seed, size},
};

/// What memory may grow by in a full run, in KiB: a fiftieth of what is sent.
const GROWTH: u64 = 64 * 1024;

/// Tasks that a newcomer may have open.
const NEWCOMER: usize = 3;

/// The tasks that bob has, all of which are open.
async fn open_tasks(bob: &Daemon) -> Vec<Task> {
    let query = TasksQuery { role: Some(TaskRole::Worker), limit: Some(1000), ..TasksQuery::default() };
    client(bob).tasks(&query).await.unwrap()
}

/// Submits so many tasks on one stream, ahead of the answers; returns how many were taken.
async fn flood(mallory: &Hostile, tasks: usize) -> usize {
    let (mut reader, mut writer) = mallory.open(tasks::PROTOCOL).await.split();
    let body = plain(&"x".repeat(tasks::MAX_DESCRIPTION));
    let writing = async {
        for _ in 0..tasks {
            tasks::write(&mut writer, &submit(TaskId::new(), &body)).await.unwrap();
        }
        writer.close().await.unwrap();
    };
    let reading = async {
        let mut taken = 0;
        for _ in 0..tasks {
            match timeout(PATIENCE, tasks::read_answer(&mut reader)).await.unwrap().unwrap() {
                Answer::Status(_) => taken += 1,
                Answer::Denied { code: Denied::Full | Denied::Later, .. } => {}
                other => panic!("{other:?}"),
            }
        }
        taken
    };
    tokio::join!(writing, reading).1
}

#[tokio::test]
async fn whoever_floods_a_worker_has_its_quota_and_no_more() {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    assert_eq!(flood(&mallory, 100).await, NEWCOMER);
    // What is not accepted would end soon, and leave room.
    for task in open_tasks(&bob).await {
        client(&bob).accept_task(&task.id).await.unwrap();
    }
    let before = memory(&bob);
    assert_eq!(flood(&mallory, size(400, 100_000)).await, 0);
    let grown = memory(&bob).saturating_sub(before);
    assert_eq!(open_tasks(&bob).await.len(), NEWCOMER);
    assert!(!is_full() || grown < GROWTH, "{grown} KiB more");
    // Others are served as before.
    let carol = Hostile::trusted_as("carol", &bob, QUIC).await;
    assert_eq!(flood(&carol, 10).await, NEWCOMER);
}

/// Something that is not quite what is said about tasks.
fn nonsense(rng: &mut SmallRng) -> Vec<u8> {
    let mut noise = vec![0; rng.random_range(0..400)];
    rng.fill_bytes(&mut noise);
    let request = wire::encode(&submit(TaskId::new(), &plain("almost"))).unwrap();
    let mut whole = wire::frame(&request, tasks::FRAME).unwrap();
    match rng.random_range(0..5) {
        0 => noise,
        1 => wire::frame(&noise, tasks::FRAME).unwrap(),
        2 => {
            whole.truncate(rng.random_range(0..whole.len()));
            whole
        }
        3 => {
            let at = rng.random_range(0..whole.len());
            whole[at] ^= 1 << rng.random_range(0..8);
            whole
        }
        _ => {
            let body = noise;
            wire::frame(&wire::encode(&Request::Submit { task: TaskId::new(), body }).unwrap(), tasks::FRAME)
                .unwrap()
        }
    }
}

#[tokio::test]
async fn nonsense_about_tasks_leaves_nothing_behind() {
    let rounds = size(300, 100_000);
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    let mut rng = SmallRng::seed_from_u64(seed());
    for _ in 0..rounds {
        let _ = mallory.say(tasks::PROTOCOL, &nonsense(&mut rng)).await;
    }
    let before = memory(&bob);
    for _ in 0..rounds {
        let _ = mallory.say(tasks::PROTOCOL, &nonsense(&mut rng)).await;
    }
    let grown = memory(&bob).saturating_sub(before);
    // A bit may have changed in a word, and nothing else.
    assert!(open_tasks(&bob).await.len() <= NEWCOMER);
    assert!(!is_full() || grown < GROWTH, "{grown} KiB more");
    let carol = Hostile::trusted_as("carol", &bob, QUIC).await;
    assert_eq!(flood(&carol, 10).await, NEWCOMER);
}
