//! Where the events of a network end: with the membership, at once.

use std::time::Instant;

use airway::{
    Source,
    protocols::events::{Since, Subscribe},
};

use crate::{
    common::{PATIENCE, until},
    ears::{Ears, say},
    spreading::{members, town},
};

#[expect(clippy::print_stderr, reason = "shown with --nocapture")]
fn took(what: &str, since: Instant) {
    eprintln!("{what}: {:?}", since.elapsed());
}

#[tokio::test]
async fn whoever_is_expelled_hears_no_more_and_is_not_heard() {
    let (founder, invite) = town().await;
    let all = members(4, &invite).await;
    let ears = futures::future::join_all(all.iter().map(|agent| Ears::new(&agent.node, &["**"]))).await;
    say(&all[0].node, "lab", "before").await;
    for ears in &ears {
        ears.hears("before").await;
    }
    let mallory = &all[0].node;
    let since = Instant::now();
    founder.node.expel(&mallory.me().endpoint().to_string()).await.unwrap();
    took("expelled", since);
    until("its subscription ends", async || ears[0].ended().is_some()).await;
    took("its subscription has ended", since);
    assert_eq!(ears[0].ended().unwrap(), "this agent is a member no more: the member was expelled");
    let topic = "lab".parse().unwrap();
    let refused = mallory.broadcast(&topic, b"after".to_vec(), PATIENCE).await.unwrap_err();
    assert_eq!(refused.to_string(), "this agent is a member no more: the member was expelled");
    let what = Subscribe { patterns: vec!["**".parse().unwrap()], since: Since::Start };
    assert!(mallory.subscribe(&Source::Mesh, what, PATIENCE).await.is_err());

    say(&founder.node, "lab", "among ourselves").await;
    for ears in &ears[1..] {
        ears.hears("among ourselves").await;
        assert_eq!(ears.texts().len(), 2);
        assert_eq!(ears.ended(), None);
    }
    took("the others have heard what follows", since);
    assert_eq!(ears[0].texts().len(), 1);
}

#[tokio::test]
async fn whoever_leaves_hears_no_more_and_finds_nothing_of_it_elsewhere() {
    let (founder, invite) = town().await;
    let (other, elsewhere) = town().await;
    let all = members(2, &invite).await;
    let (alice, bob) = (&all[0], &all[1]);
    let (ears, stays) = (Ears::new(&alice.node, &["**"]).await, Ears::new(&bob.node, &["**"]).await);
    say(&founder.node, "lab", "before").await;
    ears.hears("before").await;
    alice.node.leave_network(false).await.unwrap();
    until("its subscription ends", async || ears.ended().is_some()).await;
    assert_eq!(ears.ended().unwrap(), "this agent has left the network");

    alice.node.join(&elsewhere, None, PATIENCE).await.unwrap();
    let ears = Ears::since(&alice.node, &["**"], Since::Start).await;
    say(&founder.node, "lab", "after").await;
    stays.hears("after").await;
    say(&other.node, "lab", "elsewhere").await;
    ears.hears_exactly("alice", &["elsewhere".into()]).await;
}
