use airway_protocols::{
    agent::AgentId,
    events::{self, Denied, EVENT_FRAME, Event, Gap, Reason, Since, Subscribe, Told},
};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;

#[derive(Serialize)]
pub(super) struct Says {
    subscribed: Option<Position>,
    event: Option<Happened>,
    gap: Option<Missing>,
    denied: Option<u8>,
    bytes: String,
}

#[derive(Serialize)]
struct Happened {
    topic: Topic,
    publisher: String,
    position: Position,
    at: u64,
    payload: String,
}

#[derive(Serialize)]
struct Missing {
    after: Position,
    next: Position,
    reason: u8,
}

fn everything() -> Subscribe {
    Subscribe { patterns: vec![Pattern::any()], since: Since::Now }
}

/// What a subscriber makes of what a broker says first, and then.
fn heard(bytes: &[u8]) -> Result<Told, events::Error> {
    let mut stream = tokio::io::join(bytes, tokio::io::sink()).compat();
    match block_on(events::subscribe(&mut stream, &everything())) {
        Ok(position) => Ok(Told::Subscribed(position)),
        Err(events::Error::Denied(why)) => Ok(Told::Denied(why)),
        Err(events::Error::Unexpected) => next(bytes),
        Err(error) => Err(error),
    }
}

fn next(bytes: &[u8]) -> Result<Told, events::Error> {
    block_on(events::told(&mut Cursor::new(bytes)))?.ok_or(events::Error::NoAnswer)
}

fn says(told: &Told) -> Says {
    let bytes = events::encode(told).unwrap();
    assert_eq!(heard(&bytes).unwrap(), *told);
    let nothing = Says { subscribed: None, event: None, gap: None, denied: None, bytes: hex(bytes) };
    match told {
        Told::Subscribed(position) => Says { subscribed: Some(*position), ..nothing },
        Told::Event(event) => {
            let Event { topic, publisher, position, at, payload } = event.clone();
            let publisher = hex(publisher.as_bytes());
            Says {
                event: Some(Happened { topic, publisher, position, at, payload: hex(payload) }),
                ..nothing
            }
        }
        Told::Gap(Gap { after, next, reason }) => {
            let reason = u8::from(*reason);
            Says { gap: Some(Missing { after: *after, next: *next, reason }), ..nothing }
        }
        Told::Denied(why) => Says { denied: Some((*why).into()), ..nothing },
    }
}

fn event(topic: &str, seq: u64, payload: &[u8]) -> Event {
    let (topic, publisher) = (super::topic(topic), AgentId::from_bytes([0xA6; 32]));
    Event { topic, publisher, position: at(17, seq), at: AT, payload: payload.to_vec() }
}

pub(super) fn told() -> Vec<Says> {
    let gap = |after, next, reason| Told::Gap(Gap { after, next, reason });
    let told = [
        Told::Event(event("builds/airway/done", 1042, b"ok")),
        Told::Event(Event { at: u64::MAX, ..event("a", u64::MAX, &[]) }),
        Told::Event(event("grüße", 1, &[0, 0xFF, 0x80])),
        Told::Subscribed(at(17, 1042)),
        Told::Subscribed(at(17, 0)),
        gap(at(17, 10), at(17, 15), Reason::Forgotten),
        gap(at(16, 3), at(17, 1), Reason::Restarted),
        Told::Denied(Denied::NotAllowed),
        Told::Denied(Denied::Invalid),
        Told::Denied(Denied::Full),
    ];
    told.iter().map(says).collect()
}

/// An event and a gap that are free to break the rules.
#[derive(Serialize)]
struct RawEvent<T, P> {
    topic: T,
    publisher: ByteBuf,
    position: Position,
    at: u64,
    payload: P,
}

#[derive(Serialize)]
struct RawGap {
    after: Position,
    next: Position,
    reason: u64,
}

fn raw_event<T: Serialize, P: Serialize>(topic: T, publisher: usize, payload: P) -> Vec<u8> {
    let (publisher, position) = (vec![1; publisher].into(), at(1, 1));
    one("event", RawEvent { topic, publisher, position, at: AT, payload })
}

pub(super) fn refused_told() -> Vec<RefusedBytes> {
    let none = || ByteBuf::new();
    assert!(heard(&raw_event("a", 32, none())).is_ok());
    let gap = |reason| one("gap", RawGap { after: at(1, 1), next: at(1, 2), reason });
    assert!(heard(&gap(1)).is_ok());
    let large = wire::frame(&[0; EVENT_FRAME + 1], usize::MAX).unwrap();
    let whole = raw_event("a", 32, none());
    let cases = [
        vec![],
        vec![1, 0xA0],
        whole[..whole.len() - 1].to_vec(),
        large[..4].to_vec(),
        raw_event("", 32, none()),
        raw_event("a/*", 32, none()),
        raw_event("a\u{200b}", 32, none()),
        raw_event(ByteBuf::from(*b"a"), 32, none()),
        raw_event("a", 31, none()),
        raw_event("a", 32, "text"),
        raw_event("a", 32, [1]),
        gap(0),
        gap(3),
        gap(256),
        one("denied", Why { why: 0 }),
        one("denied", Why { why: 4 }),
        one("denied", 1),
        one("subscribed", "17.0"),
        one("subscribed", [17, 0]),
        one("other", empty()),
    ];
    cases.iter().map(|bytes| refused(bytes, heard)).collect()
}
