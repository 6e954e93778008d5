//! From strangers to contacts.

use airway::{Ask, DEFAULT_WAIT, Outgoing, Standing, TICKET_LIFE, Terms, Trusting};

use crate::common::{Agent, friends, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_makes_two_agents_trust_each_other_at_once() {
    let (alice, bob) = friends().await;
    assert!(alice.node.send(&alice.who("bob"), Outgoing::text("hi")).await.unwrap().is_delivered());
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_waits_until_its_receiver_approves() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    let ask = Ask { justification: Some("we build\u{202e} together".into()), ..Ask::default() };
    let asked = bob.node.trust(&alice.node.card().unwrap(), ask).await.unwrap();
    assert!(matches!(asked, Trusting::Requested(_)));

    until("the request is there", async || {
        alice.node.requests(&[Standing::Pending]).await.unwrap().len() == 1
    })
    .await;
    let request = alice.node.requests(&[Standing::Pending]).await.unwrap().remove(0);
    assert_eq!(request.justification.as_deref(), Some("we build together"));
    assert_eq!(request.name.as_deref(), Some("bob"));
    assert!(bob.node.find("alice").is_err());

    let contact = alice.node.approve("bob", Terms::default()).await.unwrap();
    assert_eq!(contact.agent, bob.node.me().agent);
    until("bob has heard", async || bob.node.find("alice").is_ok()).await;
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
    assert!(alice.node.ping(&alice.who("bob"), DEFAULT_WAIT).await.is_ok());
    until("alice knows it", async || alice.who("bob").confirmed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_requests_approve_each_other() {
    let (alice, bob) = (Agent::new("alice").await, Agent::new("bob").await);
    alice.node.trust(&bob.node.card().unwrap(), Ask::default()).await.unwrap();
    bob.node.trust(&alice.node.card().unwrap(), Ask::default()).await.unwrap();
    until("both", async || bob.node.find("alice").is_ok() && alice.node.find("bob").is_ok()).await;
    assert!(bob.node.ping(&bob.who("alice"), DEFAULT_WAIT).await.is_ok());
    assert!(alice.node.ping(&alice.who("bob"), DEFAULT_WAIT).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_revoked_hears_of_it_and_may_ask_again() {
    let (alice, bob) = friends().await;
    alice.node.untrust("bob", Some("we are done".into())).await.unwrap();
    until("bob has heard", async || bob.node.find("alice").is_err()).await;
    let last = bob.node.trust_log(1, None).await.unwrap().remove(0);
    assert_eq!(
        (last.what, last.by_us, last.text.as_deref()),
        (airway::What::Revoked, false, Some("we are done"))
    );

    bob.node.trust(&alice.node.card().unwrap(), Ask::default()).await.unwrap();
    until("the request is there", async || {
        alice.node.requests(&[Standing::Pending]).await.unwrap().len() == 1
    })
    .await;
    alice.node.approve("bob", Terms::default()).await.unwrap();
    until("bob has heard", async || bob.node.find("alice").is_ok()).await;
    assert!(bob.node.send(&bob.who("alice"), Outgoing::text("again")).await.unwrap().is_delivered());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_used_once() {
    let (alice, bob, carol) = (Agent::new("alice").await, Agent::new("bob").await, Agent::new("carol").await);
    let ticket = alice.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    bob.node.pair(&ticket, Terms::default(), DEFAULT_WAIT).await.unwrap();
    assert_eq!(alice.node.used(&ticket.id()).await.unwrap(), bob.node.me().agent);
    let refused = carol.node.pair(&ticket, Terms::default(), std::time::Duration::from_secs(1)).await;
    assert!(refused.is_err());
    let pending = alice.node.requests(&[Standing::Pending]).await.unwrap();
    assert_eq!(pending.iter().map(|request| request.agent).collect::<Vec<_>>(), [carol.node.me().agent]);
}
