//! Two agents with the same address.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Ask, ChangeError, Standing, TICKET_LIFE, Terms,
    protocols::{address::Endpoint, agent::AgentId},
};
use libp2p::identity::Keypair;

use super::puppet::{Puppet, now};
use crate::common::{Agent, until};

/// Secret keys whose agents have the same 32 bits of address at the first nonce: found by trying some 130,000.
const COLLIDING: [u32; 2] = [60_812, 129_050];

async fn puppet(name: &str, number: u32) -> Puppet {
    let mut secret = [0; 32];
    secret[28..].copy_from_slice(&number.to_be_bytes());
    Puppet::with_key(name, Keypair::ed25519_from_bytes(secret).unwrap()).await
}

fn alarms(alice: &Agent) -> usize {
    alice.node.warnings().iter().filter(|warning| warning.contains("claims the address")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_stays_with_whom_it_is_pinned_to_until_the_owner_settles_it() {
    let alice = Agent::new("alice").await;
    let (first, second) = (puppet("first", COLLIDING[0]).await, puppet("second", COLLIDING[1]).await);
    let address = first.card.address();
    assert_eq!(address, second.card.address());
    assert_ne!(first.agent(), second.agent());
    let (node, me) = (&alice.node, alice.node.me().agent);

    let ticket = node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    let request = first.request(&me, 1, now());
    first.knock(node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    until("the first is trusted", async || node.contact(&first.agent()).is_some()).await;
    let pin = node.pins().await.unwrap().remove(0);
    assert_eq!((pin.endpoint.address, pin.agent, pin.conflicts.len()), (address, first.agent(), 0));
    assert_eq!(alarms(&alice), 0);

    // Not even a ticket helps, and it is not used up.
    let ticket = node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    let request = second.request(&me, 1, now());
    second.knock(node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    until("the alarm", async || alarms(&alice) == 1).await;
    let pin = node.pins().await.unwrap().remove(0);
    assert_eq!(pin.agent, first.agent());
    assert_eq!(pin.conflicts.iter().map(|conflict| conflict.agent).collect::<Vec<_>>(), [second.agent()]);
    assert!(node.contact(&second.agent()).is_none());
    assert!(node.requests(&[Standing::Pending]).await.unwrap().is_empty());
    let asked = node.trust(&second.card, Ask::default()).await;
    assert!(matches!(asked, Err(ChangeError::AddressTaken { .. })), "{asked:?}");
    assert!(node.contact(&first.agent()).is_some_and(|contact| contact.address == address));

    // Only a fingerprint settles it, that of one of them, and not over the head of a contact.
    let endpoint = |agent: &AgentId| Endpoint::full(address, agent).to_string();
    let refused = node.settle_pin(&address.to_string()).await;
    assert!(matches!(refused, Err(ChangeError::NoFingerprint { .. })), "{refused:?}");
    let refused = node.settle_pin(&endpoint(&me)).await;
    assert!(matches!(refused, Err(ChangeError::NoPin)), "{refused:?}");
    let refused = node.settle_pin(&endpoint(&second.agent())).await;
    assert!(matches!(refused, Err(ChangeError::Held { .. })), "{refused:?}");
    assert_eq!(alarms(&alice), 1);
    let alice = alice.restart("alice").await;
    assert_eq!(alarms(&alice), 1, "a restart settles nothing");

    alice.node.untrust(&endpoint(&first.agent()), None).await.unwrap();
    let settled = alice.node.settle_pin(&endpoint(&second.agent())).await.unwrap();
    assert_eq!((settled.agent, settled.conflicts.len()), (second.agent(), 0));
    assert_eq!(alarms(&alice), 0);
    let request = second.request(&me, 2, now());
    second.knock(&alice.node, request.as_bytes(), Some(ticket.prove(&request.id()))).await;
    until("the second is trusted", async || alice.node.contact(&second.agent()).is_some()).await;
    // Now the first is the one who claims what is another's.
    let request = first.request(&me, 9, now());
    first.knock(&alice.node, request.as_bytes(), None).await;
    until("the alarm", async || alarms(&alice) == 1).await;
    assert!(alice.node.contact(&first.agent()).is_none());
}
