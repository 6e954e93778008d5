use airway_protocols::events::{self, MAX_SUBSCRIBED, REQUEST_FRAME, Request, Since, Subscribe};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;

#[derive(Serialize)]
pub(super) struct Asked {
    patterns: Option<Vec<String>>,
    since: Option<String>,
    bytes: String,
}

fn received(bytes: &[u8]) -> Result<Request, events::Error> {
    block_on(events::receive_request(&mut Cursor::new(bytes)))
}

fn asked(request: &Request) -> Asked {
    let mut said = Vec::new();
    let (patterns, since) = match request {
        Request::Subscribe(subscribe) => {
            let unanswered =
                block_on(events::subscribe(&mut tokio::io::join(&[][..], &mut said).compat(), subscribe));
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

/// A subscription that is free to break the rules.
#[derive(Serialize)]
struct RawSubscribe<P, S> {
    patterns: P,
    since: S,
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
