use airway::PoloError;

use super::work::{agent, open, pair, work};
use crate::common::{Agent, PATIENCE, befriend, until};

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_shown_to_contacts_if_the_owner_says_so_and_learnt_once() {
    let (alice, bob) = pair().await;
    let (carol, dave) = (open("carol").await, Agent::new("dave").await);
    for other in [&carol, &dave] {
        befriend(other, &alice).await;
        befriend(other, &bob).await;
    }
    befriend(&carol, &dave).await;
    work(&alice, &bob).await;
    work(&bob, &alice).await;

    let learnt = carol.node.polo_pull(&carol.who("alice"), PATIENCE).await.unwrap();
    assert_eq!((learnt.receipts, learnt.new), (2, 2));
    let again = carol.node.polo_pull(&carol.who("bob"), PATIENCE).await.unwrap();
    assert_eq!((again.receipts, again.new), (2, 0), "the other of the pair has the same");
    let both = || async { carol.node.polo(&agent(&bob)).known.as_worker == 1 };
    until("carol counts them", both).await;
    assert_eq!(carol.node.polo(&agent(&bob)).known.as_requester, 1, "each once");

    let hidden = carol.node.polo_pull(&carol.who("dave"), PATIENCE).await;
    assert!(matches!(hidden, Err(PoloError::NotShared { .. })), "{hidden:?}");
    let of_ours = alice.node.polo_pull(&alice.who("bob"), PATIENCE).await.unwrap();
    assert_eq!((of_ours.receipts, of_ours.new), (0, 0), "of what we are in we have our own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_is_not_passed_on_nor_lost() {
    let (alice, bob) = pair().await;
    let (carol, dave) = (open("carol").await, open("dave").await);
    befriend(&carol, &alice).await;
    befriend(&dave, &carol).await;
    work(&alice, &bob).await;
    carol.node.polo_pull(&carol.who("alice"), PATIENCE).await.unwrap();
    let of_carol = dave.node.polo_pull(&dave.who("carol"), PATIENCE).await.unwrap();
    assert_eq!((of_carol.receipts, of_carol.new), (0, 0));
    let carol = carol.restart("carol").await;
    assert_eq!(carol.node.polo(&agent(&bob)).known.raw, 1);
}
