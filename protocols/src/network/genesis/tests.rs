use proptest::prelude::*;

use super::{super::samples, *};

fn body() -> Body {
    let authority = samples::public(1).to_bytes();
    let (version, name, policy) = (VERSION, samples::name("lab"), Policy::default());
    Body { version, name, authority, number: 7, policy, created: samples::NOW, salt: [1; 16] }
}

fn read(body: &Body) -> InvalidGenesis {
    Genesis::from_bytes(&wire::encode(body).unwrap()).unwrap_err()
}

proptest! {
    #[test]
    fn any_bytes_are_a_genesis_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Genesis::from_bytes(&bytes).is_err());
    }

    #[test]
    fn every_part_makes_another_network(
        number in 1_u16.., other in 1_u16.., salt: [u8; 16], salt_of_other: [u8; 16], trust_members: bool,
    ) {
        prop_assume!(number != other && salt != salt_of_other);
        let make = |number, trust_members, salt| {
            let policy = Policy { trust_members };
            Genesis::new(samples::name("lab"), &samples::public(1), number, policy, 1, salt).unwrap().id()
        };
        let id = make(number, trust_members, salt);
        prop_assert_eq!(id, make(number, trust_members, salt));
        prop_assert_ne!(id, make(other, trust_members, salt));
        prop_assert_ne!(id, make(number, !trust_members, salt));
        prop_assert_ne!(id, make(number, trust_members, salt_of_other));
    }
}

#[test]
fn a_genesis_reads_back_as_it_was_made() {
    let policy = Policy { trust_members: true };
    let made =
        Genesis::new(samples::name("lab"), &samples::public(1), 7, policy, samples::NOW, [1; 16]).unwrap();
    let read = Genesis::from_bytes(made.as_bytes()).unwrap();
    assert_eq!(read, made);
    assert_eq!((read.id(), read.number(), read.created()), (made.id(), 7, samples::NOW));
    assert_eq!((read.name().as_str(), read.policy()), ("lab", policy));
    assert_eq!(*read.authority(), samples::public(1));
}

#[test]
fn the_largest_genesis_is_within_the_limit() {
    let name = samples::name(&"a".repeat(63));
    let largest =
        Genesis::new(name, &samples::public(1), u16::MAX, Policy::default(), MAX_TIME, [0xFF; 16]).unwrap();
    assert!(largest.as_bytes().len() < 250, "{}", largest.as_bytes().len());
}

#[test]
fn each_rule_has_its_own_error() {
    assert!(Genesis::from_bytes(&wire::encode(&body()).unwrap()).is_ok());
    assert!(matches!(read(&Body { version: 2, ..body() }), InvalidGenesis::Version(2)));
    assert!(matches!(read(&Body { number: 0, ..body() }), InvalidGenesis::Number));
    assert!(matches!(read(&Body { created: MAX_TIME + 1, ..body() }), InvalidGenesis::Time(_)));
    for weak in agent::weak::tests::weak_keys() {
        assert!(matches!(read(&Body { authority: weak.to_bytes(), ..body() }), InvalidGenesis::Authority));
    }
    let refused = |bytes: &[u8]| Genesis::from_bytes(bytes).unwrap_err();
    assert!(matches!(refused(&[0; MAX_BYTES + 1]), InvalidGenesis::TooLarge { found: 513 }));
    assert!(matches!(refused(&[0xA0]), InvalidGenesis::Contents(_)));
}
