//! Agents whose address changes while they run.

use airway::Node;

use crate::{befriend, contact, deliver, internet, lab, relay, reserving, until};

/// Whether the agent names this IP address on its card, with a port, and not as a relay's.
fn names(agent: &Node, ip: &str) -> bool {
    let card = agent.card().unwrap();
    let direct = format!("/ip4/{ip}/");
    card.addresses()
        .iter()
        .map(ToString::to_string)
        .any(|at| at.starts_with(&direct) && !at.contains("p2p-circuit"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_whose_ip_changes_is_found_at_its_new_address() {
    let lab = lab();
    let (_harbour, relay) = relay(&lab).await;
    let (at_alice, at_bob) = (lab.host(internet(2)).unwrap(), lab.host(internet(3)).unwrap());
    let alice = reserving(&at_alice, "alice", &relay).await;
    let bob = reserving(&at_bob, "bob", &relay).await;
    befriend(&alice, &bob).await;
    deliver(&alice, &bob, "before").await;
    assert!(names(&bob, "11.0.0.3"));

    at_bob.set_address(internet(4)).unwrap();
    until("the new address on the card", async || names(&bob, "11.0.0.4") && !names(&bob, "11.0.0.3")).await;
    deliver(&alice, &bob, "after").await;
    deliver(&bob, &alice, "and back").await;
    until("a reservation", async || bob.relays().iter().all(|(_, reserved)| *reserved)).await;
    let known =
        || contact(&alice, &bob).multiaddrs.iter().any(|at| at.to_string().starts_with("/ip4/11.0.0.4/"));
    until("the contact's new address", async || known()).await;
}
