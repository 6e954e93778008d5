//! Networks that have their members trust each other, and what ends that; and the founder's way back.

use airway::{InviteOptions, NetworkOptions, Uses};
use zeroize::Zeroizing;

use crate::{
    common::{Agent, PATIENCE, until},
    stage::{find, founder, invite, member, published},
};

/// A founder, and two members who trust each other as such: alice and bob.
async fn trusting() -> (Agent, Agent, Agent) {
    let founder = founder(NetworkOptions { trust_members: true, number: None }).await;
    let reusable = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    let invite = invite(&founder, reusable).await;
    let (alice, bob) = (member("alice", &invite).await, member("bob", &invite).await);
    published(&bob).await;
    find(&alice.node, "bob").await;
    alice.node.meet("bob", PATIENCE).await.unwrap();
    (founder, alice, bob)
}

#[tokio::test]
async fn who_is_expelled_is_trusted_no_more() {
    let (founder, alice, bob) = trusting().await;
    let gone = bob.node.me().agent;
    until("bob trusts alice", || async { bob.node.contact(&alice.node.me().agent).is_some() }).await;
    founder.node.expel("bob").await.unwrap();
    until("alice does not trust bob", || async { alice.node.contact(&gone).is_none() }).await;
    until("bob has heard of it", || async { bob.node.contacts().is_empty() }).await;
    assert!(alice.node.meet("bob", PATIENCE).await.is_err(), "nor is he found any more");
}

#[tokio::test]
async fn whom_the_owner_has_ceased_to_trust_the_network_does_not_bring_back() {
    let (_founder, alice, bob) = trusting().await;
    let (here, there) = (alice.node.me().agent, bob.node.me().agent);
    until("bob trusts alice", || async { bob.node.contact(&here).is_some() }).await;
    bob.node.untrust("alice", None).await.unwrap();
    until("alice has heard of it", || async { alice.node.contact(&there).is_none() }).await;
    find(&alice.node, "bob").await;
    let wait = std::time::Duration::from_secs(3);
    alice.node.meet("bob", wait).await.unwrap_err();
    assert!(bob.node.contact(&here).is_none());
}

#[tokio::test]
async fn a_founder_that_lost_its_home_comes_back_by_the_key_alone() {
    let founder = founder(NetworkOptions::default()).await;
    let network = founder.node.network().await.unwrap().unwrap();
    let passphrase = || Zeroizing::new("correct horse".to_owned());
    let sealed = founder.node.export_authority(passphrase()).await.unwrap();
    founder.node.shut_down().await;

    let heir = Agent::new("heir").await;
    let wrong = Zeroizing::new("wrong".to_owned());
    heir.node.import_authority(sealed.clone(), wrong).await.unwrap_err();
    assert!(heir.node.network().await.unwrap().is_none());
    let back = heir.node.import_authority(sealed, passphrase()).await.unwrap();
    assert_eq!((back.id, back.authority, back.roles.inviter), (network.id, true, true));
    let alice = member("alice", &invite(&heir, InviteOptions::default()).await).await;
    assert_eq!(alice.node.network().await.unwrap().unwrap().id, network.id);
}
