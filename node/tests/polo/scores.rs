use super::work::{agent, open, pair, work};
use crate::common::befriend;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_worked_for_us_is_worth_what_we_paid_and_we_have_paid_it() {
    let (alice, bob) = pair().await;
    let of_bob = || alice.node.polo(&agent(&bob));
    assert_eq!((of_bob().score.milli, of_bob().known.raw), (1_000, 0), "trust alone");
    for _ in 0..3 {
        work(&alice, &bob).await;
    }
    assert_eq!((of_bob().score.milli, of_bob().known.raw), (3_000, 3));
    assert_eq!(alice.node.polo(&agent(&alice)).known.raw, -3);
    let at_bob = bob.node.polo(&agent(&alice));
    assert_eq!((at_bob.score.milli, at_bob.known.raw, at_bob.known.as_requester), (1_000, -3, 3));
    let own = bob.node.polo(&agent(&bob));
    assert_eq!((own.own, own.score.milli, own.known.raw), (true, 0, 3));

    let why = alice.node.polo_why(&agent(&bob));
    assert_eq!(why.reputation.score.paths.len(), 1);
    assert_eq!(why.pairs.len(), 1);
    assert_eq!((why.pairs[0].receipts, why.pairs[0].reward), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_the_same_after_a_restart() {
    let (alice, bob) = pair().await;
    work(&alice, &bob).await;
    work(&alice, &bob).await;
    let before = alice.node.polo(&agent(&bob));
    let alice = alice.restart("alice").await;
    let after = alice.node.polo(&agent(&bob));
    assert_eq!((after.score, after.known), (before.score, before.known));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_contact_has_paid_others_counts_up_to_what_the_contact_is_worth() {
    let (alice, bob) = pair().await;
    let carol = open("carol").await;
    befriend(&carol, &alice).await;
    for _ in 0..3 {
        work(&alice, &bob).await;
    }
    assert_eq!(carol.node.polo(&agent(&bob)).score.milli, 0, "carol knows nothing of bob");
    let learnt = carol.node.polo_pull(&carol.who("alice"), crate::common::PATIENCE).await.unwrap();
    assert_eq!((learnt.receipts, learnt.new), (3, 3));
    let is_counted = || async { carol.node.polo(&agent(&bob)).known.as_worker == 3 };
    crate::common::until("carol counts them", is_counted).await;

    let of_bob = carol.node.polo(&agent(&bob));
    assert_eq!((of_bob.score.milli, of_bob.known.raw), (1_000, 3), "alice is worth 1 to her, by trust");
    work(&carol, &alice).await;
    work(&carol, &alice).await;
    let of_bob = carol.node.polo_why(&agent(&bob));
    assert_eq!(of_bob.reputation.score.milli, 2_000, "and 2 for what she has done for her");
    assert_eq!(of_bob.reputation.score.paths[0].agents, [&carol, &alice, &bob].map(agent));
    assert_eq!(of_bob.pairs.iter().map(|pair| pair.receipts).collect::<Vec<_>>(), [2, 3]);
}
