//! Claims: as bytes, with a payload that is validly signed whatever it is, and in sets.

use airway_protocols::{
    certificate::Invalid,
    claim::{
        Claim, ClaimDraft, Error, KeyKind, LIFE, MAX_BYTES, fetch,
        set::{self, MAX_CLAIMS, MAX_RIVALS, MAX_VALUE},
    },
    envelope,
    network::Realm,
    revocations::Revocations,
    tag::MAX_TAGS,
    trust::MAX_TIME,
};
use futures::executor::block_on;

use super::{
    envelope::{key, signed},
    member,
    network::mesh,
    talk::Talk,
};

/// What the payload of a claim is signed for.
const DOMAIN: &str = "airway-claim-v1";

/// Reads the envelope of a claim, in a network with an authority and in one without.
pub fn bytes(bytes: &[u8]) {
    for realm in [mesh(), Realm::backbone()] {
        if let Ok(claim) = Claim::from_bytes(bytes, &realm) {
            assert_eq!(claim.as_bytes(), bytes, "a claim in two forms");
            check(&claim, &realm);
        }
    }
}

/// Reads a claim with this payload, which everybody may sign for a key of their own.
pub fn payload(payload: &[u8]) {
    let envelope = signed(DOMAIN, payload);
    for realm in [mesh(), Realm::backbone()] {
        match Claim::from_bytes(&envelope, &realm) {
            Ok(claim) => {
                assert_eq!(claim.card().peer_id(), key().public().to_peer_id(), "a claim by somebody else");
                check(&claim, &realm);
                let draft = ClaimDraft {
                    card: claim.card(),
                    tags: claim.tags(),
                    issued: claim.issued(),
                    expires: claim.expires(),
                    certificate: claim.certificate(),
                };
                let again = Claim::sign(&realm, &key(), draft).unwrap();
                assert!(again.as_bytes().len() <= envelope.len(), "longer when signed again");
                assert_eq!(again.keys(), claim.keys());
            }
            Err(Error::Envelope(envelope::Error::TooLarge { size, .. })) => {
                assert!(size == envelope.len() && size > MAX_BYTES);
            }
            Err(Error::CertificateMissing) => assert!(realm.authority().is_some()),
            Err(Error::CertificateUnexpected) => assert!(realm.authority().is_none()),
            Err(Error::TagCount { found }) => assert!(found > MAX_TAGS),
            Err(_) => {}
        }
    }
}

/// What holds for every claim that was accepted.
fn check(claim: &Claim, realm: &Realm) {
    assert!(claim.as_bytes().len() <= MAX_BYTES && claim.tags().len() <= MAX_TAGS);
    assert_eq!(claim.address().network(), realm.number());
    assert_eq!(claim.certificate().is_some(), realm.authority().is_some());
    let (issued, expires) = (claim.issued(), claim.expires());
    assert!(issued < expires && expires <= MAX_TIME && expires - issued <= LIFE);
    assert!(claim.stands(expires, &Revocations::none()) != Ok(()));
    if let Some(certificate) = claim.certificate() {
        member::check(certificate);
        assert_eq!((claim.agent(), claim.address()), (certificate.agent(), certificate.address()));
        assert!(claim.card().name().is_none() || claim.card().name() == certificate.name());
    } else {
        assert_eq!(claim.stands(issued, &Revocations::none()), Ok(()));
        assert_eq!(claim.stands(expires, &Revocations::none()), Err(Invalid::Expired));
    }

    let keys = claim.keys();
    assert_eq!(keys.len(), 1 + usize::from(claim.card().name().is_some()) + claim.tags().len());
    assert!(!claim.is_withdrawn() || keys.len() == 1);
    for key in keys {
        let bytes = key.bytes(&realm.id());
        assert!(claim.belongs_at(&bytes) && KeyKind::of(&bytes) == Some(key.kind()));
    }
}

/// Reads a set of claims, and merges each.
pub fn set(bytes: &[u8]) {
    let Ok(envelopes) = set::split(bytes) else { return };
    assert!(bytes.len() <= MAX_VALUE && envelopes.len() <= MAX_CLAIMS);
    for realm in [mesh(), Realm::backbone()] {
        let claims = envelopes.iter().filter_map(|envelope| Claim::from_bytes(envelope, &realm).ok());
        let claims: Vec<_> = claims.collect();
        for (kind, most) in
            [(KeyKind::Address, MAX_RIVALS), (KeyKind::Name, MAX_RIVALS), (KeyKind::Tag, MAX_CLAIMS)]
        {
            let mut known = Vec::new();
            for claim in &claims {
                let before = known.clone();
                let changed = set::merge(&mut known, claim.clone(), kind);
                assert!(changed == (known != before) && known.len() <= most);
                assert!(!set::merge(&mut known, claim.clone(), kind), "the same claim changed it twice");
            }
            let value = set::join(&known);
            let again: Vec<_> = known.iter().map(|claim| claim.as_bytes().to_vec()).collect();
            assert_eq!(set::split(&value), Ok(again), "lost in writing");
        }
    }
}

/// Hears which key is asked for.
pub fn request(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(fetch::hear(&mut stream)) {
        Ok(key) => {
            let mut opener = Talk::new(&[]);
            assert!(matches!(block_on(fetch::ask(&mut opener, &key)), Err(fetch::Error::NoAnswer)));
            assert!(opener.said.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(fetch::hear(&mut Talk::trickle(&opener.said))).unwrap(), key);
        }
        Err(fetch::Error::Ended) => assert!(bytes.is_empty()),
        Err(fetch::Error::Wire(_)) => {}
        Err(other) => panic!("a responder cannot fail so: {other}"),
    }
}

/// Asks for a key and takes the input for the answer.
pub fn answer(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(fetch::ask(&mut stream, b"key")) {
        Ok(claim) => {
            let mut responder = Talk::new(&[]);
            block_on(fetch::answer(&mut responder, &claim)).unwrap();
            assert!(responder.said.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(fetch::ask(&mut Talk::trickle(&responder.said), b"key")).unwrap(), claim);
        }
        Err(fetch::Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(fetch::Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}
