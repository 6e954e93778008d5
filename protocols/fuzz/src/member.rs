//! What the authority of a mesh and its inviters sign: certificates and revocation lists, as bytes, and with a payload
//! that the authority has signed whatever it is.

use airway_protocols::{
    address::Address,
    agent::{self, AgentId},
    certificate::{self, Certificate, Error, Grant, Invalid},
    envelope,
    network::{CLOCK_SKEW, Realm, Roles},
    revocations::{self, MAX_AGENTS, MAX_VERSION, Revocations},
    trust::MAX_TIME,
};

use super::{
    envelope::{key, signed},
    network::mesh,
};

/// What the payload of a certificate is signed for.
const CERTIFICATE: &str = "airway-member-v1";

/// What the payload of a revocation list is signed for.
const LIST: &str = "airway-revocations-v1";

/// Reads the envelope of a certificate.
pub fn certificate(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::from_bytes(bytes, &mesh()) {
        assert_eq!(certificate.as_bytes(), bytes, "a certificate in two forms");
        check(&certificate);
    }
}

/// Reads a certificate with this payload, by the authority.
pub fn certificate_payload(payload: &[u8]) {
    let envelope = signed(CERTIFICATE, payload);
    match Certificate::from_bytes(&envelope, &mesh()) {
        Ok(certificate) => {
            check(&certificate);
            let grant = Grant {
                member: certificate.public_key().clone(),
                nonce: certificate.nonce(),
                name: certificate.name().cloned(),
                roles: certificate.roles(),
                not_before: certificate.not_before(),
                expires: certificate.expires(),
                serial: *certificate.serial(),
            };
            let again = Certificate::sign(&mesh(), &key(), None, grant).unwrap();
            assert!(again.as_bytes().len() <= envelope.len(), "longer when signed again");
            assert_eq!(again.address(), certificate.address());
        }
        Err(Error::Envelope(envelope::Error::TooLarge { size, .. })) => {
            assert!(size == envelope.len() && size > certificate::MAX_BYTES);
        }
        Err(Error::NoAuthority) => panic!("the mesh has an authority"),
        Err(_) => {}
    }
}

/// What holds for every certificate of the mesh that was accepted.
pub(crate) fn check(certificate: &Certificate) {
    assert!(certificate.as_bytes().len() <= certificate::MAX_BYTES);
    assert!(!agent::is_weak(certificate.public_key()));
    assert_eq!(AgentId::of_peer(&certificate.peer()), Ok(certificate.agent()));
    let derived = Address::derive(certificate.address().network(), &certificate.agent(), certificate.nonce());
    assert_eq!(derived, Ok((certificate.address(), certificate.nonce())));
    assert!(certificate.issuer().is_none() || !certificate.roles().inviter, "an inviter made an inviter");
    assert_eq!(Roles::from_bits(certificate.roles().bits()), Ok(certificate.roles()));

    let (from, to, none) = (certificate.not_before(), certificate.expires(), Revocations::none());
    assert!(from < to && to <= MAX_TIME);
    assert_eq!(certificate.stands(from, &none), Ok(()));
    assert_eq!(certificate.stands(to + CLOCK_SKEW, &none), Err(Invalid::Expired));
    assert!(from <= CLOCK_SKEW || certificate.stands(0, &none) == Err(Invalid::NotYet));
    assert!(Certificate::from_bytes(certificate.as_bytes(), &Realm::backbone()).is_err());
}

/// Reads the envelope of a revocation list.
pub fn revocations(bytes: &[u8]) {
    if let Ok(list) = Revocations::from_bytes(bytes, &mesh()) {
        assert_eq!(list.as_bytes(), Some(bytes), "a list in two forms");
        check_list(&list);
    }
}

/// Reads a revocation list with this payload, by the authority.
pub fn revocations_payload(payload: &[u8]) {
    let envelope = signed(LIST, payload);
    match Revocations::from_bytes(&envelope, &mesh()) {
        Ok(list) => {
            check_list(&list);
            let again =
                Revocations::sign(&mesh(), &key(), list.version(), list.issued(), list.agents()).unwrap();
            assert!(again.as_bytes().is_some_and(|again| again.len() <= envelope.len()));
            assert_eq!(again.agents(), list.agents());
        }
        Err(revocations::Error::Envelope(envelope::Error::TooLarge { size, .. })) => {
            assert!(size == envelope.len() && size > revocations::MAX_BYTES);
        }
        Err(revocations::Error::Number(number)) => assert!(number == 0 || number > MAX_VERSION),
        Err(revocations::Error::Time(time)) => assert!(time > MAX_TIME),
        Err(revocations::Error::Agents { found }) => assert!(found > MAX_AGENTS),
        Err(_) => {}
    }
}

/// What holds for every list that was accepted.
fn check_list(list: &Revocations) {
    assert!((1..=MAX_VERSION).contains(&list.version()) && list.issued() <= MAX_TIME);
    assert!(list.agents().len() <= MAX_AGENTS);
    assert!(list.agents().iter().all(|agent| list.contains(agent)));
    assert!(list.as_bytes().is_some_and(|bytes| bytes.len() <= revocations::MAX_BYTES));
}
