//! Whole nodes that reach each other through a relay, over loopback.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod common;

use airway::{Node, Outgoing, Overrides, store::Filter};
use common::{Agent, LISTEN, PATIENCE, befriend, until};

fn texts(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(ToString::to_string).collect())
}

fn serving() -> Overrides {
    Overrides { relay_server: Some(true), ..Overrides::default() }
}

async fn relay() -> Agent {
    Agent::set("harbour", serving(), &LISTEN).await
}

/// The settings of an agent behind a relay.
fn behind(relay: &Node) -> Overrides {
    Overrides { relays: Some(vec![relay.card().unwrap().to_string()]), ..Overrides::default() }
}

/// An agent that nobody can dial: it listens nowhere but on the relay.
async fn hidden(name: &str, relay: &Node) -> Agent {
    Agent::set(name, behind(relay), &[]).await
}

async fn until_reserved(agent: &Node) {
    until("a reservation", async || agent.relays().iter().all(|(_, reserved)| *reserved)).await;
}

/// Pings through a relay, and sends a message that arrives.
async fn talk(from: &Agent, to: &Agent, text: &str) {
    let who = to.node.me().endpoint().to_string();
    let pong = from.node.ping(&from.who(&who), PATIENCE).await.unwrap();
    assert!(pong.connection.unwrap().is_relayed());
    from.node.send(&from.who(&who), Outgoing::text(text)).await.unwrap();
    until("the message", async || {
        let inbox = to.node.inbox(Filter::default()).await.unwrap();
        inbox.iter().any(|message| message.payload == text.as_bytes())
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_reached_through_its_relay_also_when_the_relay_was_away() {
    let relay = relay().await;
    let bob = hidden("bob", &relay.node).await;
    until_reserved(&bob.node).await;
    let card = bob.node.card().unwrap();
    assert!(!card.addresses().is_empty());
    for address in card.addresses() {
        assert!(
            address.to_string().ends_with(&format!("/p2p/{}/p2p-circuit", relay.node.me().peer)),
            "{address}"
        );
    }
    let alice = hidden("alice", &relay.node).await;
    befriend(&alice, &bob).await;
    talk(&alice, &bob, "through the relay").await;
    let connections = bob.node.connections();
    assert!(connections.iter().all(|(_, connection)| connection.is_relayed()), "{connections:?}");
    assert_eq!(relay.node.connections().len(), 0, "a relay trusts none of its clients");

    // Its port is remembered, so that it is where it was.
    let relay = relay.restart_set("harbour", serving()).await;
    assert!(relay.node.config().relay_server);
    until("the reservation to be lost or made again", async || {
        bob.node.connections().is_empty() || bob.node.relays().iter().all(|(_, reserved)| !reserved)
    })
    .await;
    until_reserved(&bob.node).await;
    talk(&alice, &bob, "through the relay that came back").await;
}

#[tokio::test]
async fn an_agent_learns_from_its_relay_whether_it_can_be_dialled() {
    let relay = relay().await;
    let bob = Agent::set("bob", behind(&relay.node), &LISTEN).await;
    until("the relay's dial", async || bob.node.is_reachable() == Some(true)).await;
    assert!(bob.node.relays().iter().all(|(_, reserved)| *reserved), "its dial ends no reservation");
    relay.node.shut_down().await;
    until("that to be doubted", async || bob.node.is_reachable().is_none()).await;

    let alone = Agent::new("alice").await;
    assert_eq!((alone.node.is_reachable(), alone.node.relays().len()), (None, 0));
}

#[tokio::test]
async fn of_several_relays_two_are_used_and_the_next_takes_the_place_of_one_that_is_gone() {
    let (first, second, third) = (relay().await, relay().await, relay().await);
    let cards = [&first, &second, &third].map(|relay| relay.node.card().unwrap().to_string());
    let settings = Overrides { relays: Some(cards.to_vec()), ..Overrides::default() };
    let bob = Agent::set("bob", settings, &[]).await;
    let reserved = async |expected: [bool; 3]| {
        until("the right reservations", async || bob.node.relays().iter().map(|relay| relay.1).eq(expected))
            .await;
    };
    reserved([true, true, false]).await;
    first.node.shut_down().await;
    reserved([false, true, true]).await;
    let alice = hidden("alice", &third.node).await;
    befriend(&alice, &bob).await;
    talk(&alice, &bob, "through those that are left").await;
}

#[tokio::test]
async fn two_agents_in_stealth_reach_each_other_through_a_relay() {
    let relay = relay().await;
    let stealthy = |relay: &Node| Overrides { stealth: Some(true), ..behind(relay) };
    // Each is where the other does not expect it.
    let alice = Agent::set("alice", stealthy(&relay.node), &[]).await;
    let bob = Agent::set("bob", stealthy(&relay.node), &[]).await;
    until_reserved(&alice.node).await;
    until_reserved(&bob.node).await;
    befriend(&alice, &bob).await;
    talk(&alice, &bob, "there").await;
    talk(&bob, &alice, "and back").await;
}

#[tokio::test]
async fn what_is_wrong_with_relays_and_stealth_is_said() {
    let mute = Overrides { stealth: Some(true), expect: texts(&["192.0.2.0/24"]), ..Overrides::default() };
    let alice = Agent::set("alice", mute, &LISTEN).await;
    assert!(
        alice.node.warnings().iter().any(|warning| warning.contains("--relay")),
        "{:?}",
        alice.node.warnings()
    );

    let relay = relay().await;
    let bob = hidden("bob", &relay.node).await;
    until_reserved(&bob.node).await;
    let warns = |agent: &Node| agent.warnings().iter().any(|warning| warning.contains("relay"));
    assert!(!warns(&bob.node), "{:?}", bob.node.warnings());
    assert_eq!(bob.node.expected_addresses(), 1, "the relay");
    relay.node.shut_down().await;
    until("the warning", async || warns(&bob.node)).await;
    assert!(bob.node.card().unwrap().addresses().is_empty(), "a card names no relay that is lost");
}
