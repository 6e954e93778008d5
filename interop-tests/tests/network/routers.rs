//! Agents in the homes behind routers.

use airway::{Ask, Connection, Node, Standing};
use airway_interop_tests::lab::{Lab, Nat};

use crate::{PATIENCE, befriend, contact, deliver, internet, lab, relay, reserving, until};

/// The connections of one agent to another.
fn connections(of: &Node, to: &Node) -> Vec<Connection> {
    let to = to.me().peer;
    of.connections().into_iter().map(|(_, open)| open).filter(|open| open.peer == to).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_with_no_direct_path_talk_through_the_relay_and_a_knock_arrives_through_it() {
    let lab: Lab = lab();
    let (_harbour, relay) = relay(&lab).await;
    let (of_alice, of_bob) =
        (lab.router(internet(2), Nat::Hard).unwrap(), lab.router(internet(3), Nat::Hard).unwrap());
    let (at_alice, at_bob) = (of_alice.host(2).unwrap(), of_bob.host(3).unwrap());
    let alice = reserving(&at_alice, "alice", &relay).await;
    let bob = reserving(&at_bob, "bob", &relay).await;

    alice.trust(&bob.card().unwrap(), Ask::default()).await.unwrap();
    let asks = async || {
        let pending = bob.requests(&[Standing::Pending]).await.unwrap();
        pending.iter().any(|request| request.endpoint.to_string() == alice.me().endpoint().to_string())
    };
    until("the knock", asks).await;
    bob.approve(&alice.me().endpoint().to_string(), Default::default()).await.unwrap();
    until("the answer", async || alice.find(&bob.me().endpoint().to_string()).is_ok()).await;

    deliver(&alice, &bob, "there").await;
    deliver(&bob, &alice, "and back").await;
    let pong = alice.ping(&contact(&alice, &bob), PATIENCE).await.unwrap();
    assert!(pong.connection.unwrap().is_relayed());
    until("the relay's word", async || {
        alice.is_reachable() == Some(false) && bob.is_reachable() == Some(false)
    })
    .await;
    assert!(connections(&alice, &bob).iter().all(Connection::is_relayed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_two_routers_that_keep_ports_the_relay_is_needed_no_longer_than_to_meet() {
    let lab = lab();
    let (_harbour, relay) = relay(&lab).await;
    let (of_alice, of_bob) =
        (lab.router(internet(2), Nat::Easy).unwrap(), lab.router(internet(3), Nat::Easy).unwrap());
    let (at_alice, at_bob) = (of_alice.host(2).unwrap(), of_bob.host(3).unwrap());
    let alice = reserving(&at_alice, "alice", &relay).await;
    let bob = reserving(&at_bob, "bob", &relay).await;
    befriend(&alice, &bob).await;
    let is_direct = async || connections(&alice, &bob).iter().any(|open| !open.is_relayed());
    until("a direct path", is_direct).await;
    let pong = alice.ping(&contact(&alice, &bob), PATIENCE).await.unwrap();
    assert!(!pong.connection.unwrap().is_relayed(), "new streams take the direct path");
    relay.shut_down().await;
    deliver(&alice, &bob, "without the relay").await;
    deliver(&bob, &alice, "and back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_the_midst_of_the_internet_is_reachable_and_who_is_behind_a_router_is_not() {
    let lab = lab();
    let (_harbour, relay) = relay(&lab).await;
    let at_alice = lab.host(internet(2)).unwrap();
    let router = lab.router(internet(3), Nat::Easy).unwrap();
    let at_bob = router.host(2).unwrap();
    let alice = reserving(&at_alice, "alice", &relay).await;
    let bob = reserving(&at_bob, "bob", &relay).await;
    until("the relay's word", async || alice.is_reachable() == Some(true)).await;
    until("the relay's word", async || bob.is_reachable() == Some(false)).await;
    let named = |agent: &Node, ip: &str| {
        agent.card().unwrap().addresses().iter().any(|address| address.to_string().starts_with(ip))
    };
    assert!(named(&alice, "/ip4/11.0.0.2/udp/"));
    assert!(!named(&bob, "/ip4/11.0.0.3/"), "what only the relay has seen is on no card");
}
