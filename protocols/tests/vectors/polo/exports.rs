use airway_protocols::polo::{
    Code, Export, Finding, Head, ReceiptHash, Tip,
    export::{write_head, write_receipt},
    verify,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;

use super::{heads::end, objects::broken_receipt, *};
use crate::vectors::mesh::altered;

#[derive(Serialize)]
pub(super) struct Shown {
    what: &'static str,
    file: String,
    others: Vec<String>,
    findings: Vec<Code>,
}

/// A file of `seed` that says that its chains end so.
fn file(seed: u8, tips: Vec<Tip>, with: Option<AgentId>, receipts: &[Receipt]) -> String {
    let head = Head::sign(&key(seed), tips, with, AT).unwrap();
    let mut file = Vec::new();
    write_head(&mut file, &head).unwrap();
    receipts.iter().for_each(|receipt| write_receipt(&mut file, receipt.as_bytes()).unwrap());
    String::from_utf8(file).unwrap()
}

fn found(file: &str, others: &[String]) -> Vec<Code> {
    let read = |file: &String| Export::read(file.as_bytes()).unwrap();
    let others: Vec<_> = others.iter().map(read).collect();
    verify(&read(&file.to_owned()), &others).iter().map(Finding::code).collect()
}

fn shown(what: &'static str, file: String, others: Vec<String>, expected: &[Code]) -> Shown {
    let findings = found(&file, &others);
    assert_eq!(findings, expected, "{what}");
    Shown { what, file, others, findings }
}

/// A file of the worker with these receipts of its chain of 4, which it says is as long.
fn of_worker(receipts: &[Receipt]) -> String {
    file(2, vec![end(&chain(4))], None, receipts)
}

fn line(receipt: &[u8]) -> String {
    format!("receipt {}", BASE64URL.encode(receipt))
}

/// The whole file with another third receipt.
fn with_third(line: &str) -> String {
    let whole = of_worker(&chain(4));
    whole.lines().enumerate().map(|(at, is)| format!("{}\n", if at == 4 { line } else { is })).collect()
}

pub(super) fn exports() -> Vec<Shown> {
    let mut all = of_chains();
    all.extend(of_lines());
    all.extend(of_others());
    all
}

fn of_chains() -> Vec<Shown> {
    use Code::{Duplicate, Fork, Gap, Link, Tail};
    let whole = chain(4);
    let mut reversed = whole.clone();
    reversed.reverse();
    let behind = Place::after(&whole[3]);
    let other = receipt(9, Place::after(&whole[2]));
    let unlinked = receipt(9, Place { seq: 5, prev: ReceiptHash::from_bytes([9; 32]) });
    let again = receipt(4, behind);
    let with = |receipt: &Receipt| {
        let receipts = [&whole[..], std::slice::from_ref(receipt)].concat();
        file(2, vec![end(&receipts)], None, &receipts)
    };
    vec![
        shown("a whole chain", of_worker(&whole), vec![], &[]),
        shown("in another order", of_worker(&reversed), vec![], &[]),
        shown("nothing", file(2, vec![], None, &[]), vec![], &[]),
        shown("the first is missing", of_worker(&whole[1..]), vec![], &[Gap]),
        shown("the third is missing", of_worker(&[&whole[..2], &whole[3..]].concat()), vec![], &[Gap]),
        shown("the last is missing", of_worker(&whole[..3]), vec![], &[Tail]),
        shown("all are missing", of_worker(&[]), vec![], &[Tail]),
        shown("the fifth does not follow from the fourth", with(&unlinked), vec![], &[Link]),
        shown("a task has two receipts", with(&again), vec![], &[Duplicate]),
        shown("a receipt is there twice", with(&whole[3]), vec![], &[Duplicate]),
        shown("there are two fourth ones", of_worker(&[&whole[..], &[other]].concat()), vec![], &[Fork]),
    ]
}

fn of_lines() -> Vec<Shown> {
    use Code::{Clamp, Gap, Malformed, Reward, Signature};
    let whole = chain(4);
    let third = whole[2].as_bytes();
    let (key_and_type, rest) = third.split_at(38 + 2 + 12);
    // Without the last field, which is the signature of 64 bytes.
    let unsigned = [key_and_type, &rest[..rest.len() - 66]].concat();
    let by_worker = |claim: &[u8]| line(&broken_receipt(3, TIMES.cpu, claim));
    let of = |what, changed: &str, expected: &[Code]| {
        shown(what, with_third(changed), vec![], &[expected, &[Gap]].concat())
    };
    let headless: String =
        of_worker(&whole).lines().filter(|line| !line.starts_with("head")).map(ended).collect();
    let head_twice = of_worker(&whole) + &ended(of_worker(&whole).lines().nth(1).unwrap());
    vec![
        of("a signature does not fit", &line(&altered(third)), &[Signature]),
        of("a claim's signature does not fit", &by_worker(&altered(claim(3).as_bytes())), &[Signature]),
        of("there is no signature", &line(&unsigned), &[Signature]),
        of("there is no claim", &by_worker(&[]), &[Malformed]),
        of(
            "a reward is changed, and signed",
            &line(&broken_receipt(4, TIMES.cpu, claim(3).as_bytes())),
            &[Reward],
        ),
        of(
            "times are better than claimed",
            &line(&broken_receipt(3, 600_001, claim(3).as_bytes())),
            &[Clamp],
        ),
        of("a line is no base64url", "receipt +/+/", &[Malformed]),
        of("a line has another word", "recipe AAAA", &[Malformed]),
        of("a line is empty", "", &[Malformed]),
        of("a line ends in CR", &(line(third) + "\r"), &[Malformed]),
        shown("there is no head", headless, vec![], &[Malformed]),
        shown("there are two heads", head_twice, vec![], &[Malformed]),
    ]
}

fn ended(line: &str) -> String {
    format!("{line}\n")
}

fn of_others() -> Vec<Shown> {
    use Code::{Fork, Tail};
    let whole = chain(4);
    let short = || file(2, vec![end(&whole[..3])], None, &whole[..3]);
    let by_head = || file(1, vec![end(&whole)], None, &[]);
    let by_receipt = || file(1, vec![], None, &whole[3..]);
    let forked = Tip { hash: ReceiptHash::from_bytes([9; 32]), ..end(&whole) };
    let with_another = file(2, vec![], Some(agent(3)), &[]);
    let of_strangers = file(4, vec![], None, &whole);
    vec![
        shown("a tail is cut, and nobody says so", short(), vec![], &[]),
        shown("the other's head goes on", short(), vec![by_head()], &[Tail]),
        shown("the other's receipts go on", short(), vec![by_receipt()], &[Tail]),
        shown("both", short(), vec![by_head(), by_receipt()], &[Tail]),
        shown("all is hidden", file(2, vec![], None, &[]), vec![by_head()], &[Tail]),
        shown("it is about another pair", with_another, vec![by_head()], &[]),
        shown("the other says the same", of_worker(&whole), vec![by_head()], &[]),
        shown(
            "the other knows less",
            of_worker(&whole),
            vec![file(1, vec![end(&whole[..2])], None, &[])],
            &[],
        ),
        shown("the other has another", of_worker(&whole), vec![file(1, vec![forked], None, &[])], &[Fork]),
        shown("receipts of others", of_strangers, vec![by_head()], &[]),
    ]
}
