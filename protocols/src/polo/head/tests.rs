use super::*;
use crate::network::samples::{NOW, agent, key};

fn tip(requester: u8, worker: u8, seq: u64) -> Tip {
    let hash = ReceiptHash::from_bytes([seq as u8; 32]);
    Tip { requester: agent(requester), worker: agent(worker), seq, hash }
}

fn head(tips: Vec<Tip>, with: Option<AgentId>) -> Result<Head, Error> {
    Head::sign(&key(1), tips, with, NOW)
}

#[test]
fn heads_read_back_as_they_were_signed() {
    let signed = head(vec![tip(1, 2, 3), tip(2, 1, 4), tip(1, 3, 5)], None).unwrap();
    let read = Head::from_bytes(signed.as_bytes()).unwrap();
    assert_eq!(read, signed);
    assert_eq!((read.agent(), read.tips().len(), read.with(), read.at()), (agent(1), 3, None, NOW));
    for tip in read.tips() {
        assert_eq!(read.tip(&tip.pair()), Some(tip));
    }
    let none = Head::from_bytes(head(Vec::new(), None).unwrap().as_bytes()).unwrap();
    assert_eq!(none.tips(), []);
}

#[test]
fn a_head_is_about_the_chains_of_its_agent() {
    let pair = |requester, worker| Pair { requester: agent(requester), worker: agent(worker) };
    let all = head(vec![tip(1, 2, 3)], None).unwrap();
    assert!(all.is_about(&pair(1, 2)) && all.is_about(&pair(2, 1)) && all.is_about(&pair(1, 9)));
    assert!(!all.is_about(&pair(2, 3)) && !all.is_about(&pair(1, 1)));
    let some = head(vec![tip(1, 2, 3)], Some(agent(2))).unwrap();
    assert!(some.is_about(&pair(2, 1)) && !some.is_about(&pair(1, 3)));
    assert_eq!((some.tip(&pair(1, 3)), some.with()), (None, Some(agent(2))));
}

#[test]
fn each_rule_has_its_own_error() {
    assert!(matches!(head(vec![tip(2, 3, 1)], None), Err(Error::Foreign)));
    assert!(matches!(head(vec![tip(1, 1, 1)], None), Err(Error::Foreign)));
    assert!(matches!(head(vec![tip(1, 2, 1)], Some(agent(3))), Err(Error::Foreign)));
    assert!(matches!(head(vec![tip(1, 2, 0)], None), Err(Error::Number(0))));
    assert!(matches!(head(vec![tip(1, 2, MAX_NUMBER + 1)], None), Err(Error::Number(_))));
    assert!(matches!(head(vec![tip(1, 2, 1), tip(1, 2, 2)], None), Err(Error::Order)));
    assert!(matches!(Head::sign(&key(1), Vec::new(), None, u64::MAX), Err(Error::Number(u64::MAX))));
    assert!(matches!(head(vec![tip(1, 2, 1); MAX_PAIRS + 1], None), Err(Error::Pairs(_))));

    let sealed = |version, pairs| {
        let agent = key(1).public().try_into_ed25519().unwrap().to_bytes();
        envelope::seal(&Body { version, agent, pairs, with: None, at: NOW }, &key(1)).unwrap()
    };
    assert!(matches!(Head::from_bytes(&sealed(2, Vec::new())), Err(Error::Version(2))));
    let mut descending = vec![tip(1, 2, 1), tip(1, 3, 1)];
    descending.sort_by_key(|tip| std::cmp::Reverse(tip.pair()));
    assert!(matches!(Head::from_bytes(&sealed(1, descending)), Err(Error::Order)));
}

#[test]
fn the_largest_head_is_within_its_limit() {
    let of = |number: usize| {
        let mut bytes = [0xFF; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        AgentId::from_bytes(bytes)
    };
    let tips = (0..MAX_PAIRS).map(|number| Tip { worker: of(number), ..tip(1, 2, MAX_NUMBER) }).collect();
    let largest = head(tips, None).unwrap();
    assert_eq!(largest.tips().len(), MAX_PAIRS);
}
