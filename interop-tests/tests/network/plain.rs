//! Agents whose relay is a go-libp2p host that knows nothing of Airway. Its AutoNAT server dials back under another key than
//! its own.

use airway::{Node, Overrides};
use airway_interop_tests::{
    driver::Plain,
    lab::{Agent, Host, Lab, Nat},
};

use crate::{RELAY, befriend, deliver, internet, lab, until};

/// A plain go-libp2p relay in the midst of the internet, and its host.
async fn plain_relay(lab: &Lab) -> (Host, Plain) {
    let host = lab.host(RELAY).unwrap();
    let listen = ["--listen", "/ip4/0.0.0.0/udp/4001/quic-v1", "--listen", "/ip4/0.0.0.0/tcp/4001"];
    let flags: Vec<_> = listen.into_iter().chain(["--relay-server"]).collect();
    let relay = Plain::start(&host.prefix(), &flags).await.unwrap_or_else(|error| panic!("{error}"));
    (host, relay)
}

/// An agent that has a reservation on the relay, which it reaches by this transport.
async fn reserving(host: &Host, name: &str, relay: &Plain, transport: &str) -> Agent {
    let at = relay.address(&format!("/ip4/{RELAY}/{transport}/")).unwrap();
    let settings = Overrides { relays: Some(vec![at]), ..Overrides::default() };
    let agent = host.agent(name, settings).await.unwrap();
    until("a reservation", async || agent.relays().iter().all(|(_, reserved)| *reserved)).await;
    agent
}

/// Whether the agent has this on its card.
fn names(agent: &Node, start: &str) -> bool {
    agent.card().unwrap().addresses().iter().any(|address| address.to_string().starts_with(start))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_go_relay_tells_who_is_reachable_and_who_is_not() {
    let lab = lab();
    let (_harbour, relay) = plain_relay(&lab).await;
    let at_alice = lab.host(internet(2)).unwrap();
    let router = lab.router(internet(3), Nat::Easy).unwrap();
    let at_bob = router.host(2).unwrap();
    for transport in ["udp", "tcp"] {
        let alice = reserving(&at_alice, "alice", &relay, transport).await;
        let bob = reserving(&at_bob, "bob", &relay, transport).await;
        until("the relay's word", async || alice.is_reachable() == Some(true)).await;
        until("the relay's word", async || bob.is_reachable() == Some(false)).await;
        assert!(names(&alice, "/ip4/11.0.0.2/"), "{transport}");
        assert!(!names(&bob, "/ip4/11.0.0.3/"), "{transport}: what only the relay has seen is on no card");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_in_stealth_learns_from_a_plain_go_relay_that_it_is_reachable() {
    let lab = lab();
    let (_harbour, relay) = plain_relay(&lab).await;
    let at_alice = lab.host(internet(2)).unwrap();
    let at = relay.address(&format!("/ip4/{RELAY}/udp/")).unwrap();
    let settings = Overrides { relays: Some(vec![at]), stealth: Some(true), ..Overrides::default() };
    let alice = at_alice.agent("alice", settings).await.unwrap();
    until("the relay's word", async || alice.is_reachable() == Some(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_with_no_direct_path_talk_through_a_plain_go_relay() {
    let lab = lab();
    let (_harbour, relay) = plain_relay(&lab).await;
    let (of_alice, of_bob) =
        (lab.router(internet(2), Nat::Hard).unwrap(), lab.router(internet(3), Nat::Hard).unwrap());
    let (at_alice, at_bob) = (of_alice.host(2).unwrap(), of_bob.host(3).unwrap());
    let alice = reserving(&at_alice, "alice", &relay, "udp").await;
    let bob = reserving(&at_bob, "bob", &relay, "tcp").await;
    befriend(&alice, &bob).await;
    deliver(&alice, &bob, "there").await;
    deliver(&bob, &alice, "and back").await;
}
