//! Tickets that are used up, too old, taken back, or not enough; and what the first contact costs.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use airway::{
    DEFAULT_WAIT, Outgoing, PairError, Standing, TICKET_LIFE, Terms,
    protocols::{port::Port, streams::Behaviour, streams::Limits, streams::OpenToAll},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Swarm, SwarmBuilder,
    core::upgrade::Version,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};

use crate::common::{Agent, PATIENCE, until};

/// How long to wait for what is not to come.
const SHORT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_has_expired_or_was_taken_back_is_a_request_like_any_other() {
    let (alice, bob, carol) = (Agent::new("alice").await, Agent::new("bob").await, Agent::new("carol").await);
    let old = alice.node.ticket(Terms::default(), Duration::ZERO, false).await.unwrap();
    let gone = alice.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    assert!(alice.node.withdraw(&gone.id()).await.unwrap());
    assert!(!alice.node.withdraw(&gone.id()).await.unwrap());
    for ticket in [&old, &gone] {
        assert!(matches!(alice.node.used(&ticket.id()).await, Err(PairError::Unused)));
    }
    let (first, second) = tokio::join!(
        bob.node.pair(&old, Terms::default(), SHORT),
        carol.node.pair(&gone, Terms::default(), SHORT),
    );
    assert!(matches!(first, Err(PairError::NoAnswer { .. })), "{first:?}");
    assert!(matches!(second, Err(PairError::NoAnswer { .. })), "{second:?}");
    let pending = async || alice.node.requests(&[Standing::Pending]).await.unwrap();
    until("both stand at the door", async || pending().await.len() == 2).await;
    assert!(pending().await.iter().all(|request| !request.invited));
    assert!(alice.node.contacts().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_use_a_ticket_at_once_one_is_trusted() {
    let (alice, bob, carol) = (Agent::new("alice").await, Agent::new("bob").await, Agent::new("carol").await);
    let ticket = alice.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    let until_one = async |agent: &Agent| agent.node.pair(&ticket, Terms::default(), PATIENCE).await.is_ok();
    let winner = tokio::select! {
        true = until_one(&bob) => &bob,
        true = until_one(&carol) => &carol,
        else => panic!("nobody was trusted"),
    };
    until("the other stands at the door", async || {
        alice.node.requests(&[Standing::Pending]).await.unwrap().len() == 1
            || alice.node.trust_log(10, None).await.unwrap().len() == 1
    })
    .await;
    let contacts = alice.node.contacts();
    assert_eq!(contacts.iter().map(|contact| contact.agent).collect::<Vec<_>>(), [winner.node.me().agent]);
    assert_eq!(alice.node.used(&ticket.id()).await.unwrap(), winner.node.me().agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_confirms_brings_its_bearer_to_the_door_marked_as_invited() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    let ticket = alice.node.ticket(Terms::default(), TICKET_LIFE, true).await.unwrap();
    let approve = async {
        let pending = async || alice.node.requests(&[Standing::Pending]).await.unwrap();
        until("at the door", async || !pending().await.is_empty()).await;
        assert!(pending().await[0].invited && alice.node.contacts().is_empty());
        assert_eq!(alice.node.used(&ticket.id()).await.unwrap(), bob.node.me().agent);
        alice.node.approve("bob", Terms::default()).await.unwrap();
    };
    let (paired, ()) = tokio::join!(bob.node.pair(&ticket, Terms::default(), PATIENCE), approve);
    paired.unwrap();
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
}

/// A swarm without anything that agents have.
fn plain() -> Swarm<Behaviour> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Behaviour::new(Limits::default(), OpenToAll))
        .unwrap()
        .with_swarm_config(|config| config.with_substream_upgrade_protocol_override(Version::V1Lazy))
        .build()
}

/// Time from nothing to an answered ping between two plain swarms.
async fn connect_and_ping() -> Duration {
    let (mut here, mut there) = (plain(), plain());
    there.listen_on("/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()).unwrap();
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = there.select_next_some().await {
            break address;
        }
    };
    let (peer, control) = (*there.local_peer_id(), here.behaviour().control());
    let mut echoes = there.behaviour().control().listen(Port::ECHO.protocol(), 8).unwrap();
    let serving = tokio::spawn(async move {
        let echo = async {
            let mut stream = echoes.next().await.unwrap();
            let mut bytes = [0; 64];
            stream.read_exact(&mut bytes).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            stream.flush().await.unwrap();
            std::future::pending::<()>().await;
        };
        tokio::join!(echo, async {
            loop {
                there.select_next_some().await;
            }
        })
    });
    let start = Instant::now();
    here.dial(DialOpts::peer_id(peer).addresses(vec![address]).build()).unwrap();
    let driving = tokio::spawn(async move {
        loop {
            here.select_next_some().await;
        }
    });
    let mut stream = control.open(peer, Port::ECHO.protocol()).await.unwrap();
    stream.write_all(&[7; 64]).await.unwrap();
    stream.flush().await.unwrap();
    stream.read_exact(&mut [0; 64]).await.unwrap();
    let took = start.elapsed();
    serving.abort();
    driving.abort();
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn the_first_contact_costs_what_it_says() {
    let alice = Agent::new("alice").await;
    let (mut pairing, mut message, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..crate::size::size(5, 20) {
        let bob = Agent::new("bob").await;
        let ticket = alice.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
        let start = Instant::now();
        let contact = bob.node.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();
        pairing.push(start.elapsed());
        let start = Instant::now();
        assert!(bob.node.send(&contact, Outgoing::text("hi")).await.unwrap().is_delivered());
        message.push(start.elapsed());
        plain.push(connect_and_ping().await);
        alice.node.untrust(&contact_of(&alice, &bob), None).await.unwrap();
        bob.node.shut_down().await;
    }
    let [pairing, message, plain] = [pairing, message, plain].map(median);
    eprintln!(
        "pair {pairing:.1?}, the first message {message:.1?}; a plain connection with a ping {plain:.1?}"
    );
}

/// What alice calls bob so that nobody else is meant.
fn contact_of(alice: &Agent, bob: &Agent) -> String {
    alice.node.contact(&bob.node.me().agent).unwrap().endpoint().to_string()
}
