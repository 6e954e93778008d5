//! Peers that are trusted and break the rules.

use airway::protocols::{
    data::{Answer, MessageId},
    files::{self, Digest, Have, Offer, Reply},
    streams::{Refusal, Stream},
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::support::{bytes, received};
use crate::{
    hostile::Hostile,
    process::{Daemon, PATIENCE, until},
};

const QUIC: &str = "/quic-v1";
const TCP: &str = "/tcp/";

/// Files of one peer that come in at once.
const AT_ONCE: usize = 4;

fn offer(name: &str, size: u64) -> Offer {
    Offer { id: MessageId::new(), name: name.into(), size, reply_to: None, sent_at: 0 }
}

async fn bob_and_mallory() -> (Daemon, Hostile) {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    (bob, mallory)
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
async fn offered(stream: &mut Stream, offer: &Offer) -> Reply {
    timeout(PATIENCE, files::offer(stream, offer)).await.unwrap().unwrap()
}

/// Offers a file and sends so much of it; returns what the receiver had.
#[expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests")]
async fn begin(mallory: &Hostile, offer: &Offer, bytes: &[u8]) -> (Stream, Have) {
    let mut stream = mallory.open(files::PROTOCOL).await;
    let Reply::Have(have) = offered(&mut stream, offer).await else { panic!("not wanted") };
    files::start(&mut stream, have.offset).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    (stream, have)
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_invalid() {
    let long = "a".repeat(201);
    let names = [
        "",
        ".",
        "..",
        "../../identity.key",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "a\0",
        ".partial",
        ".bashrc",
        "a\nb",
        "a\u{202e}fdp.exe",
        &long,
    ];
    let sizes = [("a", u64::MAX, Answer::Invalid), ("a", files::MAX_SIZE, Answer::Quota)];
    let offers: Vec<_> = names.map(|name| (name, 1, Answer::Invalid)).into_iter().chain(sizes).collect();
    for transport in [QUIC, TCP] {
        let bob = Daemon::new("bob").await;
        let mallory = Hostile::trusted_by(&bob, transport).await;
        for (name, size, answer) in &offers {
            let mut stream = mallory.open(files::PROTOCOL).await;
            let reply = offered(&mut stream, &offer(name, *size)).await;
            assert_eq!(reply, Reply::Answer(*answer), "{transport}: {name:?}, {size}");
        }
        assert!(received(&bob.home).is_empty());
        assert!(bob.inbox().await.is_empty());
    }
}

#[tokio::test]
async fn a_file_with_another_digest_is_gone() {
    let (bob, mallory) = bob_and_mallory().await;
    let offer = offer("a", 1000);
    let (mut stream, _) = begin(&mallory, &offer, &bytes(1000)).await;
    let answer = timeout(PATIENCE, files::finish(&mut stream, &offer.id, Digest::of(b"other"))).await;
    assert_eq!(answer.unwrap().unwrap(), Answer::Failed);
    assert!(received(&bob.home).is_empty());
    assert!(bob.inbox().await.is_empty());
}

#[tokio::test]
async fn more_bytes_than_offered_are_no_end() {
    let (bob, mallory) = bob_and_mallory().await;
    let (mut stream, _) = begin(&mallory, &offer("a", 10), &bytes(4000)).await;
    let mut rest = Vec::new();
    // Whatever it is called, it is no answer.
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().ok();
    assert!(rest.is_empty(), "{rest:?}");
    assert!(bob.inbox().await.is_empty());
}

#[tokio::test]
async fn an_offset_that_was_not_offered_ends_the_stream() {
    let (bob, mallory) = bob_and_mallory().await;
    for offset in [1, 9, 10, 11, u64::MAX] {
        let mut stream = mallory.open(files::PROTOCOL).await;
        assert!(matches!(offered(&mut stream, &offer("a", 10)).await, Reply::Have(Have { offset: 0, .. })));
        files::start(&mut stream, offset).await.unwrap();
        stream.flush().await.unwrap();
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().ok();
        assert!(rest.is_empty(), "{offset}");
    }
    until("nothing is left of it", async || received(&bob.home).is_empty()).await;
}

#[tokio::test]
async fn a_sender_that_stalls_loses_its_turn_and_no_more_than_that() {
    let (bob, mallory) = bob_and_mallory().await;
    let stalled = offer("a", 1 << 20);
    let (mut first, have) = begin(&mallory, &stalled, &bytes(400_000)).await;
    assert_eq!(have.offset, 0);
    // A buffer that is full is written; what came after it is kept by the next attempt or not.
    until("some of it is on the disk", async || {
        received(&bob.home).first().is_some_and(|path| path.metadata().is_ok_and(|file| file.len() > 0))
    })
    .await;

    let all = bytes(1 << 20);
    let mut second = mallory.open(files::PROTOCOL).await;
    let Reply::Have(have) = offered(&mut second, &stalled).await else { panic!("not wanted") };
    let at = usize::try_from(have.offset).unwrap();
    assert!(at > 0 && have.digest == Digest::of(&all[..at]), "{have:?}");
    files::start(&mut second, have.offset).await.unwrap();
    second.write_all(&all[at..]).await.unwrap();
    let answer = timeout(PATIENCE, files::finish(&mut second, &stalled.id, Digest::of(&all))).await;
    assert_eq!(answer.unwrap().unwrap(), Answer::Stored);
    let broken = timeout(PATIENCE, files::receive_answer(&mut first, &stalled.id)).await.unwrap();
    assert!(broken.is_err(), "{broken:?}");
}

#[tokio::test]
async fn files_that_stall_leave_messages_alone() {
    let (bob, mallory) = bob_and_mallory().await;
    let mut stalled = Vec::new();
    for _ in 0..AT_ONCE {
        stalled.push(begin(&mallory, &offer("a", 10), b"some").await);
    }
    let mut stream = mallory.open(files::PROTOCOL).await;
    let refused = timeout(PATIENCE, files::offer(&mut stream, &offer("a", 10))).await.unwrap().unwrap_err();
    let files::Error::Wire(wire::Error::Io(error)) = &refused else { panic!("{refused}") };
    assert_eq!(Refusal::of(error), Some(Refusal::Busy));

    let message = crate::hostile::message(airway::protocols::data::Kind::Text, b"hello");
    let mut stream = mallory.open(airway::protocols::data::PROTOCOL).await;
    let answer = timeout(PATIENCE, airway::protocols::data::send(&mut stream, &message)).await;
    assert_eq!(answer.unwrap().unwrap(), Answer::Stored);
    drop(stalled);
    until("there is a place again", async || {
        let mut stream = mallory.open(files::PROTOCOL).await;
        files::offer(&mut stream, &offer("a", 10)).await.is_ok()
    })
    .await;
    assert_eq!(bob.inbox().await.len(), 1);
}
