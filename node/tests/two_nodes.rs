//! Whole nodes that talk to each other over loopback.

mod common;
#[path = "common/forget.rs"]
mod forget;

use std::time::Duration;

use airway::{
    Ask, ChangeError, DialError, Listener, Outgoing, SendError, WhoError,
    protocols::{
        data::{Kind, MessageId},
        port::Port,
        streams::Cut,
    },
    store::{Clear, Filter, OutboxFilter, Store},
};
use common::{Agent, LISTEN, PATIENCE, befriend, friends, until};
use forget::forget_contacts;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

#[tokio::test]
async fn two_agents_that_trust_each_other_exchange_messages() {
    let (alice, bob) = friends().await;
    let sent = alice.node.send(&alice.who("bob"), Outgoing::text("hello")).await.unwrap();
    assert!(!sent.is_duplicate());

    let inbox = bob.node.inbox(Filter::default()).await.unwrap();
    assert_eq!(inbox.len(), 1);
    let hello = &inbox[0];
    assert_eq!(
        (hello.id, hello.from, hello.payload.as_slice()),
        (sent.id(), alice.node.me().agent, &b"hello"[..])
    );

    let reply = Outgoing::new(Kind::Json, r#"{"ok":true}"#).in_reply_to(hello.id);
    bob.node.send(&bob.who("alice"), reply).await.unwrap();
    let reply = alice.node.inbox(Filter::default()).await.unwrap().remove(0);
    assert_eq!((reply.kind, reply.reply_to), (Kind::Json, Some(sent.id())));
}

#[tokio::test]
async fn every_transport_carries_pings() {
    for listen in LISTEN {
        let (alice, bob) = (Agent::with("alice", &[listen]).await, Agent::with("bob", &[listen]).await);
        befriend(&alice, &bob).await;
        let pong = alice.node.ping(&alice.who("bob"), PATIENCE).await.unwrap();
        let transport = pong.connection.unwrap().transport();
        assert!(listen.contains(transport), "{listen}: {transport}");
    }
}

#[tokio::test]
async fn the_same_message_is_delivered_once() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    let message = Outgoing { id: Some(MessageId::new()), ..Outgoing::text("once") };
    assert!(!alice.node.send(&to, message.clone()).await.unwrap().is_duplicate());
    assert!(alice.node.send(&to, message.clone()).await.unwrap().is_duplicate());
    bob.node.clear(Clear::All).await.unwrap();
    assert!(
        alice.node.send(&to, message.clone()).await.unwrap().is_duplicate(),
        "an id outlives its message"
    );
    assert!(bob.node.inbox(Filter::default()).await.unwrap().is_empty());

    let other = Outgoing { payload: b"another".into(), ..message };
    let refused = alice.node.send(&to, other).await.unwrap_err();
    assert!(matches!(refused, SendError::Rejected { .. }), "{refused}");
}

#[tokio::test]
async fn streams_to_a_port_carry_bytes_both_ways() {
    let (alice, bob) = friends().await;
    let port: Port = "5000".parse().unwrap();
    let mut listener = bob.node.listen(port).unwrap();
    let to = alice.who("bob");
    // Taking a stream is what tells the dialler that it is taken.
    let serve = async {
        let (from, mut stream) = listener.accept().await.unwrap();
        assert_eq!(from.agent, alice.node.me().agent);
        let mut question = String::new();
        stream.read_to_string(&mut question).await.unwrap();
        stream.write_all(question.to_uppercase().as_bytes()).await.unwrap();
        stream.close().await.unwrap();
    };
    let ask = async {
        let mut stream = alice.node.dial(&to, port, PATIENCE).await.unwrap();
        stream.write_all(b"question").await.unwrap();
        stream.close().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let (answer, ()) = tokio::join!(ask, serve);
    assert_eq!(answer, "QUESTION");
}

#[tokio::test]
async fn a_closed_port_and_a_lack_of_trust_are_told_apart() {
    let (alice, _bob) = friends().await;
    let port: Port = "5000".parse().unwrap();
    let closed = alice.node.dial(&alice.who("bob"), port, PATIENCE).await.unwrap_err();
    assert!(matches!(closed, DialError::PortClosed { .. }), "{closed}");

    // As by a program that looked the contact up before, on an agent that has lost its contacts.
    let (carol, dave) = (Agent::new("carol").await, Agent::new("dave").await);
    befriend(&carol, &dave).await;
    dave.node.shut_down().await;
    forget_contacts(dave.home.path()).await;
    let dave = dave.restart("dave").await;
    let to = carol.who("dave");
    for port in [port, Port::ECHO, Port::DATA] {
        let refused = carol.node.dial(&to, port, PATIENCE).await.unwrap_err();
        assert!(matches!(refused, DialError::NotTrusted { .. }), "{port}: {refused}");
    }
    let refused = carol.node.send(&to, Outgoing::text("psst").now()).await.unwrap_err();
    assert!(matches!(refused, SendError::Dial(DialError::NotTrusted { .. })), "{refused}");
    assert!(dave.node.inbox(Filter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn trust_that_becomes_mutual_connects_both() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    alice.node.trust(&bob.node.card().unwrap(), Ask::default()).await.unwrap();
    assert!(alice.node.find("bob").is_err(), "bob does not trust alice yet");
    bob.node.trust(&alice.node.card().unwrap(), Ask::default()).await.unwrap();
    until("each trusts the other", async || alice.node.find("bob").is_ok() && bob.node.find("alice").is_ok())
        .await;
    until("alice is served", async || alice.node.ping(&alice.who("bob"), PATIENCE).await.is_ok()).await;
    until("bob is served", async || bob.node.ping(&bob.who("alice"), PATIENCE).await.is_ok()).await;
}

#[tokio::test]
async fn an_agent_that_is_no_longer_trusted_is_cut_off() {
    let (alice, bob) = friends().await;
    alice.node.ping(&alice.who("bob"), PATIENCE).await.unwrap();
    let to = alice.who("bob");
    bob.node.untrust("alice", None).await.unwrap();
    assert!(bob.node.connections().is_empty());
    // Whether alice has heard of it or not: her messages go nowhere.
    let refused = alice.node.send(&to, Outgoing::text("still there?").now()).await.unwrap_err();
    let told = matches!(refused, SendError::Cancelled);
    assert!(told || matches!(refused, SendError::Dial(DialError::NotTrusted { .. })), "{refused}");
    assert!(bob.node.inbox(Filter::default()).await.unwrap().is_empty());
    until("alice has heard", async || alice.node.find("bob").is_err()).await;
    assert!(matches!(bob.node.find("alice"), Err(WhoError::Unknown { .. })));
}

#[tokio::test]
async fn open_streams_end_with_the_trust_and_new_ones_begin_with_it() {
    let (alice, bob) = friends().await;
    let port: Port = "5000".parse().unwrap();
    let mut listener = bob.node.listen(port).unwrap();
    let open = async |listener: &mut Listener| {
        let accept = async {
            let (_, mut stream) = listener.accept().await.unwrap();
            stream.write_all(b"welcome").await.unwrap();
            stream.flush().await.unwrap();
            stream
        };
        let alices = alice.who("bob");
        let (dialled, accepted) = tokio::join!(alice.node.dial(&alices, port, PATIENCE), accept);
        (dialled.unwrap(), accepted)
    };
    let (mut theirs, mut ours) = open(&mut listener).await;
    bob.node.untrust("alice", None).await.unwrap();
    for failed in [ours.read(&mut [0; 8]).await, ours.write(b"x").await] {
        assert!(Cut::is(&failed.unwrap_err()));
    }
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, theirs.read_to_end(&mut rest)).await.expect("an end");
    assert!(b"welcome".starts_with(&rest), "what was sent before the end, at most");

    until("alice has heard", async || alice.node.find("bob").is_err()).await;
    befriend(&bob, &alice).await;
    let (mut theirs, ours) = open(&mut listener).await;
    assert!(!ours.is_cut());
    theirs.read_exact(&mut [0; 7]).await.unwrap();
}

#[tokio::test]
async fn a_restarted_agent_keeps_its_address_and_its_contacts_find_it_by_themselves() {
    let (alice, bob) = friends().await;
    alice.node.ping(&alice.who("bob"), PATIENCE).await.unwrap();
    let before = (bob.node.me().endpoint(), bob.node.listening().len());
    let bob = bob.restart("bob").await;
    assert_eq!((bob.node.me().endpoint(), bob.node.listening().len()), before);
    until("both are connected again", async || {
        !alice.node.connections().is_empty() && !bob.node.connections().is_empty()
    })
    .await;
    alice.node.send(&alice.who("bob"), Outgoing::text("welcome back")).await.unwrap();
    assert_eq!(bob.node.inbox(Filter::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_agent_is_named_by_alias_name_address_and_card() {
    let (alice, bob) = friends().await;
    let agent = bob.node.me().agent;
    alice.node.set_alias("bob", Some("robert")).await.unwrap();
    let card = bob.node.card().unwrap().to_string();
    let endpoint = bob.node.me().endpoint().to_string();
    let address = bob.node.me().address.to_string();
    for who in ["robert", "ROBERT", "bob", &card, &endpoint, &address, &address.to_lowercase()] {
        assert_eq!(alice.who(who).agent, agent, "{who}");
    }
    assert!(matches!(alice.node.find("0:0000.0000"), Err(WhoError::Address { .. })));
    assert!(matches!(alice.node.find(&card[..60]), Err(WhoError::Card(_))));
    assert!(matches!(alice.node.find(&format!("{endpoint}:7")), Err(WhoError::Port { .. })));
    let own = alice.node.me();
    let forged = format!("{address}#{}", own.agent.fingerprint());
    assert!(matches!(alice.node.find(&forged), Err(WhoError::Fingerprint { .. })));
    let own_card = alice.node.card().unwrap();
    assert!(matches!(alice.node.trust(&own_card, Ask::default()).await, Err(ChangeError::Own)));
}

#[tokio::test]
async fn a_thousand_messages_at_once_all_arrive() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    let sends = (0..1000).map(|i| {
        let message = Outgoing { wait: PATIENCE, ..Outgoing::text(i.to_string()) };
        alice.node.send(&to, message)
    });
    let sent = futures::future::join_all(sends).await;
    assert!(sent.iter().all(Result::is_ok), "{:?}", sent.iter().find(|sent| sent.is_err()));
    let inbox = bob.node.inbox(Filter::default()).await.unwrap();
    let mut numbers: Vec<u32> =
        inbox.iter().map(|message| String::from_utf8_lossy(&message.payload).parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_wait_without_end_is_a_wait() {
    let (alice, _bob) = friends().await;
    let patient = Outgoing { wait: Duration::MAX, ..Outgoing::text("hello") };
    assert!(alice.node.send(&alice.who("bob"), patient).await.unwrap().is_delivered());
}

#[tokio::test]
async fn nothing_waits_for_an_agent_that_is_not_trusted_any_more() {
    let (alice, bob) = friends().await;
    let to = alice.who("bob");
    alice.node.untrust("bob", None).await.unwrap();
    // As by a program that looked the contact up before.
    let sent = alice.node.send(&to, Outgoing::text("too late")).await;
    assert!(matches!(sent, Err(SendError::Cancelled)), "{sent:?}");
    assert!(alice.node.outbox(OutboxFilter::default()).await.unwrap().is_empty());

    // As by a crash in the middle of the end of the trust.
    until("bob has heard", async || bob.node.find("alice").is_err()).await;
    befriend(&alice, &bob).await;
    bob.node.shut_down().await;
    let sent = alice.node.send(&to, Outgoing::text("wait")).await.unwrap();
    assert!(!sent.is_delivered(), "{sent:?}");
    alice.node.shut_down().await;
    let store = Store::open(&alice.home.path().join("airway.db")).unwrap();
    assert!(store.contact_remove(*to.agent.as_bytes()).await.unwrap());
    store.close().await;
    let alice = alice.restart("alice").await;
    assert!(alice.node.outbox(OutboxFilter::default()).await.unwrap().is_empty());
}
