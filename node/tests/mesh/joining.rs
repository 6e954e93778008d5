//! How one comes to be a member, and what members find.

use airway::{InviteOptions, Layer, NetworkOptions, Uses};

use crate::{
    common::{Agent, PATIENCE},
    stage::{find, founder, invite, member, published},
};

#[tokio::test]
async fn members_find_each_other_by_name_and_address() {
    let founder = founder(NetworkOptions::default()).await;
    let reusable = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    let invite = invite(&founder, reusable).await;
    let (alice, bob) = (member("alice", &invite).await, member("bob", &invite).await);
    let network = bob.node.network().await.unwrap().unwrap();
    assert_eq!((network.name.as_str(), network.member_name.as_deref()), ("lab", Some("bob")));
    assert_eq!(bob.node.me().address.network(), network.number);
    published(&bob).await;

    let by_name = find(&alice.node, "bob").await;
    assert_eq!((by_name.agent, by_name.layer), (bob.node.me().agent, Layer::Network));
    let by_address = find(&alice.node, &bob.node.me().address.to_string()).await;
    assert_eq!(by_address.endpoint, bob.node.me().endpoint());
}

#[tokio::test]
async fn where_members_trust_each_other_a_name_is_enough() {
    let founder = founder(NetworkOptions { trust_members: true, number: None }).await;
    let reusable = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
    let invite = invite(&founder, reusable).await;
    let (alice, bob) = (member("alice", &invite).await, member("bob", &invite).await);
    published(&bob).await;
    find(&alice.node, "bob").await;
    let bob_here = alice.node.meet("bob", PATIENCE).await.unwrap();
    alice.node.ping(&bob_here, PATIENCE).await.unwrap();
}

#[tokio::test]
async fn an_invite_for_one_is_used_up_by_one() {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, InviteOptions::default()).await;
    let _alice = member("alice", &invite).await;
    let bob = Agent::new("bob").await;
    let refused = bob.node.join(&invite, None, PATIENCE).await.unwrap_err();
    assert!(refused.to_string().contains("used"), "{refused}");
    assert!(bob.node.network().await.unwrap().is_none());
}

#[tokio::test]
async fn who_has_just_joined_waits_for_somebody_to_ask() {
    let founder = founder(NetworkOptions::default()).await;
    published(&founder).await;
    let alice = member("alice", &invite(&founder, InviteOptions::default()).await).await;
    let found = alice.node.look_up("founder", PATIENCE).await.unwrap();
    assert_eq!((found.agent, found.layer), (founder.node.me().agent, Layer::Network));
}
