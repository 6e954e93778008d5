use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    events::{EVENT_FRAME, MAX_PATTERN, MAX_TOPIC},
    wire,
};

fn sinces() -> impl Strategy<Value = Since> {
    prop_oneof![
        Just(Since::Now),
        Just(Since::Start),
        any::<u64>().prop_map(Since::Time),
        any::<(u64, u64)>().prop_map(|(epoch, seq)| Since::After(Position { epoch, seq })),
    ]
}

fn subscribe(patterns: Vec<Pattern>) -> Subscribe {
    Subscribe { patterns, since: Since::Now }
}

proptest! {
    #[test]
    fn requests_round_trip(patterns in vec("[a-zä]{1,9}(/\\*)?", 0..5), since in sinces()) {
        let patterns = patterns.iter().map(|text| text.parse().unwrap()).collect();
        for request in [Request::Subscribe(Subscribe { patterns, since }), Request::Publish] {
            prop_assert_eq!(wire::decode::<Request>(&wire::encode(&request).unwrap()).unwrap(), request);
        }
    }

    #[test]
    fn publications_round_trip(topic in "[a-zä]{1,9}(/[a-z]){0,3}", payload: Vec<u8>) {
        let publication = Publication { topic: topic.parse().unwrap(), payload };
        prop_assert_eq!(wire::decode::<Publication>(&wire::encode(&publication).unwrap()).unwrap(), publication);
    }

    #[test]
    fn any_bytes_decode_or_fail(bytes in vec(any::<u8>(), 0..80)) {
        let _ = wire::decode::<Request>(&bytes);
        let _ = wire::decode::<Publication>(&bytes);
    }
}

#[test]
fn the_largest_subscription_fits_its_frame() {
    let pattern: Pattern = "ü".repeat(MAX_PATTERN / 2).parse().unwrap();
    let largest = Since::After(Position { epoch: u64::MAX, seq: u64::MAX });
    let largest = Subscribe { patterns: vec![pattern; MAX_SUBSCRIBED], since: largest };
    largest.validate().unwrap();
    let bytes = wire::encode(&Request::Subscribe(largest)).unwrap();
    assert!(bytes.len() < 4_300, "{}", bytes.len());
}

#[test]
fn the_largest_publication_fits_its_frame() {
    let topic = "a".repeat(MAX_TOPIC).parse().unwrap();
    let largest = Publication { topic, payload: vec![0; MAX_PAYLOAD] };
    largest.validate().unwrap();
    assert!(wire::encode(&largest).unwrap().len() < EVENT_FRAME);
    let over = Publication { payload: vec![0; MAX_PAYLOAD + 1], ..largest };
    assert_eq!(over.validate(), Err(Invalid::Payload { size: MAX_PAYLOAD + 1 }));
}

#[test]
fn a_subscription_has_as_many_patterns_as_there_may_be() {
    assert_eq!(subscribe(vec![]).validate(), Err(Invalid::Patterns { found: 0 }));
    assert_eq!(subscribe(vec![Pattern::any(); MAX_SUBSCRIBED]).validate(), Ok(()));
    let found = MAX_SUBSCRIBED + 1;
    assert_eq!(subscribe(vec![Pattern::any(); found]).validate(), Err(Invalid::Patterns { found }));
}

#[test]
fn a_topic_on_the_wire_is_utf8_and_keeps_to_the_rules() {
    /// A publication that is free to break the rules.
    #[derive(Serialize)]
    struct Raw<T> {
        topic: T,
        payload: &'static serde_bytes::Bytes,
    }

    let payload = serde_bytes::Bytes::new(b"");
    for topic in ["", "a//b", "*", "a\u{200b}", &"a".repeat(MAX_TOPIC + 1)] {
        assert!(
            wire::decode::<Publication>(&wire::encode(&Raw { topic, payload }).unwrap()).is_err(),
            "{topic:?}"
        );
    }
    let mut good = wire::encode(&Raw { topic: "aXb", payload }).unwrap();
    assert!(wire::decode::<Publication>(&good).is_ok());
    let at = good.iter().position(|byte| *byte == b'X').unwrap();
    for byte in [0x80, 0xC0, 0xFF] {
        good[at] = byte;
        assert!(wire::decode::<Publication>(&good).is_err(), "{byte:#x}");
    }
    let bytes = serde_bytes::Bytes::new(b"a");
    assert!(wire::decode::<Publication>(&wire::encode(&Raw { topic: bytes, payload }).unwrap()).is_err());
}

#[test]
fn a_request_is_one_thing() {
    let refused = [
        &b"\xA0"[..],
        b"\xA1\x67publish\x60",
        b"\xA1\x67publish\xF6",
        b"\xA1\x65other\xA0",
        b"\xA2\x67publish\xA0\x69subscribe\xA0",
    ];
    for bytes in refused {
        assert!(wire::decode::<Request>(bytes).is_err(), "{bytes:?}");
    }
    assert_eq!(wire::decode::<Request>(b"\xA1\x67publish\xA0").unwrap(), Request::Publish);
}
