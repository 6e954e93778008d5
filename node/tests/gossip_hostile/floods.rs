//! A member that says more than its share, all of it true.

use std::time::Instant;

use crate::{
    rogue::{Rogue, Rpc},
    size::size,
    stage::Stage,
};

/// What an author may say at once, and in each second.
const BURST: usize = 200;
const RATE: usize = 50;

/// Events in one frame.
const IN_FRAME: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn an_author_over_its_rate_is_heard_within_it_and_then_no_more() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    let rogue = Rogue::join(&stage.invite).await;
    let mut line = rogue.enter(&card).await;
    let (events, start) = (size(1_000, 20_000), Instant::now());
    for first in (1..=events).step_by(usize::try_from(IN_FRAME).unwrap()) {
        let numbers = first..first + IN_FRAME;
        let frame = numbers.fold(Rpc::default(), |rpc, seq| {
            let words = rogue.broadcast(seq, &format!("rogue {seq}"));
            rpc.publish(&rogue.topic(), words.as_bytes())
        });
        // Whoever has had enough cuts it off.
        if line.say(frame).await.is_err() {
            break;
        }
        if first % 100 == 1 {
            let said = stage.bob_says().await;
            stage.ear.hears(&said).await;
        }
    }
    stage.is_graylisted(&rogue).await;
    let took = start.elapsed();
    stage.goes_on().await;
    let heard = stage.ear.heard_of(&rogue);
    eprintln!("{heard} of {events} were heard; ignored after {took:.1?}");
    let most = BURST + RATE * usize::try_from(start.elapsed().as_secs() + 1).unwrap();
    assert!((1..=most).contains(&heard), "{heard} of at most {most}");
}
