//! What one agent cannot do to another, or keep others from.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use airway::{
    Ask, Standing, TICKET_LIFE, Terms, What,
    protocols::trust::{Kind, Scopes},
};

use super::puppet::{Puppet, answering, draft, now};
use crate::common::{Agent, befriend, friends, until};

/// Lets a future go on for so many polls, and drops it.
async fn abandon(future: impl Future, polls: usize) {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|cx| {
        left -= 1;
        if future.as_mut().poll(cx).is_ready() || left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn is_revoked(agent: &Agent) -> bool {
    let log = agent.node.trust_log(2, None).await.unwrap();
    log.iter().any(|event| event.what == What::Revoked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_wait_for_the_end_of_a_decision_leaves_it_whole() {
    let (alice, bob) = friends().await;
    let third = Puppet::new("third").await;
    for polls in 1..=4 {
        if alice.node.find("bob").is_err() {
            befriend(&alice, &bob).await;
        }
        abandon(alice.node.untrust("bob", None), polls).await;
        // Whatever was to be written before it has been written now.
        alice.node.block(&third.card.to_string()).await.unwrap();
        alice.node.unblock(&third.card.to_string()).await.unwrap();
        let of_bob = alice.node.trust_log(1, Some(bob.node.me().agent)).await.unwrap();
        if of_bob[0].what == What::Revoked {
            until("memory says what the disk says", async || alice.node.find("bob").is_err()).await;
        }
    }
    assert!(is_revoked(&bob).await || alice.node.find("bob").is_err(), "some of it was carried out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stranger_does_not_occupy_the_door() {
    let alice = Agent::new("alice").await;
    let (hog, guest) = (Puppet::new("hog").await, Puppet::new("guest").await);
    let _held = hog.linger(&alice.node, 40).await;
    let request = guest.request(&alice.node.me().agent, 1, now());
    assert!(guest.try_knock(&alice.node, request.as_bytes(), None).await, "the door was held by one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_does_not_fill_the_log() {
    let alice = Agent::new("alice").await;
    let puppet = Puppet::new("puppet").await;
    let (node, me) = (&alice.node, alice.node.me().agent);
    let ticket =
        node.ticket(Terms { alias: None, scopes: Some(Scopes::nothing()) }, TICKET_LIFE, false).await;
    let request = puppet.request(&me, 1, now());
    puppet.knock(node, request.as_bytes(), Some(ticket.unwrap().prove(&request.id()))).await;
    until("trusted", async || node.find("puppet").is_ok()).await;
    let start = now();
    for later in 0..100 {
        let again = answering(Kind::Accept, 1, start + later, request.id());
        let _ = puppet.tell(node, &puppet.sign(&me, again)).await;
    }
    let noted = node.trust_log(1000, None).await.unwrap().len();
    assert!(noted < 60, "{noted} entries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_has_lapsed_is_not_approved_any_more() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    let pending = async || alice.node.requests(&[Standing::Pending]).await.unwrap().len();
    let ask = Ask { lapse: Duration::from_secs(4), ..Ask::default() };
    bob.node.trust(&alice.node.card().unwrap(), ask).await.unwrap();
    until("asked", async || pending().await == 1).await;
    until("taken back", async || pending().await == 0).await;
    assert!(bob.node.requests(&[Standing::Requested]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_taken_back_however_often_it_was_made() {
    let alice = Agent::new("alice").await;
    let puppet = Puppet::new("puppet").await;
    let (me, start) = (alice.node.me().agent, now());
    let pending = async || alice.node.requests(&[Standing::Pending]).await.unwrap().len();
    for later in 0..10 {
        puppet.knock(&alice.node, puppet.request(&me, 1, start + later).as_bytes(), None).await;
    }
    assert_eq!(pending().await, 1);
    let revoke = puppet.sign(&me, draft(Kind::Revoke, 1, start + 20));
    puppet.knock(&alice.node, revoke.as_bytes(), None).await;
    assert_eq!(pending().await, 0);
}
