use data_encoding::BASE64URL_NOPAD as BASE64URL;
use proptest::prelude::*;

use super::*;
use crate::{
    network::samples::{
        INVITER, NOW, NUMBER, addresses, card, certificate, genesis, genesis_of, key, name, public,
    },
    trust::MAX_TIME,
};

const SECRET: [u8; SECRET_BYTES] = [0xA7; SECRET_BYTES];

/// What the inviter 2 of the mesh would sign.
struct Parts {
    genesis: Genesis,
    card: Card,
    certificate: Certificate,
    bootstraps: Vec<Multiaddr>,
}

fn parts() -> Parts {
    let bootstraps =
        vec![format!("/ip4/192.0.2.1/tcp/1/p2p/{}", card(3, 0, None).peer_id()).parse().unwrap()];
    let (card, certificate) = (card(2, NUMBER, Some("ada")), certificate(2, INVITER));
    Parts { genesis: genesis(), card, certificate, bootstraps }
}

fn draft(parts: &Parts) -> InviteDraft<'_> {
    InviteDraft {
        genesis: &parts.genesis,
        card: &parts.card,
        certificate: &parts.certificate,
        id: InviteId::from_bytes([1; 16]),
        secret: SECRET,
        expires: NOW,
        roles: Roles { relay: true, inviter: true },
        reusable: true,
        ephemeral: false,
        bootstraps: &parts.bootstraps,
    }
}

fn invite() -> Invite {
    Invite::sign(&key(2), draft(&parts())).unwrap()
}

/// The text around any contents, with a digest that fits.
fn text(contents: &[u8]) -> String {
    format!("{PREFIX}{}", BASE64URL.encode(&[contents, &secret::check(contents)].concat()))
}

fn read(text: &str) -> Error {
    text.parse::<Invite>().unwrap_err()
}

/// What is read of an invite after `change`, validly signed by the key with this seed.
fn forged(by: u8, change: impl FnOnce(&mut Parts)) -> Error {
    let mut parts = parts();
    change(&mut parts);
    let body = Body::new(&public(by), &draft(&parts));
    let envelope = envelope::seal(&body, &key(by)).unwrap();
    read(&text(&[&envelope[..], &SECRET].concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_character_is_noticed(at: prop::sample::Index, new in "[A-Za-z0-9_-]") {
        let text = invite().to_string();
        let at = PREFIX.len() + at.index(text.len() - PREFIX.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &new);
        prop_assume!(changed != text);
        prop_assert!(matches!(read(&changed), Error::Altered));
    }

    #[test]
    fn an_invite_cut_short_is_refused(cut: prop::sample::Index) {
        let text = invite().to_string();
        prop_assert!(text[..cut.index(text.len())].parse::<Invite>().is_err());
    }

    #[test]
    fn any_text_parses_or_fails(text in "(airway-net:)?\\PC{0,80}") {
        prop_assert!(text.parse::<Invite>().is_err());
    }
}

#[test]
fn an_invite_reads_back_as_it_was_signed() {
    let (signed, parts) = (invite(), parts());
    let read: Invite = format!(" {signed}\n").parse().unwrap();
    assert_eq!(read.to_string(), signed.to_string());
    assert_eq!((read.genesis(), read.realm()), (&parts.genesis, &Realm::of(&parts.genesis)));
    assert_eq!((read.inviter(), read.certificate()), (&parts.card, &parts.certificate));
    assert_eq!((read.id(), read.expires()), (InviteId::from_bytes([1; 16]), NOW));
    assert_eq!((read.roles().bits(), read.reusable(), read.ephemeral()), (3, true, false));
    assert_eq!(read.bootstraps(), parts.bootstraps);
}

#[test]
fn the_secret_is_not_shown_but_in_the_text() {
    let parts = parts();
    for shown in [format!("{:?}", invite()), format!("{:?}", draft(&parts))] {
        assert!(shown.contains(&"01".repeat(16)));
        assert!(!shown.contains("167, 167") && !shown.to_lowercase().contains("a7a7"), "{shown}");
    }
}

#[test]
fn a_proof_is_good_for_one_joiner_one_invite_and_one_secret() {
    let (network, id) = (genesis().id(), InviteId::from_bytes([1; 16]));
    let proof = invite().prove(&public(5));
    assert!(proves(&SECRET, &network, &id, &public(5), &proof));
    assert!(!proves(&[0; 16], &network, &id, &public(5), &proof));
    assert!(!proves(&SECRET, &genesis_of(9).id(), &id, &public(5), &proof));
    assert!(!proves(&SECRET, &network, &InviteId::from_bytes([2; 16]), &public(5), &proof));
    assert!(!proves(&SECRET, &network, &id, &public(6), &proof));
    for at in 0..proof.len() {
        let mut wrong = proof;
        wrong[at] ^= 1;
        assert!(!proves(&SECRET, &network, &id, &public(5), &wrong), "{at}");
    }
}

#[test]
fn each_wrong_text_has_its_own_error() {
    assert!(matches!(read("hello"), Error::NotAnInvite));
    assert!(matches!(read(&parts().card.to_string()), Error::Card));
    assert!(matches!(read("airway-pair:AAAA"), Error::Ticket));
    assert!(matches!(read(&format!("{PREFIX}{}", "A".repeat(7_000))), Error::TooLong));
    assert!(matches!(read(PREFIX), Error::Altered));
    let whole = invite().to_string();
    assert!(matches!(read(&whole[..whole.len() - 4]), Error::Altered));
    assert!(matches!(read(&text(&[0; 15])), Error::Altered));
    assert!(matches!(read(&text(&[0; 40])), Error::Envelope(_)));
}

#[test]
fn each_rule_has_its_own_error() {
    assert!(matches!(forged(3, |_| {}), Error::OfAnother));
    assert!(matches!(forged(2, |parts| parts.card = card(3, NUMBER, None)), Error::OfAnother));
    assert!(matches!(forged(2, |parts| parts.certificate = certificate(3, INVITER)), Error::OfAnother));
    let plain = |parts: &mut Parts| parts.certificate = certificate(2, Roles::none());
    assert!(matches!(forged(2, plain), Error::NotInviter));
    assert!(matches!(forged(2, |parts| parts.card = card(2, 0, None)), Error::Address));
    assert!(matches!(forged(2, |parts| parts.genesis = genesis_of(9)), Error::Certificate(_)));
    let more = |parts: &mut Parts| parts.bootstraps = vec![parts.bootstraps[0].clone(); MAX_BOOTSTRAPS + 1];
    assert!(matches!(forged(2, more), Error::BootstrapCount { found: 5 }));
    let long: Multiaddr = format!("/dns/{}{}", "a".repeat(140), parts().bootstraps[0]).parse().unwrap();
    for wrong in [addresses()[0].clone(), Multiaddr::empty(), long] {
        assert!(matches!(forged(2, |parts| parts.bootstraps = vec![wrong]), Error::Bootstrap));
    }
    let parts = parts();
    let late = InviteDraft { expires: MAX_TIME + 1, ..draft(&parts) };
    assert!(matches!(Invite::sign(&key(2), late), Err(Error::Time(_))));
}

#[test]
fn the_largest_invite_is_within_the_limit() {
    let mut parts = parts();
    let peer = parts.card.peer_id();
    let longest =
        |length: usize| -> Multiaddr { format!("/dns/{}/tcp/1", "a".repeat(length - 5)).parse().unwrap() };
    let address = longest(card::MAX_ADDRESS_BYTES);
    assert_eq!(address.to_vec().len(), card::MAX_ADDRESS_BYTES);
    let name = Some(name(&"a".repeat(63)));
    parts.card = Card::sign(&key(2), NUMBER, 0, name, &vec![address.clone(); card::MAX_ADDRESSES]).unwrap();
    parts.bootstraps = vec![address.with_p2p(peer).unwrap(); MAX_BOOTSTRAPS];
    let invite = Invite::sign(&key(2), draft(&parts)).unwrap();
    assert_eq!(invite.to_string().parse::<Invite>().unwrap().bootstraps(), parts.bootstraps);
}
