use proptest::prelude::*;

use super::*;
use crate::{
    network::samples::{NOW, agent, key},
    polo::{
        Outcome, Work,
        samples::{OTHER, TIMES, claim, work},
    },
};

fn issue(times: Times, place: Place) -> Result<Receipt, Error> {
    Receipt::issue(&key(1), claim(1), times, place, NOW)
}

/// A receipt of the first claim after `change`, validly signed.
fn signed(change: impl FnOnce(&mut Body)) -> Vec<u8> {
    let public = key(1).public().try_into_ed25519().unwrap();
    let mut body = Body::new(&public, &claim(1), TIMES, Place::FIRST, NOW);
    change(&mut body);
    envelope::seal(&body, &key(1)).unwrap()
}

fn refused(change: impl FnOnce(&mut Body)) -> Error {
    Receipt::from_bytes(&signed(change)).unwrap_err()
}

proptest! {
    #[test]
    fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = issue(TIMES, Place::FIRST).unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Receipt::from_bytes(&bytes).is_err());
    }
}

#[test]
fn receipts_read_back_as_they_were_issued() {
    let times = TIMES.clamped(50_000, 60_000);
    let issued = issue(times, Place::FIRST).unwrap();
    let read = Receipt::from_bytes(issued.as_bytes()).unwrap();
    assert_eq!((&read, read.hash()), (&issued, issued.hash()));
    assert_eq!((read.claim(), read.pair()), (&claim(1), Pair { requester: agent(1), worker: agent(2) }));
    assert_eq!(read.times(), Times { idle: 50_000, staged: 300_000, cpu: 60_000 });
    assert_eq!((read.reward(), read.place(), read.seq(), read.at()), (1, Place::FIRST, 1, NOW));

    let next = issue(TIMES, Place::after(&issued)).unwrap();
    assert_eq!((next.seq(), next.place().prev, next.reward()), (2, issued.hash(), 3));
}

#[test]
fn nothing_is_paid_but_for_a_success_and_no_more_than_was_offered() {
    let paid = |change: fn(&mut Work)| {
        let mut work = work(1);
        change(&mut work);
        let claim = Claim::sign(&key(2), work).unwrap();
        Receipt::issue(&key(1), claim, TIMES, Place::FIRST, NOW).unwrap().reward()
    };
    assert_eq!(paid(|_| {}), 3);
    assert_eq!(paid(|work| work.max_reward = 2), 2);
    assert_eq!(paid(|work| work.max_reward = 0), 0);
    assert_eq!(paid(|work| work.outcome = Outcome::Failed), 0);
    assert_eq!(paid(|work| work.outcome = Outcome::Expired), 0);
}

#[test]
fn the_largest_receipt_is_within_its_limit() {
    let most = Times { idle: MAX_NUMBER, staged: MAX_NUMBER, cpu: MAX_NUMBER };
    let work = Work { times: most, max_reward: MAX_NUMBER, at: MAX_NUMBER, ..work(1) };
    let claim = Claim::sign(&key(2), work).unwrap();
    let place = Place { seq: MAX_NUMBER, prev: OTHER };
    let receipt = Receipt::issue(&key(1), claim, most, place, MAX_NUMBER).unwrap();
    assert!(receipt.as_bytes().len() < 850, "{}", receipt.as_bytes().len());
}

#[test]
fn each_rule_has_its_own_error() {
    assert!(matches!(refused(|body| body.version = 2), Error::Version(2)));
    assert!(matches!(refused(|body| body.claim[9] ^= 1), Error::Claim(_)));
    assert!(matches!(refused(|body| body.claim = ByteBuf::new()), Error::Claim(_)));
    assert!(matches!(refused(|body| body.idle -= 1), Error::Clamp));
    assert!(matches!(refused(|body| body.staged -= 1), Error::Clamp));
    assert!(matches!(refused(|body| body.cpu += 1), Error::Clamp));
    assert!(matches!(refused(|body| body.reward = 4), Error::Reward { found: 4, expected: 3 }));
    assert!(matches!(refused(|body| body.reward = 0), Error::Reward { found: 0, expected: 3 }));
    assert!(matches!(refused(|body| body.seq = 0), Error::Place(0)));
    assert!(matches!(refused(|body| body.seq = 2), Error::Place(2)));
    assert!(matches!(refused(|body| body.prev = OTHER), Error::Place(1)));
    assert!(matches!(refused(|body| body.at = u64::MAX), Error::Number { what: "at", .. }));
    assert!(matches!(refused(|body| body.idle = u64::MAX), Error::Number { what: "idle", .. }));

    let another = Receipt::issue(&key(3), claim(1), TIMES, Place::FIRST, NOW);
    assert!(matches!(another, Err(Error::Requester)));
    let better = issue(Times { cpu: TIMES.cpu + 1, ..TIMES }, Place::FIRST);
    assert!(matches!(better, Err(Error::Clamp)));
    let before_the_first = issue(TIMES, Place { seq: 1, prev: OTHER });
    assert!(matches!(before_the_first, Err(Error::Place(1))));
}
