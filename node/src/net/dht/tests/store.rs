//! What a server takes and what it does not.

use std::slice;

use libp2p::{
    PeerId,
    kad::{Record, store::RecordStore as _},
};

use super::{
    super::records::{Limits, Records},
    people::{HOUR, Mesh, Person, value},
};
use crate::{
    clock::unix_ms,
    members::Members,
    protocols::{
        claim::{Claim, set},
        network::Realm,
        revocations::Revocations,
    },
};

fn records(realm: &Realm, limits: Limits) -> (Records, Members) {
    let members = Members::default();
    members.set_realm(Some(realm.clone()), false, Revocations::none());
    (Records::new(PeerId::random(), realm.clone(), members.clone(), limits), members)
}

fn put(records: &mut Records, key: &[u8], value: Vec<u8>) -> bool {
    let record = Record { key: key.to_vec().into(), value, publisher: None, expires: None };
    records.put(record).is_ok()
}

fn get(records: &Records, key: &[u8], realm: &Realm) -> Vec<Claim> {
    let Some(record) = records.get(&key.to_vec().into()) else { return Vec::new() };
    let all = set::split(&record.value).unwrap();
    all.iter().map(|bytes| Claim::from_bytes(bytes, realm).unwrap()).collect()
}

#[test]
fn a_claim_is_kept_where_it_belongs_and_nothing_else_is() {
    let mesh = Mesh::new();
    let (mut records, _) = records(&mesh.realm, Limits::DEFAULT);
    let (alice, stranger) = (Person::of(&mesh), Person::of(&Mesh::new()));
    let (key, claim) = (alice.address_key(), alice.claim(&["ocr"]));
    let mut forged = value(&claim);
    *forged.last_mut().unwrap() ^= 1;
    let old = alice.claim_at(unix_ms() - 2 * HOUR, &[]);
    let early = alice.claim_at(unix_ms() + HOUR, &[]);
    let two = set::join(&[claim.clone(), Person::of(&mesh).claim(&["ocr"])]);
    for (what, key, value) in [
        ("nothing", key.clone(), Vec::new()),
        ("garbage", key.clone(), vec![0x80; 300]),
        ("a forged one", key.clone(), forged),
        ("one of another mesh", key.clone(), value(&stranger.claim(&[]))),
        ("one of the backbone", key.clone(), value(&Person::of_backbone().claim(&[]))),
        ("one that has expired", key.clone(), value(&old)),
        ("one of tomorrow", key.clone(), value(&early)),
        ("more than fits", key.clone(), vec![0; set::MAX_VALUE + 1]),
        ("several", alice.tag_key("ocr"), two),
        ("one that belongs elsewhere", alice.tag_key("llm"), value(&claim)),
        ("one at no key of ours", b"/airway-addr/1".to_vec(), value(&claim)),
    ] {
        assert!(!put(&mut records, &key, value), "{what}");
    }
    assert_eq!(records.usage(), (0, 0));

    for key in [&key, &alice.tag_key("ocr")] {
        assert!(put(&mut records, key, value(&claim)));
        assert!(put(&mut records, key, value(&claim)), "the same again");
        assert_eq!(get(&records, key, &mesh.realm), slice::from_ref(&claim));
    }
    assert_eq!(records.usage().0, 2);
    assert_eq!(records.records().count(), 2);
}

#[test]
fn the_newest_claim_of_an_agent_counts_at_all_its_keys() {
    let mesh = Mesh::new();
    let (mut records, _) = records(&mesh.realm, Limits::DEFAULT);
    let alice = Person::of(&mesh);
    let (ocr, llm, now) = (alice.tag_key("ocr"), alice.tag_key("llm"), unix_ms());
    let (first, second) = (alice.claim_at(now - 2, &["ocr"]), alice.claim_at(now - 1, &["llm"]));
    assert!(put(&mut records, &alice.address_key(), value(&first)));
    assert!(put(&mut records, &ocr, value(&first)));
    assert!(put(&mut records, &llm, value(&second)));
    assert_eq!(get(&records, &ocr, &mesh.realm), [], "it does not claim that any more");
    assert_eq!(
        get(&records, &alice.address_key(), &mesh.realm),
        slice::from_ref(&first),
        "until the newer one comes"
    );
    assert!(!put(&mut records, &ocr, value(&first)), "nobody brings it back");

    // What is withdrawn is so where it is withdrawn, and stays so.
    assert!(put(&mut records, &llm, value(&alice.withdrawal_at(now))));
    assert!(get(&records, &llm, &mesh.realm).iter().all(Claim::is_withdrawn));
    assert!(!put(&mut records, &llm, value(&second)));
    assert!(put(&mut records, &alice.address_key(), value(&second)));
    assert!(!put(&mut records, &ocr, value(&alice.withdrawal_at(now))), "there is nothing to withdraw");
}

#[test]
fn however_often_an_agent_changes_its_mind_it_has_few_keys() {
    let mesh = Mesh::new();
    let (mut records, _) = records(&mesh.realm, Limits::DEFAULT);
    let (alice, now) = (Person::of(&mesh), unix_ms());
    for round in 0..50 {
        let tag = format!("t{round}");
        let claim = alice.claim_at(now - 1000 + round, &[&tag]);
        assert!(put(&mut records, &alice.tag_key(&tag), value(&claim)));
        assert!(put(&mut records, &alice.address_key(), value(&claim)));
    }
    assert_eq!(records.usage().0, 2);
}

#[test]
fn who_is_expelled_or_has_expired_is_found_no_more_and_dropped() {
    let mesh = Mesh::new();
    let (mut records, members) = records(&mesh.realm, Limits::DEFAULT);
    let (alice, bob) = (Person::of(&mesh), Person::of(&mesh));
    let key = alice.tag_key("ocr");
    let claims = [alice.claim(&["ocr"]), bob.claim(&["ocr"])];
    assert!(claims.iter().all(|claim| put(&mut records, &key, value(claim))));
    assert_eq!(get(&records, &key, &mesh.realm).len(), 2);

    members.set_revocations(mesh.revoke(alice.claim(&[]).agent()));
    assert_eq!(get(&records, &key, &mesh.realm), claims[1..], "at once");
    let before = records.usage().1;
    records.sweep();
    assert!(records.usage().1 < before, "and for good");
    assert!(!put(&mut records, &key, value(&claims[0])));
    members.set_revocations(mesh.revoke(bob.claim(&[]).agent()));
    records.sweep();
    assert_eq!(records.usage(), (0, 0));
}

#[test]
fn a_flood_stays_within_the_limits_and_what_is_near_survives_it() {
    let realm = Realm::backbone();
    for limits in [Limits { keys: 20, bytes: usize::MAX }, Limits { keys: usize::MAX, bytes: 8 * 1024 }] {
        let (mut records, _) = records(&realm, limits);
        let mut taken = 0;
        for _ in 0..200 {
            let person = Person::of_backbone();
            taken += usize::from(put(&mut records, &person.address_key(), value(&person.claim(&[]))));
            let (keys, bytes) = records.usage();
            assert!(keys <= limits.keys && bytes <= limits.bytes, "{keys} keys, {bytes} bytes");
        }
        let kept = records.usage().0;
        assert!(kept > 10 && kept < taken && taken < 200, "{kept} of {taken} that were taken");
    }
    // Of many who claim one thing, few are kept, wherever it is.
    let (mut records, _) = records(&realm, Limits::DEFAULT);
    for _ in 0..40 {
        let person = Person::of_backbone();
        put(&mut records, &person.tag_key("ocr"), value(&person.claim(&["ocr"])));
    }
    let (keys, bytes) = records.usage();
    assert!(keys == 1 && bytes < set::MAX_VALUE + 64, "{bytes} bytes");
}
