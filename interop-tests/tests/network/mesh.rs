//! Private networks: relays come from who is a member, addresses from the DHT.

use airway::{
    Ask, Found, InviteOptions, LookupError, NetworkOptions, Node, Overrides, Standing, Uses,
    protocols::invite::Invite,
};
use airway_interop_tests::lab::{Agent, Host, Lab, Nat};

use crate::{PATIENCE, contact, deliver, internet, lab, relay, until};

/// The founder of a network, which relays for its members and serves their DHT, with an invite for everybody.
async fn founder(lab: &Lab) -> (Host, Agent, Invite) {
    let (host, founder) = relay(lab).await;
    founder.create_network("lab", NetworkOptions::default()).await.unwrap();
    let invite = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    let invite = founder.invite(invite).await.unwrap();
    (host, founder, invite)
}

/// A member that knows of no relay but what the network tells it, and has a reservation.
async fn member(host: &Host, name: &str, invite: &Invite) -> Agent {
    let agent = host.agent(name, Overrides::default()).await.unwrap();
    agent.join(invite, None, PATIENCE).await.unwrap();
    until("a reservation", async || agent.relays().iter().any(|(_, reserved)| *reserved)).await;
    agent
}

/// What is known of a member, if anything is.
async fn look_up(node: &Node, who: &str) -> Option<Found> {
    match node.look_up(who, PATIENCE).await {
        Ok(found) => Some(found),
        Err(LookupError::NotFound { .. } | LookupError::NoServer) => None,
        Err(error) => panic!("{who}: {error}"),
    }
}

/// Waits until a member is known to be at an address with this in it, and not at one that it has left.
async fn until_found(node: &Node, who: &str, at: &str, not_at: Option<&str>) {
    until("others find it there", async || {
        let Some(found) = look_up(node, who).await else { return false };
        let is_at = |part: &str| found.addresses.iter().any(|known| known.to_string().contains(part));
        is_at(at) && !not_at.is_some_and(is_at)
    })
    .await;
}

/// One member asks another, whom it knows by name alone, to trust it, and is approved.
async fn meet(alice: &Node, bob: &Node) {
    let found = look_up(alice, "bob").await.unwrap();
    alice.trust(&found.card.unwrap(), Ask::default()).await.unwrap();
    let asker = alice.me().endpoint().to_string();
    until("the knock", async || {
        let pending = bob.requests(&[Standing::Pending]).await.unwrap();
        pending.iter().any(|request| request.endpoint.to_string() == asker)
    })
    .await;
    bob.approve(&asker, airway::Terms::default()).await.unwrap();
    until("the answer", async || alice.find(&bob.me().endpoint().to_string()).is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_with_no_direct_path_meet_through_a_member_that_relays() {
    let lab = lab();
    let (_harbour, _founder, invite) = founder(&lab).await;
    let (of_alice, of_bob) =
        (lab.router(internet(2), Nat::Hard).unwrap(), lab.router(internet(3), Nat::Hard).unwrap());
    let (at_alice, at_bob) = (of_alice.host(2).unwrap(), of_bob.host(3).unwrap());
    let alice = member(&at_alice, "alice", &invite).await;
    let bob = member(&at_bob, "bob", &invite).await;
    until_found(&alice, "bob", "/p2p-circuit", None).await;
    meet(&alice, &bob).await;
    deliver(&alice, &bob, "there").await;
    deliver(&bob, &alice, "and back").await;
    let pong = alice.ping(&contact(&alice, &bob), PATIENCE).await.unwrap();
    assert!(pong.connection.unwrap().is_relayed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_whose_ip_changes_is_found_at_its_new_address_by_one_that_never_met_it() {
    let lab = lab();
    let (_harbour, _founder, invite) = founder(&lab).await;
    let (at_alice, at_bob) = (lab.host(internet(2)).unwrap(), lab.host(internet(3)).unwrap());
    let bob = member(&at_bob, "bob", &invite).await;
    let alice = member(&at_alice, "alice", &invite).await;
    until_found(&alice, "bob", "/ip4/11.0.0.3/udp/", None).await;

    at_bob.set_address(internet(4)).unwrap();
    until_found(&alice, "bob", "/ip4/11.0.0.4/udp/", Some("/ip4/11.0.0.3/")).await;
    meet(&alice, &bob).await;
    deliver(&alice, &bob, "at the new address").await;
}
