use proptest::prelude::*;

use super::{body::Body, *};
use crate::{
    certificate::Grant,
    envelope::{PAYLOAD_TYPE, seal},
    events::{MAX_PAYLOAD, MAX_TOPIC},
    network::{
        Realm, Roles,
        samples::{INVITER, NOW, certificate, genesis_of, grant, key, name, public, realm},
    },
    wire,
};

const MEMBER: Roles = Roles { relay: false, inviter: false };

fn topic() -> Topic {
    "builds/done".parse().unwrap()
}

fn position() -> Position {
    Position { epoch: 3, seq: 17 }
}

fn broadcast(seed: u8, payload: &[u8]) -> Broadcast {
    let certificate = certificate(seed, MEMBER);
    Broadcast::sign(&key(seed), realm().id(), topic(), position(), NOW, payload.to_vec(), &certificate)
        .unwrap()
}

fn read(bytes: &[u8]) -> Result<Broadcast, Error> {
    Broadcast::from_bytes(bytes, &realm().id(), |bytes| Certificate::from_bytes(bytes, &realm()))
}

/// A payload of agent 2 that is free to break the rules.
fn body(network: NetworkId, by: u8, payload: Vec<u8>, certificate: &Certificate) -> Body {
    Body::new(network, &public(by), topic(), position(), NOW, payload, certificate)
}

/// What is read of a body that its author has validly signed, whatever it says.
fn refused(body: &Body, by: u8) -> Error {
    read(&seal(body, &key(by)).unwrap()).unwrap_err()
}

proptest! {
    #[test]
    fn a_changed_bit_is_noticed_and_has_another_id(at: prop::sample::Index, bit in 0..8) {
        let original = broadcast(2, b"hello");
        let mut bytes = original.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(read(&bytes).is_err());
        prop_assert_ne!(message_id(&bytes), original.id());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
    }
}

#[test]
fn what_was_signed_is_read_back() {
    let (signed, certificate) = (broadcast(2, b"hello"), certificate(2, MEMBER));
    let received = read(signed.as_bytes()).unwrap();
    assert_eq!(received, signed);
    assert_eq!((received.topic(), received.position(), received.at()), (&topic(), position(), NOW));
    assert_eq!(received.payload(), b"hello");
    assert_eq!((received.publisher(), received.peer()), (certificate.agent(), certificate.peer()));
    assert_eq!(received.certificate(), &certificate);
    assert_eq!(received.id(), message_id(signed.as_bytes()));
}

/// Author, topic, epoch and number are those of the original: an id that is made of them would have the original taken for
/// what was had before.
#[test]
fn a_forgery_sent_ahead_has_another_message_id_than_the_original_and_fails() {
    let original = broadcast(2, b"the build is done");
    let forged = body(realm().id(), 2, b"rm -rf /".to_vec(), &certificate(2, MEMBER));
    let payload = wire::encode(&forged).unwrap();
    let signed_by_another = {
        use libp2p::core::SignedEnvelope;
        let domain = "airway-event-v1".to_owned();
        SignedEnvelope::new(&key(3), domain, PAYLOAD_TYPE.to_vec(), payload).unwrap().into_protobuf_encoding()
    };
    let with_the_originals_signature = {
        let mut bytes = original.as_bytes().to_vec();
        let at = bytes.windows(5).position(|part| part == b"build").unwrap();
        bytes[at] ^= 1;
        bytes
    };
    let with_another_signature = {
        let mut bytes = original.as_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    for forgery in [signed_by_another, with_the_originals_signature, with_another_signature] {
        assert_ne!(message_id(&forgery), original.id());
        assert!(matches!(
            read(&forgery),
            Err(Error::Envelope(envelope::Error::Signature | envelope::Error::Signer))
        ));
    }
    assert_eq!(read(original.as_bytes()).unwrap(), original);
}

/// Whoever forwards a broadcast cannot write it another way: it would go round once more under another id.
#[test]
fn another_encoding_of_the_same_envelope_is_refused() {
    let bytes = broadcast(2, b"hello").as_bytes().to_vec();
    let length = usize::from(bytes[1]);
    let (public_key, rest) = bytes.split_at(2 + length);
    let (payload_type, rest) = rest.split_at(2 + PAYLOAD_TYPE.len());
    let longer_length = [&[bytes[0], bytes[1] | 0x80, 0x00], &bytes[2..]].concat();
    let others = [
        [&bytes[..], &[0x30, 0x00]].concat(),
        [payload_type, public_key, rest].concat(),
        [public_key, payload_type, payload_type, rest].concat(),
        [public_key, public_key, payload_type, rest].concat(),
        longer_length,
    ];
    for other in others {
        assert_ne!(message_id(&other), message_id(&bytes));
        let refused = read(&other);
        assert!(
            matches!(
                refused,
                Err(Error::Envelope(envelope::Error::NotCanonical | envelope::Error::Malformed(_)))
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn each_rule_has_its_own_error() {
    let (member, network) = (certificate(2, MEMBER), realm().id());
    let good = body(network, 2, vec![], &member);
    assert!(read(&seal(&good, &key(2)).unwrap()).is_ok());

    let foreign = Realm::of(&genesis_of(9));
    assert!(matches!(
        refused(&body(foreign.id(), 2, vec![], &member), 2),
        Error::Network(id) if id == foreign.id()
    ));
    let size = MAX_PAYLOAD + 1;
    let over = refused(&body(network, 2, vec![0; size], &member), 2);
    assert!(matches!(over, Error::Invalid(Invalid::Payload { size: found }) if found == size));
    assert!(matches!(refused(&body(network, 3, vec![], &member), 3), Error::OfAnother));
    let foreign = Certificate::sign(&foreign, &key(9), None, grant(2, MEMBER)).unwrap();
    let of_another_network = refused(&body(network, 2, vec![], &foreign), 2);
    assert!(matches!(of_another_network, Error::Certificate(certificate::Error::Network(_))));
    let unknown = Broadcast::from_bytes(&seal(&good, &key(2)).unwrap(), &network, |_| {
        Err(certificate::Error::NoAuthority)
    });
    assert!(matches!(unknown, Err(Error::Certificate(certificate::Error::NoAuthority))), "{unknown:?}");
}

#[test]
fn what_nobody_would_forward_is_not_signed() {
    let sign = |by, payload, certificate: &Certificate| {
        Broadcast::sign(&key(by), realm().id(), topic(), position(), NOW, payload, certificate)
    };
    assert!(matches!(sign(3, vec![], &certificate(2, MEMBER)), Err(Error::OfAnother)));
    for size in [MAX_PAYLOAD + 1, 2 * MAX_BYTES] {
        assert!(matches!(sign(2, vec![0; size], &certificate(2, MEMBER)), Err(Error::Invalid(_))));
    }
}

/// The certificate is looked at last, so that whoever has no signature makes nobody verify one more.
#[test]
fn a_certificate_is_not_looked_at_for_nothing() {
    let mut bytes = broadcast(2, b"hello").as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let looked = Broadcast::from_bytes(&bytes, &realm().id(), |_| panic!("looked at a certificate"));
    assert!(looked.is_err());
}

#[test]
fn the_largest_broadcast_fits_its_envelope_and_gossipsubs_frame() {
    let longest = "a".repeat(63);
    let inviter = Grant { name: Some(name(&longest)), ..grant(2, INVITER) };
    let inviter = Certificate::sign(&realm(), &key(1), None, inviter).unwrap();
    let member = Grant { name: Some(name(&longest)), ..grant(3, MEMBER) };
    let member = Certificate::sign(&realm(), &key(2), Some(&inviter), member).unwrap();
    let (topic, end) = ("a".repeat(MAX_TOPIC).parse().unwrap(), Position { epoch: u64::MAX, seq: u64::MAX });
    let largest =
        Broadcast::sign(&key(3), realm().id(), topic, end, u64::MAX, vec![0; MAX_PAYLOAD], &member).unwrap();
    assert_eq!(read(largest.as_bytes()).unwrap(), largest);
    let size = largest.as_bytes().len() + certificate::MAX_BYTES - member.as_bytes().len();
    assert!(size < 63_000, "{size}");
    assert!(MAX_BYTES + realm().events_topic().unwrap().len() + 64 < MAX_TRANSMIT);
}

#[test]
fn only_networks_with_an_authority_have_broadcasts() {
    let realm = realm();
    assert_eq!(realm.meshsub().unwrap().as_ref(), format!("/airway/{}/meshsub/1.1.0", realm.tag()));
    assert_eq!(realm.events_topic().unwrap(), format!("/airway/{}/events", realm.tag()));
    assert_ne!(realm.events_topic(), Realm::of(&genesis_of(9)).events_topic());
}
