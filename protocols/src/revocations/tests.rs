use proptest::prelude::*;

use super::*;
use crate::network::samples::{NOW, agent, genesis_of, key, public, realm};

fn list(version: u64, agents: &[AgentId]) -> Result<Revocations, Error> {
    Revocations::sign(&realm(), &key(1), version, NOW, &agents.iter().copied().collect())
}

/// A list that is validly signed, whatever it says.
fn forged(by: u8, change: impl FnOnce(&mut Body)) -> Error {
    let mut body = Body {
        version: VERSION,
        network: realm().id(),
        authority: public(by).to_bytes(),
        number: 1,
        issued: NOW,
        agents: vec![],
    };
    change(&mut body);
    Revocations::from_bytes(&envelope::seal(&body, &key(by)).unwrap(), &realm()).unwrap_err()
}

fn id(byte: u8) -> AgentId {
    AgentId::from_bytes([byte; 32])
}

proptest! {
    #[test]
    fn a_list_holds_who_was_put_on_it(
        on in prop::collection::btree_set(any::<[u8; 32]>(), 0..20), off: [u8; 32], version in 1..=MAX_VERSION,
    ) {
        let on: BTreeSet<_> = on.into_iter().map(AgentId::from_bytes).collect();
        let signed = Revocations::sign(&realm(), &key(1), version, NOW, &on).unwrap();
        let read = Revocations::from_bytes(signed.as_bytes().unwrap(), &realm()).unwrap();
        prop_assert_eq!(&read, &signed);
        prop_assert_eq!((read.version(), read.issued(), read.agents()), (version, NOW, &on));
        prop_assert!(on.iter().all(|agent| read.contains(agent)));
        let off = AgentId::from_bytes(off);
        prop_assert_eq!(read.contains(&off), on.contains(&off));
    }

    #[test]
    fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = list(1, &[agent(2)]).unwrap().as_bytes().unwrap().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Revocations::from_bytes(&bytes, &realm()).is_err());
    }
}

#[test]
fn none_expels_nobody_and_is_older_than_every_list() {
    let none = Revocations::none();
    assert_eq!((none.version(), none.as_bytes(), none.agents().len()), (0, None, 0));
    assert!(!none.contains(&agent(2)) && none.version() < list(1, &[]).unwrap().version());
}

#[test]
fn the_largest_list_is_within_the_limit() {
    let hash = |number: u32| <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(number.to_be_bytes()));
    let agents: Vec<_> = (0..).map(hash).map(AgentId::from_bytes).take(MAX_AGENTS + 1).collect();
    let largest = list(MAX_VERSION, &agents[1..]).unwrap();
    assert_eq!(largest.agents().len(), MAX_AGENTS);
    assert!(largest.as_bytes().unwrap().len() < MAX_BYTES - 1_000);
    assert!(matches!(list(1, &agents), Err(Error::Agents { found: 1_001 })));
}

#[test]
fn each_rule_has_its_own_error() {
    assert!(matches!(list(0, &[]), Err(Error::Number(0))));
    assert!(matches!(list(MAX_VERSION + 1, &[]), Err(Error::Number(_))));
    assert!(matches!(forged(1, |body| body.version = 2), Error::Version(2)));
    assert!(matches!(forged(1, |body| body.issued = MAX_TIME + 1), Error::Time(_)));
    assert!(matches!(forged(1, |body| body.agents = vec![id(2), id(1)]), Error::Order));
    assert!(matches!(forged(1, |body| body.agents = vec![id(1), id(1)]), Error::Order));
    assert!(matches!(forged(2, |_| {}), Error::Authority));

    let foreign = Realm::of(&genesis_of(9));
    let bytes = list(1, &[]).unwrap().as_bytes().unwrap().to_vec();
    assert!(matches!(Revocations::from_bytes(&bytes, &foreign), Err(Error::Network(_))));
    let (backbone, nobody) = (Realm::backbone(), BTreeSet::new());
    assert!(matches!(Revocations::sign(&backbone, &key(1), 1, NOW, &nobody), Err(Error::Authority)));
}
