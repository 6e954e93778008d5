//! What trust opens, and for how long.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use airway::{
    Ask, DEFAULT_WAIT, DialError, Listener, Node, Outgoing, SendError, Sent, Standing, TICKET_LIFE, Terms,
    What,
    protocols::{
        port::Port,
        trust::{Ports, Scopes},
    },
};
use futures::StreamExt as _;
use libp2p::{
    SwarmBuilder, identify,
    identity::Keypair,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use tokio::time::timeout;

use super::puppet::{Puppet, now};
use crate::common::{Agent, PATIENCE, befriend, friends, until};

const OPEN: u16 = 5001;
const CLOSED: u16 = 5002;

/// Nobody listens here.
const NOBODY: u16 = 5999;

fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

/// These ports, and nothing else.
fn only(ports: &[Port]) -> Terms {
    let ports = Ports::Only(ports.iter().copied().collect());
    Terms { scopes: Some(Scopes { ports, ..Scopes::nothing() }), ..Terms::default() }
}

fn until_ms(end: u64) -> Scopes {
    Scopes { until: Some(end), ..Scopes::everything() }
}

/// Listens on both ports; whatever comes is taken and kept open.
fn listen(node: &Node) {
    for number in [OPEN, CLOSED] {
        let mut listener: Listener = node.listen(port(number)).unwrap();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Some((_, mut stream)) = listener.accept().await {
                futures::AsyncWriteExt::write_all(&mut stream, b"hello").await.ok();
                futures::AsyncWriteExt::flush(&mut stream).await.ok();
                open.push(stream);
            }
        });
    }
}

/// A puppet that alice trusts on these terms.
async fn trusted(alice: &Agent, terms: Terms) -> Puppet {
    let ticket = alice.node.ticket(terms, TICKET_LIFE, false).await.unwrap();
    let puppet = Puppet::new("puppet").await;
    let request = puppet.request(&alice.node.me().agent, 1, now());
    puppet.knock(&alice.node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    until("she has said so", async || {
        alice.node.contact(&puppet.agent()).is_some_and(|contact| contact.confirmed)
    })
    .await;
    puppet
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_granted_looks_as_if_nobody_listened() {
    let alice = Agent::new("alice").await;
    listen(&alice.node);
    let puppet = trusted(&alice, only(&[port(OPEN)])).await;
    // The connection of before may be closing yet.
    until("granted", async || puppet.open(&alice.node, port(OPEN)).await.is_ok()).await;
    assert!(puppet.open(&alice.node, Port::ECHO).await.is_ok());
    let nobody = puppet.open(&alice.node, port(NOBODY)).await.unwrap_err();
    for closed in [port(CLOSED), Port::DATA, Port::EVENTS] {
        assert_eq!(puppet.open(&alice.node, closed).await.unwrap_err(), nobody, "{closed}");
    }
}

/// The protocols that a node names to whoever has this key.
async fn identified(node: &Node, key: Keypair) -> BTreeSet<String> {
    let config = identify::Config::new("test".into(), key.public());
    let mut swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| identify::Behaviour::new(config))
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
        .build();
    let card = node.card().unwrap();
    let told = async {
        loop {
            // What a stranger is told is nothing; so it goes on until it is told something.
            let to = DialOpts::peer_id(card.peer_id()).addresses(card.addresses().to_vec()).build();
            let _ = swarm.dial(to);
            if let SwarmEvent::Behaviour(identify::Event::Received { info, .. }) =
                swarm.select_next_some().await
            {
                return info.protocols.iter().map(ToString::to_string).collect();
            }
        }
    };
    timeout(PATIENCE, told).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identify_names_what_is_granted_alone() {
    let alice = Agent::new("alice").await;
    listen(&alice.node);
    let puppet = trusted(&alice, only(&[port(OPEN), port(NOBODY)])).await;
    let named = identified(&alice.node, puppet.key.clone()).await;
    let name = |port: Port| port.protocol().to_string();
    for there in [port(OPEN), Port::ECHO, Port::TRUST] {
        assert!(named.contains(&name(there)), "{there}: {named:?}");
    }
    for hidden in [port(CLOSED), port(NOBODY), Port::DATA] {
        assert!(!named.contains(&name(hidden)), "{hidden}: {named:?}");
    }
    assert!(named.iter().all(|name| !name.contains("perf") && !name.contains("files")), "{named:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_grants_what_it_says_and_the_other_knows() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    bob.node.trust(&alice.node.card().unwrap(), Ask::default()).await.unwrap();
    until("asked", async || !alice.node.requests(&[Standing::Pending]).await.unwrap().is_empty()).await;
    let terms = only(&[]);
    alice.node.approve("bob", terms.clone()).await.unwrap();
    until("bob has heard", async || bob.node.find("alice").is_ok()).await;
    assert_eq!(bob.who("alice").granted, terms.scopes);
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
    assert!(bob.node.send(&bob.who("alice"), Outgoing::text("no").now()).await.is_err());
    assert!(alice.node.send(&alice.who("bob"), Outgoing::text("yes")).await.unwrap().is_delivered());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_does_not_bring_back_what_was_granted_before() {
    let alice = Agent::new("alice").await;
    listen(&alice.node);
    let puppet = trusted(&alice, only(&[port(OPEN), port(CLOSED)])).await;
    alice.node.untrust("puppet", None).await.unwrap();
    let ticket = alice.node.ticket(only(&[port(OPEN)]), TICKET_LIFE, false).await.unwrap();
    let request = puppet.request(&alice.node.me().agent, 9, now());
    puppet.knock(&alice.node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    until("granted", async || puppet.open(&alice.node, port(OPEN)).await.is_ok()).await;
    assert!(puppet.open(&alice.node, port(CLOSED)).await.is_err());
    assert_eq!(*alice.node.contact(&puppet.agent()).unwrap().scopes, only(&[port(OPEN)]).scopes.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_for_a_time_ends_by_itself_and_not_before() {
    let (alice, bob) = friends().await;
    let end = now() + 1500;
    alice.node.set_scopes("bob", until_ms(end)).await.unwrap();
    assert_eq!(alice.who("bob").expires, Some(end));
    until("it has ended", async || alice.node.find("bob").is_err()).await;
    assert!(now() >= end);
    let last = alice.node.trust_log(1, None).await.unwrap().remove(0);
    assert_eq!((last.what, last.by_us), (What::Revoked, true));
    until("bob has heard", async || bob.node.find("alice").is_err()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_that_ended_while_the_agent_was_down_opens_nothing_at_the_next_start() {
    let (alice, bob) = friends().await;
    let end = now() + 1500;
    alice.node.set_scopes("bob", until_ms(end)).await.unwrap();
    alice.node.shut_down().await;
    until("its time is over", async || now() > end).await;

    let (stop, served) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let (node, to, stopped, taken) = (bob.node.clone(), bob.who("alice"), stop.clone(), served.clone());
    let hammer = tokio::spawn(async move {
        while !stopped.load(Ordering::Relaxed) {
            if node.dial(&to, Port::ECHO, Duration::from_secs(1)).await.is_ok() {
                taken.store(true, Ordering::Relaxed);
            }
        }
    });
    let alice = alice.restart("alice").await;
    until("it has ended", async || alice.node.contacts().is_empty()).await;
    until("bob has heard", async || bob.node.contacts().is_empty()).await;
    stop.store(true, Ordering::Relaxed);
    hammer.await.unwrap();
    assert!(!served.load(Ordering::Relaxed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_lapses_and_an_answer_that_comes_too_late_brings_no_trust() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    let ask = Ask { lapse: Duration::from_millis(1), ..Ask::default() };
    alice.node.trust(&bob.node.card().unwrap(), ask).await.unwrap();
    let asked = async || alice.node.requests(&[Standing::Requested]).await.unwrap();
    until("it has lapsed", async || asked().await.is_empty()).await;
    let last = alice.node.trust_log(1, None).await.unwrap().remove(0);
    assert_eq!((last.what, last.by_us), (What::Withdrawn, true));

    // A request that was heard, and lapsed at whoever made it.
    let carol = Agent::new("carol").await;
    let ask = Ask { lapse: Duration::from_secs(3), ..Ask::default() };
    carol.node.trust(&bob.node.card().unwrap(), ask).await.unwrap();
    let pending = async || !bob.node.requests(&[Standing::Pending]).await.unwrap().is_empty();
    until("heard or lapsed", async || {
        pending().await || carol.node.requests(&[Standing::Requested]).await.unwrap().is_empty()
    })
    .await;
    until("it has lapsed", async || carol.node.requests(&[Standing::Requested]).await.unwrap().is_empty())
        .await;
    if pending().await {
        bob.node.approve("carol", Terms::default()).await.ok();
    }
    assert!(carol.node.contacts().is_empty());
    assert!(carol.node.ping(&trusting(&carol, &bob).await, DEFAULT_WAIT).await.is_ok());
}

/// Makes the first trust the second, whatever was before; returns the second as its contact.
async fn trusting(first: &Agent, second: &Agent) -> airway::Contact {
    befriend(second, first).await;
    first.node.contact(&second.node.me().agent).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_a_contact_that_has_not_heard_of_it_waits() {
    let (alice, puppet) = (Agent::new("alice").await, Puppet::new("puppet").await);
    puppet.knock(&alice.node, puppet.request(&alice.node.me().agent, 1, now()).as_bytes(), None).await;
    puppet.set_deaf(true);
    let contact = alice.node.approve("puppet", Terms::default()).await.unwrap();
    assert!(!contact.confirmed);
    let refused = alice.node.dial(&contact, Port::ECHO, DEFAULT_WAIT).await.unwrap_err();
    assert!(matches!(refused, DialError::Unconfirmed { .. }), "{refused:?}");
    let sent = alice.node.send(&contact, Outgoing::text("hi")).await.unwrap();
    let waits =
        matches!(&sent, Sent::Waiting { obstacle: SendError::Dial(DialError::Unconfirmed { .. }), .. });
    assert!(waits, "{sent:?}");
    // Once it has heard, what it refuses is its own will.
    puppet.set_deaf(false);
    until("heard", async || alice.who("puppet").confirmed).await;
    let refused = alice.node.dial(&contact, Port::ECHO, DEFAULT_WAIT).await.unwrap_err();
    assert!(matches!(refused, DialError::NotTrusted { .. }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_a_contact_that_was_away_when_it_was_approved_arrives() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    bob.node.trust(&alice.node.card().unwrap(), Ask::default()).await.unwrap();
    until("asked", async || !alice.node.requests(&[Standing::Pending]).await.unwrap().is_empty()).await;
    bob.node.shut_down().await;
    let contact = alice.node.approve("bob", Terms::default()).await.unwrap();
    let sent = alice.node.send(&contact, Outgoing::text("welcome")).await.unwrap();
    assert!(!sent.is_delivered() && !alice.who("bob").confirmed);
    let bob = bob.restart("bob").await;
    until("delivered", async || *bob.node.newest().borrow() == 1).await;
    assert_eq!(bob.node.contacts().len(), 1);
    until("confirmed", async || alice.who("bob").confirmed).await;
}
