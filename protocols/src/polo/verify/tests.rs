use std::slice;

use super::*;
use crate::{
    network::samples::{NOW, agent, key},
    polo::{
        Claim, Code, Place, Tip, export,
        samples::{OTHER, TIMES, chain, export, tip, work},
    },
};

const PAIR: fn() -> Pair = || Pair { requester: agent(1), worker: agent(2) };

/// What is found in an export of the worker with these receipts, which says that its chain is `chain`.
fn found(chain: &[Receipt], receipts: &[Receipt]) -> Vec<Finding> {
    verify(&export(&key(2), vec![tip(chain)], None, receipts), &[])
}

/// A receipt of agent 1 for agent 2 at any place.
fn receipt(number: u8, place: Place) -> Receipt {
    let claim = Claim::sign(&key(2), work(number)).unwrap();
    Receipt::issue(&key(1), claim, TIMES, place, NOW).unwrap()
}

#[test]
fn whole_chains_have_no_findings_in_any_order() {
    let (one, other) = (chain(&key(2), 4), chain(&key(3), 1));
    let mut receipts = [one.clone(), other.clone()].concat();
    let whole = export(&key(1), vec![tip(&one), tip(&other)], None, &receipts);
    // Tasks of one requester have different ids; here both workers did the first.
    let of = |findings: Vec<Finding>| findings.iter().map(Finding::code).collect::<Vec<_>>();
    assert_eq!(of(verify(&whole, &[])), [Code::Duplicate]);
    receipts.reverse();
    assert_eq!(found(&one, &receipts[1..]), []);
    assert_eq!(verify(&export(&key(9), Vec::new(), None, &[]), &[]), []);
}

#[test]
fn what_is_left_out_of_a_chain_is_a_gap() {
    let chain = chain(&key(2), 5);
    let without = |missing: &[usize]| {
        let kept = chain.iter().enumerate().filter(|(at, _)| !missing.contains(at));
        found(&chain, &kept.map(|(_, receipt)| receipt.clone()).collect::<Vec<_>>())
    };
    assert_eq!(without(&[0]), [Finding::Gap { pair: PAIR(), after: 0, next: 2 }]);
    assert_eq!(without(&[1, 2]), [Finding::Gap { pair: PAIR(), after: 1, next: 4 }]);
    let tail = Finding::Tail { pair: PAIR(), ends: 4, reported: 5, by: agent(2) };
    assert_eq!(without(&[4]), [tail]);
    let all = Finding::Tail { pair: PAIR(), ends: 0, reported: 5, by: agent(2) };
    assert_eq!(without(&[0, 1, 2, 3, 4]), [all]);
}

#[test]
fn what_does_not_follow_is_a_broken_link() {
    let first = receipt(1, Place::FIRST);
    let second = receipt(2, Place { seq: 2, prev: OTHER });
    let third = receipt(3, Place::after(&second));
    let receipts = [first, second, third];
    assert_eq!(found(&receipts, &receipts), [Finding::Link { pair: PAIR(), seq: 2 }]);
}

#[test]
fn two_receipts_of_one_place_are_a_fork_and_two_of_one_task_a_duplicate() {
    let first = receipt(1, Place::FIRST);
    let (one, other) = (receipt(2, Place::after(&first)), receipt(3, Place::after(&first)));
    let receipts = [first.clone(), one.clone(), other];
    assert_eq!(found(&receipts[..2], &receipts), [Finding::Fork { pair: PAIR(), seq: 2 }]);

    let again = receipt(1, Place::after(&first));
    let duplicate = Finding::Duplicate { requester: agent(1), task: work(1).task };
    let receipts = [first.clone(), again];
    assert_eq!(found(&receipts, &receipts), slice::from_ref(&duplicate));
    let thrice = [first.clone(), first.clone(), first];
    assert_eq!(found(&thrice[..1], &thrice), [duplicate]);
}

#[test]
fn a_cut_tail_is_reported_by_the_other_of_the_pair() {
    let whole = chain(&key(2), 5);
    let cut = export(&key(2), vec![tip(&whole[..3])], None, &whole[..3]);
    assert_eq!(verify(&cut, &[]), [], "by itself it is in order");

    let tail = |ends, by| Finding::Tail { pair: PAIR(), ends, reported: 5, by };
    let by_head = export(&key(1), vec![tip(&whole)], None, &[]);
    let by_receipt = export(&key(1), Vec::new(), None, &whole[4..]);
    for teller in [by_head.clone(), by_receipt] {
        assert_eq!(verify(&cut, &[teller]), [tail(3, agent(1))]);
    }
    let hidden = export(&key(2), Vec::new(), None, &[]);
    assert_eq!(verify(&hidden, slice::from_ref(&by_head)), [tail(0, agent(1))]);
    // Who shows receipts with another alone hides nothing of this pair.
    let with_another = export(&key(2), Vec::new(), Some(agent(7)), &[]);
    assert_eq!(verify(&with_another, slice::from_ref(&by_head)), []);
    // Of several who know more, one is enough.
    let less = export(&key(1), vec![tip(&whole[..4])], None, &[]);
    assert_eq!(verify(&cut, &[less, by_head]), [tail(3, agent(1))]);
}

#[test]
fn another_history_is_a_fork() {
    let whole = chain(&key(2), 2);
    let mine = export(&key(2), vec![tip(&whole)], None, &whole);
    let other = export(&key(1), vec![Tip { hash: OTHER, ..tip(&whole) }], None, &[]);
    assert_eq!(verify(&mine, &[other]), [Finding::Fork { pair: PAIR(), seq: 2 }]);
    let lie = export(&key(2), vec![Tip { hash: OTHER, ..tip(&whole) }], None, &whole);
    assert_eq!(verify(&lie, &[]), [Finding::Fork { pair: PAIR(), seq: 2 }]);
}

/// As text, with one line changed.
fn read(chain: &[Receipt], change: impl FnOnce(&mut Vec<String>)) -> Export {
    let head = Head::sign(&key(2), vec![tip(chain)], None, NOW).unwrap();
    let mut file = Vec::new();
    export::write_head(&mut file, &head).unwrap();
    chain.iter().for_each(|receipt| export::write_receipt(&mut file, receipt.as_bytes()).unwrap());
    let mut lines: Vec<String> = String::from_utf8(file).unwrap().lines().map(ToOwned::to_owned).collect();
    change(&mut lines);
    Export::read((lines.join("\n") + "\n").as_bytes()).unwrap()
}

#[test]
fn files_read_back_as_they_were_written() {
    let chain = chain(&key(2), 3);
    let export = read(&chain, |_| {});
    assert_eq!((&export.receipts, export.findings.len()), (&chain, 0));
    assert_eq!(verify(&export, &[]), []);
}

#[test]
fn a_bad_line_is_a_finding_and_the_others_are_read() {
    let chain = chain(&key(2), 3);
    let codes = |change: fn(&mut Vec<String>)| {
        let export = read(&chain, change);
        let findings = verify(&export, &[]);
        (export.receipts.len(), findings.iter().map(Finding::code).collect::<Vec<_>>())
    };
    use Code::{Gap, Malformed, Tail};
    assert_eq!(codes(|lines| drop(lines.pop())), (2, vec![Tail]));
    assert_eq!(codes(|lines| lines[3] = "receipt !".into()), (2, vec![Malformed, Gap]));
    assert_eq!(codes(|lines| lines[3] = "receipt AAAA".into()), (2, vec![Malformed, Gap]));
    assert_eq!(codes(|lines| lines.push(String::new())), (3, vec![Malformed]));
    assert_eq!(codes(|lines| lines.push("x y".into())), (3, vec![Malformed]));
    assert_eq!(codes(|lines| lines.push(lines[1].clone())), (3, vec![Malformed]));
    assert_eq!(codes(|lines| drop(lines.remove(1))), (3, vec![Malformed]), "no head");
    assert_eq!(codes(|lines| lines.push("x".repeat(export::MAX_LINE + 9))), (3, vec![Malformed]));
}

#[test]
fn what_is_no_export_is_refused() {
    for other in ["", "\n", "airway-polo-v2\n", "airway:CiQIARIg"] {
        assert!(matches!(Export::read(other.as_bytes()), Err(export::Error::Magic)), "{other:?}");
    }
    let many = format!("{}\n{}", export::MAGIC, "x\n".repeat(export::MAX_FINDINGS * 2));
    let read = Export::read(many.as_bytes()).unwrap();
    assert_eq!(read.findings.len(), export::MAX_FINDINGS + 1, "and that there is no head");
}
