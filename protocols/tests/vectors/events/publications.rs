use airway_protocols::events::{self, Denied, EVENT_FRAME, Publication};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;

use super::*;

#[derive(Serialize)]
pub(super) struct Published {
    topic: Topic,
    payload: String,
    bytes: String,
}

#[derive(Serialize)]
pub(super) struct Answered {
    published: Option<Position>,
    denied: Option<u8>,
    bytes: String,
}

fn receive(bytes: &[u8]) -> Result<Option<Publication>, events::Error> {
    block_on(events::receive_publication(&mut Cursor::new(bytes)))
}

fn published((topic, payload): (&str, &[u8])) -> Published {
    let publication = Publication { topic: super::topic(topic), payload: payload.to_vec() };
    let mut said = Vec::new();
    block_on(events::publish(&mut Cursor::new(&mut said), &publication)).unwrap();
    assert_eq!(receive(&said).unwrap().as_ref(), Some(&publication));
    publication.validate().unwrap();
    Published { topic: publication.topic, payload: hex(payload), bytes: hex(said) }
}

pub(super) fn publications() -> Vec<Published> {
    let publications: [(&str, &[u8]); 3] =
        [("builds/airway/done", b"ok"), ("a", b""), ("grüße", &[0, 0xFF, 0x80])];
    publications.map(published).into()
}

#[derive(Serialize)]
struct RawPublication<T, P> {
    topic: T,
    payload: P,
}

pub(super) fn refused_publications() -> Vec<RefusedBytes> {
    let raw = |topic: &'static str| frame(&RawPublication { topic, payload: ByteBuf::new() });
    assert!(receive(&raw("a")).is_ok());
    let (whole, large) = (raw("a"), wire::frame(&[0; EVENT_FRAME + 1], usize::MAX).unwrap());
    let cases = [
        vec![1, 0xA0],
        whole[..whole.len() - 1].to_vec(),
        large[..4].to_vec(),
        raw(""),
        raw("a//b"),
        raw("*"),
        raw("a\u{feff}"),
        frame(&RawPublication { topic: ByteBuf::from([0xFF]), payload: ByteBuf::new() }),
        frame(&RawPublication { topic: "a", payload: "text" }),
    ];
    cases.iter().map(|bytes| refused(bytes, receive)).collect()
}

fn answer(bytes: &[u8]) -> Result<events::Published, events::Error> {
    block_on(events::read_published(&mut Cursor::new(bytes)))
}

fn answered(published: events::Published) -> Answered {
    let mut said = Vec::new();
    block_on(events::answer(&mut Cursor::new(&mut said), &published)).unwrap();
    assert_eq!(answer(&said).unwrap(), published);
    Answered { published: published.ok(), denied: published.err().map(Into::into), bytes: hex(said) }
}

pub(super) fn answers() -> Vec<Answered> {
    let denied = [Denied::NotAllowed, Denied::Invalid, Denied::Full].map(Err);
    [Ok(at(17, 1043)), Ok(at(u64::MAX, u64::MAX))].into_iter().chain(denied).map(answered).collect()
}

pub(super) fn refused_answers() -> Vec<RefusedBytes> {
    let half = BTreeMap::from([("epoch", 1)]);
    let cases = [
        vec![],
        vec![1, 0xA0],
        vec![9, 0xA1],
        one("published", half),
        one("published", "17.1043"),
        one("denied", Why { why: 0 }),
        one("denied", Why { why: 4 }),
        one("taken", at(1, 1)),
    ];
    cases.iter().map(|bytes| refused(bytes, answer)).collect()
}
