use proptest::prelude::*;

use super::*;
use crate::{
    claim::tests::{claim, withdrawn},
    network::{Realm, samples::NOW},
};

const KINDS: [KeyKind; 3] = [KeyKind::Address, KeyKind::Name, KeyKind::Tag];

fn agents(claims: &[Claim]) -> Vec<u64> {
    claims.iter().map(Claim::issued).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_merged_the_set_stays_within_its_limits(
        news in prop::collection::vec((1_u8..24, 0_u64..9, any::<bool>()), 1..60), kind in 0_usize..3,
    ) {
        let kind = KINDS[kind];
        let mut known = Vec::new();
        for (seed, at, gone) in news {
            let new = if gone { withdrawn(seed, NOW + at) } else { claim(seed, &["ocr"], NOW + at) };
            let before = known.clone();
            let changed = merge(&mut known, new.clone(), kind);
            prop_assert_eq!(changed, known != before);
            let most = if kind == KeyKind::Tag { MAX_CLAIMS } else { MAX_RIVALS };
            prop_assert!(known.len() <= most);
            let mut all: Vec<_> = known.iter().map(Claim::agent).collect();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len(), known.len(), "an agent stands twice");
            let had = before.iter().find(|claim| claim.agent() == new.agent());
            if had.is_some_and(|had| had.issued() < new.issued()) {
                prop_assert!(known.contains(&new));
            }

            let value = join(&known);
            prop_assert!(value.len() <= MAX_VALUE);
            let read: Vec<_> = split(&value)
                .unwrap()
                .iter()
                .map(|bytes| Claim::from_bytes(bytes, &Realm::backbone()).unwrap())
                .collect();
            prop_assert_eq!(&read, &known);
        }
    }

    #[test]
    fn any_bytes_split_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(parts) = split(&bytes) {
            prop_assert!(parts.len() <= MAX_CLAIMS);
            prop_assert!(parts.iter().map(Vec::len).sum::<usize>() <= bytes.len());
        }
    }

    #[test]
    fn a_set_cut_short_is_refused(cut: prop::sample::Index) {
        let value = join(&[claim(2, &[], NOW)]);
        let cut = 1 + cut.index(value.len() - 1);
        prop_assert_eq!(split(&value[..cut]), Err(Error::Truncated));
    }
}

#[test]
fn the_newest_claim_of_an_agent_counts() {
    for kind in KINDS {
        let mut known = vec![];
        assert!(merge(&mut known, claim(2, &["ocr"], NOW), kind));
        assert!(!merge(&mut known, claim(2, &["ocr"], NOW), kind));
        assert!(!merge(&mut known, claim(2, &[], NOW), kind), "the first of two of one time stays");
        assert!(!merge(&mut known, claim(2, &["ocr"], NOW - 1), kind));
        assert!(merge(&mut known, claim(2, &["pdf"], NOW + 1), kind));
        assert_eq!(agents(&known), [NOW + 1]);
    }
}

#[test]
fn who_claims_an_address_or_a_name_first_is_not_pushed_out() {
    for kind in [KeyKind::Address, KeyKind::Name] {
        let mut known = vec![];
        for seed in 1..=4 {
            assert!(merge(&mut known, claim(seed, &[], NOW + u64::from(seed)), kind));
        }
        assert!(!merge(&mut known, claim(5, &[], NOW + 9), kind));
        assert!(merge(&mut known, claim(1, &[], NOW + 10), kind));
        assert_eq!(agents(&known), [NOW + 10, NOW + 2, NOW + 3, NOW + 4]);
    }
}

#[test]
fn of_those_who_claim_a_tag_the_oldest_go() {
    let mut known = vec![];
    for seed in 1..=16 {
        assert!(merge(&mut known, claim(seed, &["ocr"], NOW + u64::from(seed)), KeyKind::Tag));
    }
    assert!(!merge(&mut known, claim(20, &["ocr"], NOW), KeyKind::Tag), "older than all");
    assert!(merge(&mut known, claim(21, &["ocr"], NOW + 21), KeyKind::Tag));
    assert_eq!(agents(&known), (2..=16).chain([21]).map(|at| NOW + at).collect::<Vec<_>>());
}

#[test]
fn a_withdrawn_claim_replaces_and_does_nothing_else() {
    for kind in KINDS {
        let mut known = vec![];
        assert!(!merge(&mut known, withdrawn(2, NOW), kind) && known.is_empty());
        assert!(merge(&mut known, claim(2, &[], NOW), kind));
        assert!(merge(&mut known, withdrawn(2, NOW + 1), kind));
        assert!(known[0].is_withdrawn());
        assert!(!merge(&mut known, claim(2, &[], NOW), kind), "a recorded claim came back");
    }
}

#[test]
fn each_rule_has_its_own_error() {
    assert_eq!(split(&[]), Ok(vec![]));
    assert_eq!(split(&[0; MAX_VALUE + 1]), Err(Error::TooLarge { found: MAX_VALUE + 1 }));
    assert_eq!(split(&[1; 2 * MAX_CLAIMS + 2]), Err(Error::TooMany));
    assert_eq!(split(&[0x80, 0]), Err(Error::Length));
    assert_eq!(split(&[0xFF; 11]), Err(Error::Length));
    assert_eq!(split(&[0xFF, 0x7F]), Err(Error::Length));
    assert_eq!(split(&[0x80]), Err(Error::Truncated));
    assert_eq!(split(&[2, 0]), Err(Error::Truncated));
}

#[test]
fn four_claims_of_the_largest_size_are_a_value() {
    assert_eq!(MAX_RIVALS * (PREFIX + MAX_BYTES), MAX_VALUE);
}
