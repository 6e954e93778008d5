use std::collections::BTreeMap;

use airway_protocols::{
    agent::AgentId,
    events::{
        self, Denied, EVENT_FRAME, Event, Gap, MAX_SUBSCRIBED, Publication, REQUEST_FRAME, Reason, Request,
        Since, Subscribe, Told,
    },
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;

const AT: u64 = 1_700_000_000_000;

#[derive(Serialize)]
pub(super) struct Asked {
    patterns: Option<Vec<String>>,
    since: Option<String>,
    bytes: String,
}

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

/// A stream whose other end says this and hears all.
macro_rules! stream {
    ($heard:expr, $said:expr) => {
        tokio::io::join($heard, $said).compat()
    };
}

fn everything() -> Subscribe {
    Subscribe { patterns: vec![Pattern::any()], since: Since::Now }
}

fn received(bytes: &[u8]) -> Result<Request, events::Error> {
    block_on(events::receive_request(&mut Cursor::new(bytes)))
}

/// What a subscriber makes of what a broker says first, and then.
fn heard(bytes: &[u8]) -> Result<Told, events::Error> {
    let mut stream = stream!(bytes, tokio::io::sink());
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

fn asked(request: &Request) -> Asked {
    let mut said = Vec::new();
    let (patterns, since) = match request {
        Request::Subscribe(subscribe) => {
            let unanswered = block_on(events::subscribe(&mut stream!(&[][..], &mut said), subscribe));
            assert!(matches!(unanswered, Err(events::Error::NoAnswer)));
            let since = match subscribe.since {
                Since::Now => "now".to_owned(),
                Since::Start => "start".to_owned(),
                Since::Time(at) => format!("time {at}"),
                Since::After(position) => format!("after {position}"),
            };
            let patterns = subscribe.patterns.iter().map(ToString::to_string).collect();
            (Some(patterns), Some(since))
        }
        Request::Publish => {
            block_on(events::start(&mut said)).unwrap();
            (None, None)
        }
    };
    assert_eq!(received(&said).unwrap(), *request);
    Asked { patterns, since, bytes: hex(said) }
}

pub(super) fn requests() -> Vec<Asked> {
    let subscribe = |patterns: &[&str], since| {
        let patterns = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        Request::Subscribe(Subscribe { patterns, since })
    };
    let requests = [
        subscribe(&["builds/**", "*/grüße"], Since::After(at(17, 10))),
        subscribe(&["*"], Since::Now),
        subscribe(&["a"], Since::Start),
        subscribe(&["a", "a"], Since::Time(AT)),
        subscribe(&["a/*/**"], Since::Time(u64::MAX)),
        subscribe(&["a"], Since::After(at(u64::MAX, u64::MAX))),
        Request::Publish,
    ];
    requests.iter().map(asked).collect()
}

/// A map with one key.
fn one<T: Serialize>(key: &'static str, value: T) -> Vec<u8> {
    frame(&BTreeMap::from([(key, value)]))
}

/// A subscription that is free to break the rules.
#[derive(Serialize)]
struct RawSubscribe<P, S> {
    patterns: P,
    since: S,
}

fn empty() -> BTreeMap<&'static str, u64> {
    BTreeMap::new()
}

fn since(key: &'static str) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
    BTreeMap::from([(key, empty())])
}

pub(super) fn refused_requests() -> Vec<RefusedBytes> {
    assert!(received(&one("subscribe", RawSubscribe { patterns: ["a"], since: since("now") })).is_ok());
    let two = BTreeMap::from([("now", empty()), ("start", empty())]);
    let large = wire::frame(&[0; REQUEST_FRAME + 1], usize::MAX).unwrap();
    let half =
        RawSubscribe { patterns: ["a"], since: BTreeMap::from([("after", BTreeMap::from([("epoch", 1)]))]) };
    let timeless = RawSubscribe { patterns: ["a"], since: since("time") };
    let cases = [
        vec![],
        vec![1, 0xA0],
        vec![9, 0xA1],
        large[..3].to_vec(),
        one("listen", empty()),
        one("publish", 1),
        frame(&BTreeMap::from([("publish", empty()), ("x", empty())])),
        one("subscribe", empty()),
        one("subscribe", RawSubscribe { patterns: "a", since: since("now") }),
        one("subscribe", RawSubscribe { patterns: ["a//b"], since: since("now") }),
        one("subscribe", RawSubscribe { patterns: ["a*"], since: since("now") }),
        one("subscribe", RawSubscribe { patterns: [ByteBuf::from(*b"a")], since: since("now") }),
        one("subscribe", RawSubscribe { patterns: [ByteBuf::from([0xFF])], since: since("now") }),
        one("subscribe", RawSubscribe { patterns: ["a"], since: "now" }),
        one("subscribe", RawSubscribe { patterns: ["a"], since: since("ever") }),
        one("subscribe", RawSubscribe { patterns: ["a"], since: two }),
        one("subscribe", half),
        one("subscribe", timeless),
    ];
    cases.iter().map(|bytes| refused(bytes, received)).collect()
}

pub(super) fn invalid_requests() -> Vec<RefusedBytes> {
    let request = |count| Subscribe { patterns: vec!["a".parse().unwrap(); count], since: Since::Now };
    let invalid = |count| {
        let subscribe = request(count);
        let bytes = frame(&Request::Subscribe(subscribe.clone()));
        assert_eq!(received(&bytes).unwrap(), Request::Subscribe(subscribe.clone()));
        refused(&bytes, |_| subscribe.validate())
    };
    [0, MAX_SUBSCRIBED + 1].map(invalid).into()
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

#[derive(Serialize)]
struct Why {
    why: u64,
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
