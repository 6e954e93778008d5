//! Other ends of what is served: an agent is blocked, may do less from now on, or nobody waits for the end.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use airway::{
    Ask, DEFAULT_WAIT, DialError, Outgoing, Standing, Terms,
    protocols::{
        port::Port,
        trust::{Ports, Scopes},
    },
};
use tokio::{task::JoinSet, time::timeout};

use super::{
    meter::{Meter, Metered, Role, play},
    puppet::{Puppet, now},
    stage::{ECHOING, POURING, Stage, port},
};
use crate::{
    common::{Agent, PATIENCE, befriend, friends, until},
    size::size,
};

fn only(ports: &[Port]) -> Scopes {
    Scopes { ports: Ports::Only(ports.iter().copied().collect()), ..Scopes::nothing() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_blocked_is_cut_off_and_not_told() {
    let stage = Stage::new().await;
    for round in 0..size(2, 20) {
        let scene = stage.begin().await;
        let (alices, sends) = (scene.alices.clone(), scene.sends.clone());
        let alice = stage.bob.who("alice");
        let since = Instant::now();
        stage.alice.node.block("bob").await.unwrap();
        alices.end();
        sends.end();
        let newest = *stage.alice.node.newest().borrow();
        stage.ended(scene, since).await;
        assert_eq!((alices.late(), sends.late()), (0, 0), "round {round}");
        assert_eq!(*stage.alice.node.newest().borrow(), newest);

        // He only finds that nobody is there for him.
        let refused = stage.bob.node.ping(&alice, DEFAULT_WAIT).await.unwrap_err();
        assert!(!matches!(refused, DialError::NotTrusted { .. }), "{refused:?}");
        assert!(stage.bob.node.find("alice").is_ok());
        let log = stage.bob.node.trust_log(1, None).await.unwrap().remove(0);
        assert_eq!(log.what, airway::What::Trusted, "the last thing that he has heard");

        stage.alice.node.unblock("bob").await.unwrap();
        stage.bob.node.untrust("alice", None).await.unwrap();
        stage.apart().await;
        // By his doing: while he was blocked, so many of his connections came to her that more are not let in for now.
        befriend(&stage.bob, &stage.alice).await;
        stage.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_agent_is_not_heard_and_is_a_stranger_once_it_is_unblocked() {
    let (alice, puppet) = (Agent::new("alice").await, Puppet::new("puppet").await);
    let request = puppet.request(&alice.node.me().agent, 1, now());
    alice.node.block(&puppet.card.to_string()).await.unwrap();
    assert!(!puppet.try_knock(&alice.node, request.as_bytes(), None).await);
    assert!(puppet.open(&alice.node, Port::ECHO).await.is_err());
    assert!(alice.node.requests(&[Standing::Pending]).await.unwrap().is_empty());
    let own = Ask { justification: Some("we block".into()), ..Ask::default() };
    assert!(alice.node.trust(&puppet.card, own).await.is_err());

    alice.node.unblock("puppet").await.unwrap();
    puppet.knock(&alice.node, request.as_bytes(), None).await;
    until("asked", async || alice.node.requests(&[Standing::Pending]).await.unwrap().len() == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_is_open_is_cut_when_less_is_granted() {
    let stage = Stage::new().await;
    for round in 0..size(2, 20) {
        let scene = stage.begin().await;
        let (alices, sends) = (scene.alices.clone(), scene.sends.clone());
        let since = Instant::now();
        let scopes = only(&[port(ECHOING)]);
        if round % 2 == 0 {
            stage.alice.node.set_scopes("bob", scopes).await.unwrap();
        } else {
            let terms = Terms { scopes: Some(scopes), ..Terms::default() };
            let card = stage.bob.node.card().unwrap();
            stage.alice.node.trust(&card, Ask { terms, ..Ask::default() }).await.unwrap();
        }
        alices.end();
        sends.end();
        let newest = *stage.alice.node.newest().borrow();
        stage.ended(scene, since).await;
        assert_eq!((alices.late(), sends.late()), (0, 0), "round {round}");

        // Within the new scopes all goes on; the rest is as if nobody listened.
        let alice = stage.bob.who("alice");
        until("bob may echo", async || {
            stage.bob.node.dial(&alice, port(ECHOING), DEFAULT_WAIT).await.is_ok()
        })
        .await;
        for closed in [port(POURING), port(5999)] {
            let refused = stage.bob.node.dial(&alice, closed, DEFAULT_WAIT).await.unwrap_err();
            assert!(matches!(refused, DialError::PortClosed { port, .. } if port == closed), "{refused:?}");
        }
        assert!(stage.bob.node.send(&alice, Outgoing::text("no").now()).await.is_err());
        assert_eq!(*stage.alice.node.newest().borrow(), newest);

        stage.alice.node.set_scopes("bob", Scopes::everything()).await.unwrap();
        let again = async || stage.bob.node.send(&alice, Outgoing::text("yes").now()).await.is_ok();
        until("bob may send", again).await;
        stage.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_nobody_waits_for_is_whole() {
    let (alice, bob) = friends().await;
    for millis in 0..size(8, 60) {
        let (at_bob, at_alice) = (bob.who("alice"), Arc::new(alice.who("bob")));
        let waited = timeout(Duration::from_millis(millis), alice.node.untrust("bob", None)).await;
        // What is committed by now is seen behind this.
        alice.node.mark_read(Vec::new()).await.unwrap();
        let trusted = async || {
            let rows = alice.node.requests(&[Standing::Trusted]).await.unwrap();
            rows.iter().any(|row| row.agent == at_alice.agent)
        };
        until("memory says what the disk says", async || trusted().await == alice.node.find("bob").is_ok())
            .await;
        if waited.is_ok() || !trusted().await {
            until("bob has heard", async || bob.node.find("alice").is_err()).await;
            assert!(bob.node.ping(&at_bob, DEFAULT_WAIT).await.is_err());
            befriend(&alice, &bob).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_has_stopped_reading_does_not_hold_up_the_end() {
    let tcp = ["/ip4/127.0.0.1/tcp/0"];
    let (alice, bob) = (Agent::with("alice", &tcp).await, Agent::with("bob", &tcp).await);
    befriend(&alice, &bob).await;
    let (meter, listener) = (Arc::<Meter>::default(), bob.node.listen(port(POURING)).unwrap());
    let mut pouring = JoinSet::new();
    for _ in 0..32 {
        let stream = alice.node.open(&alice.who("bob"), port(POURING), DEFAULT_WAIT).await.unwrap();
        pouring.spawn(play(Role::Pour, Metered::new(stream, &meter)));
    }
    until("something is on its way", async || meter.busy() == 32).await;
    // Nothing moves at bob until he is let go.
    let (release, held) = std::sync::mpsc::channel::<()>();
    bob.node.spawn(async move { held.recv_timeout(2 * PATIENCE).ok() });
    timeout(PATIENCE, alice.node.untrust("bob", None)).await.expect("it ends without bob").unwrap();
    meter.end();
    timeout(PATIENCE, pouring.join_all()).await.expect("all are cut");
    assert_eq!(meter.late(), 0);
    drop(release);
    until("bob has heard", async || bob.node.find("alice").is_err()).await;
    drop(listener);
}
