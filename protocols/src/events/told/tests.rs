use proptest::prelude::*;

use super::*;
use crate::{
    events::{MAX_PAYLOAD, MAX_TOPIC},
    wire,
};

fn positions() -> impl Strategy<Value = Position> {
    any::<(u64, u64)>().prop_map(|(epoch, seq)| Position { epoch, seq })
}

fn events() -> impl Strategy<Value = Event> {
    let parts = ("[a-zä]{1,9}(/[a-z]){0,3}", any::<[u8; 32]>(), positions(), any::<u64>(), any::<Vec<u8>>());
    parts.prop_map(|(topic, publisher, position, at, payload)| {
        let (topic, publisher) = (topic.parse().unwrap(), AgentId::from_bytes(publisher));
        Event { topic, publisher, position, at, payload }
    })
}

proptest! {
    #[test]
    fn whatever_is_told_round_trips(
        event in events(), position in positions(), next in positions(), reason in 1_u8..3, why in 1_u8..4,
    ) {
        let gap = Gap { after: position, next, reason: reason.try_into().unwrap() };
        let denied = Told::Denied(why.try_into().unwrap());
        for told in [Told::Subscribed(position), Told::Event(event), Told::Gap(gap), denied] {
            prop_assert_eq!(wire::decode::<Told>(&wire::encode(&told).unwrap()).unwrap(), told);
        }
    }

    #[test]
    fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = wire::decode::<Told>(&bytes);
    }
}

#[test]
fn the_largest_event_fits_its_frame() {
    let event = Event {
        topic: "a".repeat(MAX_TOPIC).parse().unwrap(),
        publisher: AgentId::from_bytes([0xFF; 32]),
        position: Position { epoch: u64::MAX, seq: u64::MAX },
        at: u64::MAX,
        payload: vec![0; MAX_PAYLOAD],
    };
    let bytes = wire::encode(&Told::Event(event)).unwrap();
    assert!(bytes.len() < 61_800, "{}", bytes.len());
}

#[test]
fn reasons_and_denials_are_closed_sets() {
    for number in 0..=u8::MAX {
        match Reason::try_from(number) {
            Ok(reason) => assert_eq!(u8::from(reason), number),
            Err(unknown) => assert_eq!(unknown.number, number),
        }
        match Denied::try_from(number) {
            Ok(denied) => assert_eq!(u8::from(denied), number),
            Err(unknown) => assert_eq!(unknown.number, number),
        }
    }
    for none in [0, 3] {
        assert!(Reason::try_from(none).is_err());
    }
    for none in [0, 4] {
        assert!(Denied::try_from(none).is_err());
    }
}
