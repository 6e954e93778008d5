use proptest::prelude::*;

use super::*;
use crate::{
    network::samples::{agent, key},
    polo::samples::{TIMES, work},
};

fn largest() -> Work {
    let most = MAX_NUMBER;
    let times = Times { idle: most, staged: most, cpu: most };
    Work { times, max_reward: most, at: most, ..work(1) }
}

proptest! {
    #[test]
    fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = Claim::sign(&key(2), work(1)).unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Claim::from_bytes(&bytes).is_err());
    }
}

#[test]
fn claims_read_back_as_they_were_signed() {
    let signed = Claim::sign(&key(2), work(1)).unwrap();
    let read = Claim::from_bytes(signed.as_bytes()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.pair(), Pair { requester: agent(1), worker: agent(2) });
    assert_eq!((read.task(), read.request(), read.output()), (work(1).task, &[3; 32], Some(&[4; 32])));
    assert_eq!((read.outcome(), read.times(), read.max_reward()), (Outcome::Success, TIMES, 10));
    assert_eq!(read.at(), work(1).at);
    let none = Claim::sign(&key(2), Work { output: None, ..work(1) }).unwrap();
    assert_eq!(none.output(), None);
}

#[test]
fn the_largest_claim_is_within_its_limit() {
    let claim = Claim::sign(&key(2), largest()).unwrap();
    assert!(claim.as_bytes().len() < 420, "{}", claim.as_bytes().len());
    assert_eq!(MAX_BYTES, crate::tasks::MAX_CLAIM, "a claim fits a report");
}

#[test]
fn each_rule_has_its_own_error() {
    let refused = |work| Claim::sign(&key(2), work).unwrap_err();
    let most = MAX_NUMBER + 1;
    for (what, times) in [
        ("idle", Times { idle: most, ..TIMES }),
        ("staged", Times { staged: most, ..TIMES }),
        ("cpu", Times { cpu: most, ..TIMES }),
    ] {
        let error = refused(Work { times, ..work(1) });
        assert!(matches!(error, Error::Number { what: found, .. } if found == what), "{error}");
    }
    assert!(matches!(
        refused(Work { max_reward: most, ..work(1) }),
        Error::Number { what: "max_reward", .. }
    ));
    assert!(matches!(refused(Work { at: most, ..work(1) }), Error::Number { what: "at", .. }));
    assert!(matches!(refused(Work { requester: agent(2), ..work(1) }), Error::OfOneself));

    let key = key(2);
    let public = key.public().try_into_ed25519().unwrap();
    let newer = Body { version: 2, ..Body::new(&public, work(1)) };
    let newer = envelope::seal(&newer, &key).unwrap();
    assert!(matches!(Claim::from_bytes(&newer), Err(Error::Version(2))));
}
