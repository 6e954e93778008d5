use futures::{executor::block_on, io::Cursor};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

use super::*;
use crate::{
    agent::AgentId,
    events::{Event, Gap, MAX_PAYLOAD, MAX_SUBSCRIBED, Pattern, Reason, Since, Topic},
};

fn pair() -> (Compat<tokio::io::DuplexStream>, Compat<tokio::io::DuplexStream>) {
    let (near, far) = tokio::io::duplex(1024);
    (near.compat(), far.compat())
}

fn at(seq: u64) -> Position {
    Position { epoch: 3, seq }
}

fn topic() -> Topic {
    "builds/done".parse().unwrap()
}

fn event(seq: u64, payload: Vec<u8>) -> Told {
    let publisher = AgentId::from_bytes([7; 32]);
    Told::Event(Event { topic: topic(), publisher, position: at(seq), at: 1_700_000_000_000, payload })
}

fn everything() -> Subscribe {
    Subscribe { patterns: vec![Pattern::any()], since: Since::Start }
}

/// What a subscriber makes of what a broker says first.
fn subscribed(bytes: &[u8]) -> Result<Position, Error> {
    let mut stream = tokio::io::join(bytes, tokio::io::sink()).compat();
    block_on(subscribe(&mut stream, &everything()))
}

/// What a subscriber makes of what a broker says then.
fn next(bytes: &[u8]) -> Result<Option<Told>, Error> {
    block_on(told(&mut Cursor::new(bytes)))
}

#[tokio::test]
async fn a_subscriber_is_told_everything_in_order() {
    let (mut near, mut far) = pair();
    let gap = Told::Gap(Gap { after: at(2), next: at(5), reason: Reason::Forgotten });
    let all = [
        event(1, vec![]),
        event(2, vec![0xFF; MAX_PAYLOAD]),
        gap,
        event(5, b"x".to_vec()),
        Told::Denied(Denied::Full),
    ];
    let expected = all.clone();
    let broker = tokio::spawn(async move {
        assert_eq!(receive_request(&mut far).await.unwrap(), Request::Subscribe(everything()));
        tell(&mut far, &Told::Subscribed(at(5))).await.unwrap();
        for told in &all {
            tell(&mut far, told).await.unwrap();
        }
    });

    assert_eq!(subscribe(&mut near, &everything()).await.unwrap(), at(5));
    for expected in expected {
        assert_eq!(told(&mut near).await.unwrap(), Some(expected));
    }
    assert_eq!(told(&mut near).await.unwrap(), None);
    broker.await.unwrap();
}

#[tokio::test]
async fn publications_are_answered_one_after_another() {
    let (mut near, mut far) = pair();
    let answers = [Ok(at(1)), Err(Denied::NotAllowed), Ok(at(2)), Err(Denied::Invalid), Err(Denied::Full)];
    let broker = tokio::spawn(async move {
        assert_eq!(receive_request(&mut far).await.unwrap(), Request::Publish);
        for (number, published) in answers.iter().enumerate() {
            let publication = receive_publication(&mut far).await.unwrap().unwrap();
            assert_eq!(publication, Publication { topic: topic(), payload: vec![number as u8] });
            answer(&mut far, published).await.unwrap();
        }
        assert_eq!(receive_publication(&mut far).await.unwrap(), None);
    });

    start(&mut near).await.unwrap();
    for number in 0..answers.len() {
        publish(&mut near, &Publication { topic: topic(), payload: vec![number as u8] }).await.unwrap();
    }
    near.close().await.unwrap();
    for published in answers {
        assert_eq!(read_published(&mut near).await.unwrap(), published);
    }
    assert!(matches!(read_published(&mut near).await, Err(Error::NoAnswer)));
    broker.await.unwrap();
}

#[test]
fn what_a_subscriber_hears_first_is_an_answer() {
    let encoded = |told| encode(&told).unwrap();
    assert_eq!(subscribed(&encoded(Told::Subscribed(at(0)))).unwrap(), at(0));
    let denied = subscribed(&encoded(Told::Denied(Denied::NotAllowed)));
    assert!(matches!(denied, Err(Error::Denied(Denied::NotAllowed))));
    let gap = Gap { after: at(1), next: at(2), reason: Reason::Restarted };
    for early in [event(1, vec![]), Told::Gap(gap)] {
        assert!(matches!(subscribed(&encoded(early)), Err(Error::Unexpected)));
    }
    assert!(matches!(subscribed(&[]), Err(Error::NoAnswer)));
    assert!(matches!(subscribed(&[0]), Err(Error::Wire(wire::Error::Cbor(_)))));
}

#[test]
fn a_subscription_is_live_once() {
    let again = encode(&Told::Subscribed(at(1))).unwrap();
    assert!(matches!(next(&again), Err(Error::Unexpected)));
}

#[test]
fn a_frame_over_its_limit_is_refused_on_its_prefix() {
    let prefix = |size: usize| {
        unsigned_varint::encode::usize(size, &mut unsigned_varint::encode::usize_buffer()).to_vec()
    };
    fn is_too_large(error: &Error, max: usize) -> bool {
        matches!(error, Error::Wire(wire::Error::TooLarge { size, max: found }) if *size == max as u64 + 1 && *found == max)
    }

    for at_limit in [REQUEST_FRAME, EVENT_FRAME] {
        let (over, within) = (prefix(at_limit + 1), prefix(at_limit));
        if at_limit == REQUEST_FRAME {
            assert!(is_too_large(&block_on(receive_request(&mut Cursor::new(&over))).unwrap_err(), at_limit));
            let cut = block_on(receive_request(&mut Cursor::new(&within)));
            assert!(matches!(cut, Err(Error::Wire(wire::Error::Truncated))));
        } else {
            assert!(is_too_large(&next(&over).unwrap_err(), at_limit));
            assert!(is_too_large(
                &block_on(receive_publication(&mut Cursor::new(&over))).unwrap_err(),
                at_limit
            ));
            assert!(matches!(next(&within), Err(Error::Wire(wire::Error::Truncated))));
        }
    }
    let over = prefix(CONTROL_FRAME + 1);
    assert!(is_too_large(&block_on(read_published(&mut Cursor::new(&over))).unwrap_err(), CONTROL_FRAME));
}

/// A publication with a key that nobody knows.
#[derive(Serialize)]
struct Padded<'a> {
    topic: &'static str,
    payload: &'static serde_bytes::Bytes,
    x: &'a serde_bytes::Bytes,
}

/// The frame of one, with a body of so many bytes.
fn padded(size: usize) -> Vec<u8> {
    let encoded = |x: &[u8]| {
        let (payload, x) = (serde_bytes::Bytes::new(b"hello"), serde_bytes::Bytes::new(x));
        wire::encode(&Padded { topic: "builds/done", payload, x }).unwrap()
    };
    let around = encoded(&vec![0; size / 2 + 1]).len() - (size / 2 + 1);
    wire::frame(&encoded(&vec![0; size - around]), usize::MAX).unwrap()
}

#[test]
fn a_frame_of_as_many_bytes_as_there_may_be_is_read() {
    let receive = |size| block_on(receive_publication(&mut Cursor::new(padded(size))));
    let expected = Publication { topic: topic(), payload: b"hello".to_vec() };
    assert_eq!(receive(EVENT_FRAME - 1).unwrap(), Some(expected.clone()));
    assert_eq!(receive(EVENT_FRAME).unwrap(), Some(expected));
    let over = receive(EVENT_FRAME + 1);
    assert!(matches!(over, Err(Error::Wire(wire::Error::TooLarge { max: EVENT_FRAME, .. }))), "{over:?}");
}

#[test]
fn a_payload_over_the_limit_is_neither_sent_nor_taken() {
    let size = MAX_PAYLOAD + 1;
    let over = event(1, vec![0; size]);
    assert!(matches!(encode(&over), Err(Error::Invalid(Invalid::Payload { size: found })) if found == size));
    let frame = wire::frame(&wire::encode(&over).unwrap(), EVENT_FRAME).unwrap();
    assert!(matches!(next(&frame), Err(Error::Invalid(Invalid::Payload { size: found })) if found == size));

    let mut stream = Cursor::new(Vec::new());
    let publication = Publication { topic: topic(), payload: vec![0; size] };
    assert!(matches!(block_on(publish(&mut stream, &publication)), Err(Error::Invalid(_))));
    assert!(stream.get_ref().is_empty());
    // A broker is told, and answers: it can still follow the stream.
    let frame = wire::frame(&wire::encode(&publication).unwrap(), EVENT_FRAME).unwrap();
    let received = block_on(receive_publication(&mut Cursor::new(&frame))).unwrap().unwrap();
    assert_eq!(received.validate(), Err(Invalid::Payload { size }));
}

#[test]
fn a_request_that_breaks_a_rule_is_not_sent() {
    for count in [0, MAX_SUBSCRIBED + 1] {
        let mut stream = Cursor::new(Vec::new());
        let request = Subscribe { patterns: vec![Pattern::any(); count], since: Since::Now };
        assert!(matches!(block_on(subscribe(&mut stream, &request)), Err(Error::Invalid(_))));
        assert!(stream.get_ref().is_empty());
    }
}

#[test]
fn a_frame_cut_short_is_truncated() {
    let bytes = encode(&event(1, b"hello".to_vec())).unwrap();
    assert!(matches!(next(&bytes), Ok(Some(_))));
    for cut in 1..bytes.len() {
        assert!(matches!(next(&bytes[..cut]), Err(Error::Wire(wire::Error::Truncated))), "{cut}");
    }
    assert!(matches!(next(&[]), Ok(None)));
    assert!(matches!(block_on(receive_request(&mut Cursor::new([]))), Err(Error::Ended)));
}
