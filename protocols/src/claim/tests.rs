use libp2p::Multiaddr;
use proptest::prelude::*;

use super::*;
use crate::{
    network::{
        Roles,
        samples::{
            self, HOUR, INVITER, NOW, NUMBER, agent, certificate, genesis_of, grant, key, name, public, realm,
        },
    },
    trust::MAX_TIME,
};

/// A claim of the agent with this seed on the backbone.
pub(super) fn claim(seed: u8, tags: &[&str], issued: u64) -> Claim {
    let (card, tags) = (samples::card(seed, 0, None), tags_of(tags));
    let draft = ClaimDraft { card: &card, tags: &tags, issued, expires: issued + LIFE, certificate: None };
    Claim::sign(&Realm::backbone(), &key(seed), draft).unwrap()
}

/// What takes it back.
pub(super) fn withdrawn(seed: u8, issued: u64) -> Claim {
    let card = bare_card(seed, 0);
    let expires = issued + HOUR / 6;
    let draft = ClaimDraft { card: &card, tags: &[], issued, expires, certificate: None };
    Claim::sign(&Realm::backbone(), &key(seed), draft).unwrap()
}

fn bare_card(seed: u8, number: u16) -> Card {
    Card::sign(&key(seed), number, 0, None, &[]).unwrap()
}

fn tags_of(tags: &[&str]) -> Vec<Tag> {
    tags.iter().map(|tag| tag.parse().unwrap()).collect()
}

fn draft<'a>(card: &'a Card, tags: &'a [Tag], certificate: Option<&'a Certificate>) -> ClaimDraft<'a> {
    ClaimDraft { card, tags, issued: NOW, expires: NOW + LIFE, certificate }
}

/// What is read of a claim that is validly signed, whatever it says.
fn forged(realm: &Realm, by: u8, draft: &ClaimDraft<'_>) -> Error {
    let body = Body::new(realm, &public(by), draft);
    Claim::from_bytes(&envelope::seal(&body, &key(by)).unwrap(), realm).unwrap_err()
}

proptest! {
    #[test]
    fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = claim(2, &["ocr"], NOW).as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Claim::from_bytes(&bytes, &Realm::backbone()).is_err());
    }

    #[test]
    fn no_two_keys_are_the_same(one: u32, other: u32, name in "[a-z0-9]{1,9}", tag in "[a-z0-9]{1,9}") {
        prop_assume!(one != other);
        let keys = [
            Key::Address(one),
            Key::Address(other),
            Key::Name(self::name(&format!("{name}x"))),
            Key::Tag(format!("{tag}x").parse().unwrap()),
            Key::Tag(format!("{tag}y").parse().unwrap()),
        ];
        let networks = [realm().id(), Realm::backbone().id()];
        let all: std::collections::BTreeSet<_> =
            networks.iter().flat_map(|network| keys.iter().map(|key| key.bytes(network))).collect();
        prop_assert_eq!(all.len(), keys.len() * networks.len());
        for key in &keys {
            prop_assert_eq!(KeyKind::of(&key.bytes(&networks[0])), Some(key.kind()));
        }
    }
}

#[test]
fn a_claim_reads_back_as_it_was_signed() {
    let (card, tags) = (samples::card(2, NUMBER, Some("ada")), tags_of(&["ocr", "pdf"]));
    let grant = certificate::Grant { name: Some(name("ada")), ..grant(2, Roles::none()) };
    let certificate = Certificate::sign(&realm(), &key(1), None, grant).unwrap();
    let signed = Claim::sign(&realm(), &key(2), draft(&card, &tags, Some(&certificate))).unwrap();
    let read = Claim::from_bytes(signed.as_bytes(), &realm()).unwrap();
    assert_eq!(read, signed);
    assert_eq!((read.agent(), read.address(), read.card()), (agent(2), card.address(), &card));
    assert_eq!((read.tags(), read.certificate()), (&tags[..], Some(&certificate)));
    assert_eq!((read.issued(), read.expires()), (NOW, NOW + LIFE));
    let [ocr, pdf] = [tags[0].clone(), tags[1].clone()];
    let keys = [Key::Address(card.address().node()), Key::Name(name("ada")), Key::Tag(ocr), Key::Tag(pdf)];
    assert_eq!(read.keys(), keys);
    for key in keys {
        assert!(read.belongs_at(&key.bytes(&realm().id())));
        assert!(!read.belongs_at(&key.bytes(&Realm::backbone().id())));
    }
    assert!(!read.belongs_at(&Key::Name(name("bob")).bytes(&realm().id())));
    assert!(!read.belongs_at(b"/airway-name/ada") && !read.belongs_at(b""));
}

#[test]
fn a_withdrawn_claim_belongs_wherever_claims_are_but_at_other_addresses() {
    let (gone, network) = (withdrawn(2, NOW), Realm::backbone().id());
    assert!(gone.is_withdrawn() && !claim(2, &[], NOW).is_withdrawn());
    assert_eq!(gone.keys(), [Key::Address(gone.address().node())]);
    assert!(gone.belongs_at(&Key::Name(name("ada")).bytes(&network)));
    assert!(gone.belongs_at(&Key::Tag("ocr".parse().unwrap()).bytes(&network)));
    assert!(gone.belongs_at(&gone.keys()[0].bytes(&network)));
    assert!(!gone.belongs_at(&Key::Address(7).bytes(&network)) && !gone.belongs_at(b"/pk/x"));
}

#[test]
fn each_rule_has_its_own_error() {
    let (backbone, mesh) = (Realm::backbone(), realm());
    let (card, member) = (samples::card(2, 0, None), samples::card(2, NUMBER, Some("ada")));
    let certificate = certificate(2, INVITER);
    let plain = || draft(&card, &[], None);
    let (third, bare) = (samples::card(3, NUMBER, None), bare_card(2, 0));
    let [one, twice, many] = [&["a"][..], &["a", "b", "a"], &["a", "b", "c", "d"]].map(tags_of);
    let cases = [
        (&backbone, 3, plain(), "OfAnother"),
        (&backbone, 2, ClaimDraft { expires: NOW, ..plain() }, "Validity"),
        (&backbone, 2, ClaimDraft { expires: NOW + LIFE + 1, ..plain() }, "Validity"),
        (&backbone, 2, ClaimDraft { issued: MAX_TIME, expires: MAX_TIME + 1, ..plain() }, "Validity"),
        (&backbone, 2, ClaimDraft { issued: u64::MAX, expires: u64::MAX, ..plain() }, "Validity"),
        (&backbone, 2, ClaimDraft { card: &member, ..plain() }, "Address"),
        (&backbone, 2, ClaimDraft { certificate: Some(&certificate), ..plain() }, "CertificateUnexpected"),
        (&mesh, 2, plain(), "CertificateMissing"),
        (&mesh, 2, draft(&card, &[], Some(&certificate)), "Address"),
        (&mesh, 2, draft(&member, &[], Some(&certificate)), "Name"),
        (&mesh, 3, draft(&third, &[], Some(&certificate)), "OfAnother"),
        (&backbone, 2, draft(&card, &many, None), "TagCount"),
        (&backbone, 2, draft(&card, &twice, None), "TagTwice"),
        (&backbone, 2, draft(&bare, &one, None), "Unreachable"),
    ];
    for (at, (realm, by, draft, why)) in cases.iter().enumerate() {
        let error = forged(realm, *by, draft);
        assert!(format!("{error:?}").starts_with(why), "{at}: {error:?}");
    }
    let foreign = Realm::of(&genesis_of(9));
    assert!(matches!(Claim::from_bytes(claim(2, &[], NOW).as_bytes(), &foreign), Err(Error::Network(_))));
    // Of a twin of the network, with the number and the name of this one.
    let twin = Certificate::sign(&foreign, &key(9), None, grant(2, INVITER)).unwrap();
    let error = forged(&mesh, 2, &draft(&samples::card(2, NUMBER, None), &[], Some(&twin)));
    assert!(matches!(error, Error::Certificate(certificate::Error::Network(_))));
}

#[test]
fn a_claim_stands_in_its_time() {
    let (claim, none) = (claim(2, &[], NOW), Revocations::none());
    assert_eq!(claim.stands(NOW - CLOCK_SKEW - 1, &none), Err(Invalid::NotYet));
    assert_eq!(claim.stands(NOW - CLOCK_SKEW, &none), Ok(()));
    assert_eq!(claim.stands(NOW + LIFE - 1, &none), Ok(()));
    assert_eq!(claim.stands(NOW + LIFE, &none), Err(Invalid::Expired));
}

#[test]
fn a_claim_stands_no_longer_than_its_certificate() {
    let card = samples::card(2, NUMBER, None);
    let grant = certificate::Grant { expires: NOW + HOUR, ..grant(2, Roles::none()) };
    let certificate = Certificate::sign(&realm(), &key(1), None, grant).unwrap();
    let claim = Claim::sign(&realm(), &key(2), draft(&card, &[], Some(&certificate))).unwrap();
    let none = Revocations::none();
    assert_eq!(claim.stands(NOW + HOUR, &none), Ok(()));
    assert_eq!(claim.stands(NOW + HOUR + CLOCK_SKEW, &none), Err(Invalid::Expired));
    let expelled = Revocations::sign(&realm(), &key(1), 1, NOW, &[agent(2)].into()).unwrap();
    assert_eq!(claim.stands(NOW, &expelled), Err(Invalid::Expelled));
}

#[test]
fn the_largest_claim_is_within_the_limit() {
    let long = || Some(name(&"a".repeat(63)));
    let wide = |roles, seed| certificate::Grant { name: long(), ..grant(seed, roles) };
    let both = INVITER | Roles { relay: true, inviter: false };
    let issuer = Certificate::sign(&realm(), &key(1), None, wide(both, 3)).unwrap();
    let member = Roles { relay: true, inviter: false };
    let certificate = Certificate::sign(&realm(), &key(3), Some(&issuer), wide(member, 2)).unwrap();

    let address: Multiaddr =
        format!("/dns/{}/tcp/1", "a".repeat(card::MAX_ADDRESS_BYTES - 6)).parse().unwrap();
    let all = vec![address; card::MAX_ADDRESSES];
    let card = Card::sign(&key(2), NUMBER, certificate.nonce(), long(), &all).unwrap();
    let tags: Vec<Tag> = ["a", "b", "c"].map(|tag| tag.repeat(32).parse().unwrap()).into();
    let claim = Claim::sign(&realm(), &key(2), draft(&card, &tags, Some(&certificate))).unwrap();
    assert!(claim.as_bytes().len() < 2_800, "{}", claim.as_bytes().len());
}
