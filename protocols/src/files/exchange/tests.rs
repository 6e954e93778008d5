use futures::{AsyncReadExt as _, executor::block_on, io::Cursor};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use super::*;

type Pipe = Compat<tokio::io::DuplexStream>;

fn pair() -> (Pipe, Pipe) {
    let (near, far) = tokio::io::duplex(64);
    (near.compat(), far.compat())
}

fn file(size: u64) -> Offer {
    Offer { id: MessageId::new(), name: "a.txt".into(), size, reply_to: None, sent_at: 1 }
}

fn have(bytes: &[u8]) -> Have {
    Have { offset: bytes.len() as u64, digest: Digest::of(bytes) }
}

/// A receiver that has `first` of the file already; returns all of it.
async fn receive(mut stream: Pipe, first: &[u8]) -> Vec<u8> {
    let offer = receive_offer(&mut stream).await.unwrap().unwrap();
    offer.validate().unwrap();
    let have = have(first);
    reply(&mut stream, &offer.id, Reply::Have(have)).await.unwrap();
    let offset = receive_start(&mut stream, &have).await.unwrap();
    let mut bytes = first[..usize::try_from(offset).unwrap()].to_vec();
    (&mut stream).take(offer.size - offset).read_to_end(&mut bytes).await.unwrap();
    let digest = receive_end(&mut stream).await.unwrap();
    let answer = if digest == Digest::of(&bytes) { Answer::Stored } else { Answer::Failed };
    reply(&mut stream, &offer.id, Reply::Answer(answer)).await.unwrap();
    bytes
}

/// A sender of `bytes`; returns where it began, and the answer.
async fn send(mut stream: Pipe, bytes: &[u8]) -> (u64, Answer) {
    let sent = file(bytes.len() as u64);
    let Reply::Have(have) = offer(&mut stream, &sent).await.unwrap() else { panic!("not wanted") };
    let at = usize::try_from(have.offset).unwrap();
    let same = bytes.get(..at).is_some_and(|first| Digest::of(first) == have.digest);
    let at = if same { at } else { 0 };
    start(&mut stream, at as u64).await.unwrap();
    stream.write_all(&bytes[at..]).await.unwrap();
    (at as u64, finish(&mut stream, &sent.id, Digest::of(bytes)).await.unwrap())
}

#[tokio::test]
async fn a_file_arrives_from_any_offset_that_fits() {
    let bytes = vec![7; 1000];
    for (first, begins) in [(&bytes[..0], 0), (&bytes[..400], 400), (&bytes, 1000), (&[8; 400], 0)] {
        let (near, far) = pair();
        let (sent, received) = tokio::join!(send(near, &bytes), receive(far, first));
        assert_eq!((sent, received), ((begins, Answer::Stored), bytes.clone()));
    }
}

#[tokio::test]
async fn an_empty_file_arrives() {
    let (near, far) = pair();
    let (sent, received) = tokio::join!(send(near, b""), receive(far, b""));
    assert_eq!((sent, received), ((0, Answer::Stored), vec![]));
}

#[tokio::test]
async fn an_answer_to_the_offer_is_the_end() {
    let (mut near, mut far) = pair();
    let sent = file(1);
    let receiver = async {
        let offer = receive_offer(&mut far).await.unwrap().unwrap();
        reply(&mut far, &offer.id, Reply::Answer(Answer::Duplicate)).await.unwrap();
    };
    let (reply, ()) = tokio::join!(offer(&mut near, &sent), receiver);
    assert_eq!(reply.unwrap(), Reply::Answer(Answer::Duplicate));
}

#[test]
fn a_start_between_the_two_offsets_is_refused() {
    for offset in [1, 2, 4, u64::MAX] {
        let mut bytes = Vec::new();
        block_on(start(&mut bytes, offset)).unwrap();
        let refused = block_on(receive_start(&mut Cursor::new(bytes), &have(b"abc")));
        assert!(matches!(refused, Err(Error::Offset { offered: 3, .. })), "{offset}: {refused:?}");
    }
}

#[test]
fn a_reply_that_may_not_follow_is_refused() {
    let id = MessageId::new();
    let mut bytes = Vec::new();
    block_on(reply(&mut bytes, &id, Reply::Have(have(b"")))).unwrap();
    assert!(matches!(block_on(receive_answer(&mut Cursor::new(&bytes), &id)), Err(Error::Reply)));
    let other = MessageId::new();
    let wrong = block_on(receive_answer(&mut Cursor::new(&bytes), &other));
    assert!(matches!(wrong, Err(Error::WrongReply { .. })), "{wrong:?}");
    assert!(matches!(block_on(receive_answer(&mut Cursor::new([]), &id)), Err(Error::Ended)));
}

#[test]
fn every_frame_cut_short_is_truncated() {
    let id = MessageId::new();
    let mut bytes = Vec::new();
    block_on(reply(&mut bytes, &id, Reply::Have(have(b"abc")))).unwrap();
    for cut in 1..bytes.len() {
        let error = block_on(receive_answer(&mut Cursor::new(&bytes[..cut]), &id)).unwrap_err();
        assert!(matches!(error, Error::Wire(wire::Error::Truncated)), "{cut}: {error}");
    }
}
