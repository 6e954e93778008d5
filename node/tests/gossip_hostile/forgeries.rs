//! Forgeries of what somebody says, ahead of it.

use airway::protocols::events::broadcast::Broadcast;

use crate::{
    rogue::{Rogue, Rpc},
    size::size,
    stage::Stage,
};

/// Forgeries in one frame: below 64 KiB together.
const IN_FRAME: usize = 50;

/// Copies of an original with one bit of it changed, at so many places all over it.
fn forgeries(original: &Broadcast, count: usize) -> Vec<Vec<u8>> {
    let bytes = original.as_bytes();
    let forge = |n: usize| {
        let mut forged = bytes.to_vec();
        forged[n * bytes.len() / count] ^= 1 << (n % 8);
        forged
    };
    (0..count).map(forge).collect()
}

/// The forger has the original before anybody else, and all that it makes of it comes first: with another text, another
/// number, another author, another signature, and as another message of gossipsub.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgery_sent_ahead_never_suppresses_the_original() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    let author = Rogue::join(&stage.invite).await;
    let mut authors = author.enter(&card).await;
    for round in 0..size(3, 40) {
        let text = format!("the original {round}");
        let original = author.broadcast(round + 1, &text);
        let forger = Rogue::join(&stage.invite).await;
        let mut forgers = forger.enter(&card).await;
        let mut all = forgeries(&original, 2 * IN_FRAME);
        // Whoever ends the original early or late makes other bytes of it, too.
        all.push([original.as_bytes(), &[0]].concat());
        all.push(original.as_bytes()[..original.as_bytes().len() - 1].to_vec());
        for frame in all.chunks(IN_FRAME) {
            let rpc = frame.iter().fold(Rpc::default(), |rpc, forged| rpc.publish(&forger.topic(), forged));
            let _ = forgers.say(rpc).await;
        }
        // By then alice has looked at them.
        stage.is_graylisted(&forger).await;
        authors.say(author.carries(original.as_bytes())).await.unwrap();
        stage.ear.hears(&text).await;
        assert_eq!(stage.ear.heard_of(&forger), 0);
    }
    assert!(
        stage.score(author.peer()).await.is_some_and(|score| score >= 0.0),
        "the author has done nothing"
    );
    stage.goes_on().await;
}

/// It is the author's own number that a forger takes, and its own key that it signs with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_numbers_of_an_author_are_its_own() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    let (author, other) = (Rogue::join(&stage.invite).await, Rogue::join(&stage.invite).await);
    let (mut authors, mut others) = (author.enter(&card).await, other.enter(&card).await);
    for seq in 1..=20 {
        others.say(other.words(seq, &format!("other {seq}"))).await.unwrap();
        stage.ear.hears(&format!("other {seq}")).await;
        authors.say(author.words(seq, &format!("author {seq}"))).await.unwrap();
        stage.ear.hears(&format!("author {seq}")).await;
    }
    // One number is one event, whatever its author signs by it later.
    authors.say(author.words(20, "something else under the same number")).await.unwrap();
    authors.say(author.words(21, "the next")).await.unwrap();
    stage.ear.hears("the next").await;
    assert_eq!((stage.ear.heard_of(&author), stage.ear.heard_of(&other)), (21, 20));
}
