//! Who is spoken gossip with: members, while they are.

use airway::NetworkOptions;

use crate::{
    authority::Authority,
    common::{Agent, until},
    puppet::Puppet,
    stage::founder,
};

#[tokio::test]
async fn gossip_is_not_there_for_whoever_has_not_proved_to_be_a_member() {
    let founder = founder(NetworkOptions::default()).await;
    let authority = Authority::of(&founder);
    let stranger = Puppet::new(&authority.realm).await;
    assert!(!stranger.is_gossiped_with(&founder.node).await, "it knows the name of the protocol");
    let outsider = Puppet::member(&authority.of_another(), |_| {}).await;
    outsider.admit(&founder.node, &outsider.hello()).await.unwrap_err();
    assert!(!outsider.is_gossiped_with(&founder.node).await);
    let member = Puppet::member(&authority, |grant| grant.name = Some("mallory".parse().unwrap())).await;
    assert!(!member.is_gossiped_with(&founder.node).await, "nobody knows yet that it is one");
    member.enter(&founder.node).await;
    assert!(member.is_gossiped_with(&founder.node).await);
    assert_eq!(founder.node.gossip().await.peers.len(), 1);
    assert!(!stranger.is_gossiped_with(&founder.node).await);

    founder.node.expel("mallory").await.unwrap();
    assert_eq!(founder.node.gossip().await.peers, []);
    until("it is heard no more", || async { !member.is_gossiped_with(&founder.node).await }).await;
}

#[tokio::test]
async fn there_is_no_gossip_where_nobody_says_who_is_a_member() {
    let alone = Agent::new("alone").await;
    let state = alone.node.gossip().await;
    assert!(!state.joined && state.peers.is_empty());
}
