//! The end of trust while everything is busy: from its return on, nobody is served.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use airway::{Contact, DEFAULT_WAIT, Node, protocols::port::Port, store::Filter};
use tokio::{task::JoinSet, time::timeout};

use super::{
    meter::{Meter, Metered},
    stage::Stage,
};
use crate::{
    common::{Agent, PATIENCE},
    size::size,
};

#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    eprintln!("{what}: p50 {:?}, p99 {:?}, of {}", at(50), at(99), times.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn from_the_return_of_untrust_on_nothing_is_served_to_64_busy_streams() {
    let stage = Stage::new().await;
    let (mut returned, mut here, mut there) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..size(10, 1000) {
        let scene = stage.begin().await;
        let (alices, sends) = (scene.alices.clone(), scene.sends.clone());
        let since = Instant::now();
        stage.alice.node.untrust("bob", None).await.unwrap();
        alices.end();
        sends.end();
        let newest = *stage.alice.node.newest().borrow();
        returned.push(since.elapsed());
        let stored = stage.alice.node.inbox(Filter::default()).await.unwrap().len();

        let [alice, bob] = stage.ended(scene, since).await;
        here.push(alice);
        there.push(bob);
        assert_eq!((alices.late(), sends.late()), (0, 0), "round {round}: {} bytes before", alices.bytes());
        assert!(alices.cuts() > 0);
        // What was in flight may still arrive at bob, but nothing that he sends then gets an answer.
        stage.apart().await;
        assert_eq!(*stage.alice.node.newest().borrow(), newest, "round {round}");
        assert_eq!(stage.alice.node.inbox(Filter::default()).await.unwrap().len(), stored);
        assert!(stage.alice.node.connections().is_empty());
        stage.sweep().await;
    }
    print("untrust returns", returned);
    print("the last stream at alice has ended", here);
    print("bob has noticed on all his streams", there);
}

/// Dials a port in a loop on many tasks; none that begins when it is over may be taken.
fn hammer(node: &Node, to: &Contact, meter: &Arc<Meter>, tasks: usize) -> JoinSet<()> {
    let mut hammers = JoinSet::new();
    for _ in 0..tasks {
        let (node, to, meter) = (node.clone(), to.clone(), meter.clone());
        hammers.spawn(async move {
            loop {
                let late = meter.is_over();
                let dialled = node.dial(&to, Port::ECHO, DEFAULT_WAIT).await;
                if late {
                    if dialled.is_ok() {
                        meter.note_late();
                    }
                    return;
                }
                if let Ok(stream) = dialled {
                    drop(Metered::new(stream, &meter));
                }
            }
        });
    }
    hammers
}

async fn finish(hammers: JoinSet<()>) {
    timeout(PATIENCE, hammers.join_all()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_hammers_at_the_ports_meanwhile_gets_nothing_more() {
    let stage = Stage::new().await;
    for round in 0..size(3, 100) {
        let scene = stage.begin().await;
        let meter = Arc::<Meter>::default();
        let hammers = hammer(&stage.bob.node, &stage.bob.who("alice"), &meter, 8);
        let since = Instant::now();
        stage.alice.node.untrust("bob", None).await.unwrap();
        meter.end();
        scene.alices.end();
        let alices = scene.alices.clone();
        stage.ended(scene, since).await;
        finish(hammers).await;
        assert_eq!((meter.late(), alices.late()), (0, 0), "round {round}");
        stage.apart().await;
        stage.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_may_end_it_at_once() {
    let stage = Stage::new().await;
    for round in 0..size(3, 100) {
        let scene = stage.begin().await;
        let alices = scene.alices.clone();
        let since = Instant::now();
        let end = async |agent: &Agent, who: &str, meter: &Meter| {
            // Whoever is second may have heard of it already.
            let ended = agent.node.untrust(who, None).await;
            meter.end();
            ended.is_ok()
        };
        let bobs = Meter::default();
        let (first, second) =
            tokio::join!(end(&stage.alice, "bob", &alices), end(&stage.bob, "alice", &bobs));
        assert!(first || second);
        stage.ended(scene, since).await;
        assert_eq!(alices.late(), 0, "round {round}");
        stage.apart().await;
        stage.sweep().await;
    }
}
