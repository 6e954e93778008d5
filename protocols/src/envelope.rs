//! Signed objects: a libp2p signed envelope (RFC 0002) around one CBOR message.
//!
//! Each kind of object has its own domain string, so that a signature made for one is worth nothing for another. The
//! signature is verified over the bytes as received; only then are they decoded.

use libp2p::{
    core::{SignedEnvelope, signed_envelope},
    identity::{Keypair, SigningError},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    agent,
    wire::{self, cbor},
};

/// What every envelope of ours says that it holds.
pub const PAYLOAD_TYPE: &[u8] = b"/airway/cbor";

/// A message that is only ever sent signed.
pub trait Object: Serialize + DeserializeOwned {
    /// Keeps signatures over this kind of object apart from all others: `airway-<kind>-v1`.
    const DOMAIN: &'static str;

    /// Cap of the whole envelope, in bytes; a longer one is refused unread.
    const MAX_BYTES: usize;

    /// The Ed25519 public key that the object names as its author's.
    fn signer(&self) -> &[u8; 32];
}

/// Why an object was not sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is longer than objects of this kind may be.
    #[error("an envelope of {size} bytes is over the limit of {max}")]
    TooLarge {
        /// Bytes of the envelope.
        size: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The bytes are no signed envelope.
    #[error("not a signed envelope")]
    Malformed(#[source] signed_envelope::DecodingError),
    /// The envelope is not in the one form that sealing writes, so that the same object could go under many hashes.
    #[error("the envelope has an unusual encoding")]
    NotCanonical,
    /// The key in the envelope is not an Ed25519 key.
    #[error("the signer has no ed25519 key")]
    NotEd25519,
    /// The key in the envelope is of small order, so that anybody could have made the signature.
    #[error("the key of the signer is weak: anybody can sign with it")]
    WeakKey,
    /// The envelope says that it holds something else.
    #[error("the envelope holds another type of payload")]
    PayloadType,
    /// The signature does not fit: the bytes were altered, or signed as another kind of object.
    #[error("the signature does not fit")]
    Signature,
    /// The payload is validly signed, but not a valid object of this kind.
    #[error("the signed payload is not valid")]
    Payload(#[source] cbor::Error),
    /// The object names another author than the key that signed it.
    #[error("the object was signed by another key than it names")]
    Signer,
    /// The key cannot sign. Cannot happen with Ed25519 keys.
    #[error("the key cannot sign")]
    Sign(#[source] SigningError),
}

/// Signs `object`, and returns the envelope as bytes.
///
/// # Errors
///
/// [`Error::NotEd25519`] and [`Error::Signer`] if `key` is not the one that the object names, [`Error::TooLarge`] and
/// [`Error::Payload`] if nobody would open the result.
pub fn seal<T: Object>(object: &T, key: &Keypair) -> Result<Vec<u8>, Error> {
    let public = key.public().try_into_ed25519().map_err(|_| Error::NotEd25519)?;
    if public.to_bytes() != *object.signer() {
        return Err(Error::Signer);
    }
    let payload = wire::encode(object).map_err(Error::Payload)?;
    let envelope = SignedEnvelope::new(key, T::DOMAIN.to_owned(), PAYLOAD_TYPE.to_vec(), payload)
        .map_err(Error::Sign)?
        .into_protobuf_encoding();
    within_limit::<T>(&envelope)?;
    Ok(envelope)
}

/// Verifies an envelope and returns the object inside.
///
/// # Errors
///
/// [`Error`] with one variant for each check, in the order: size, form, key type, payload type, signature, payload, author.
pub fn open<T: Object>(bytes: &[u8]) -> Result<T, Error> {
    within_limit::<T>(bytes)?;
    let envelope = SignedEnvelope::from_protobuf_encoding(bytes).map_err(Error::Malformed)?;
    if envelope.clone().into_protobuf_encoding() != bytes {
        return Err(Error::NotCanonical);
    }
    let (payload, key) = envelope.payload_and_signing_key(T::DOMAIN.to_owned(), PAYLOAD_TYPE).map_err(
        |error| match error {
            signed_envelope::ReadPayloadError::InvalidSignature => Error::Signature,
            signed_envelope::ReadPayloadError::UnexpectedPayloadType { .. } => Error::PayloadType,
        },
    )?;
    let key = key.clone().try_into_ed25519().map_err(|_| Error::NotEd25519)?;
    if agent::is_weak(&key) {
        return Err(Error::WeakKey);
    }
    let object: T = wire::decode(payload).map_err(Error::Payload)?;
    if key.to_bytes() == *object.signer() { Ok(object) } else { Err(Error::Signer) }
}

fn within_limit<T: Object>(envelope: &[u8]) -> Result<(), Error> {
    let (size, max) = (envelope.len(), T::MAX_BYTES);
    if size > max { Err(Error::TooLarge { size, max }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Note {
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
        text: String,
    }

    impl Object for Note {
        const DOMAIN: &'static str = "airway-test-note-v1";
        const MAX_BYTES: usize = 512;

        fn signer(&self) -> &[u8; 32] {
            &self.key
        }
    }

    fn note(key: &Keypair, text: &str) -> Note {
        Note { key: key.public().try_into_ed25519().unwrap().to_bytes(), text: text.to_owned() }
    }

    /// An envelope with contents of the caller's choice, validly signed.
    fn envelope(key: &Keypair, domain: &str, payload_type: &[u8], payload: Vec<u8>) -> Vec<u8> {
        SignedEnvelope::new(key, domain.to_owned(), payload_type.to_vec(), payload)
            .unwrap()
            .into_protobuf_encoding()
    }

    proptest! {
        #[test]
        fn any_bytes_open_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(open::<Note>(&bytes).is_err());
        }

        #[test]
        fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
            let key = Keypair::generate_ed25519();
            let mut bytes = seal(&note(&key, "hello"), &key).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            prop_assert!(open::<Note>(&bytes).is_err());
        }
    }

    #[test]
    fn a_sealed_object_opens() {
        let key = Keypair::generate_ed25519();
        let note = note(&key, "hello");
        assert_eq!(open::<Note>(&seal(&note, &key).unwrap()).unwrap(), note);
    }

    #[test]
    fn only_the_named_author_can_seal() {
        let (key, other) = (Keypair::generate_ed25519(), Keypair::generate_ed25519());
        assert!(matches!(seal(&note(&key, ""), &other), Err(Error::Signer)));
    }

    #[test]
    fn each_wrong_envelope_has_its_own_error() {
        let (key, other) = (Keypair::generate_ed25519(), Keypair::generate_ed25519());
        let payload = wire::encode(&note(&key, "hello")).unwrap();
        let good = envelope(&key, Note::DOMAIN, PAYLOAD_TYPE, payload.clone());
        assert!(open::<Note>(&good).is_ok());

        let opened = |bytes: &[u8]| open::<Note>(bytes).unwrap_err();
        assert!(matches!(opened(&[0; 513]), Error::TooLarge { size: 513, max: 512 }));
        assert!(matches!(opened(&good[..good.len() - 1]), Error::Malformed(_)));
        assert!(matches!(opened(&[&good[..], &[0x30, 0x00]].concat()), Error::NotCanonical));
        let foreign = envelope(&key, "airway-other-v1", PAYLOAD_TYPE, payload.clone());
        assert!(matches!(opened(&foreign), Error::Signature));
        assert!(matches!(opened(&envelope(&key, Note::DOMAIN, b"/x", payload.clone())), Error::PayloadType));
        assert!(matches!(opened(&envelope(&other, Note::DOMAIN, PAYLOAD_TYPE, payload)), Error::Signer));
        assert!(matches!(opened(&envelope(&key, Note::DOMAIN, PAYLOAD_TYPE, vec![0xA0])), Error::Payload(_)));
    }

    /// A signature of the neutral point and 0: it fits everything, under the key that is the neutral point.
    #[test]
    fn what_anybody_can_sign_is_refused() {
        let field = |tag: u8, bytes: &[u8]| [&[tag, bytes.len() as u8], bytes].concat();
        let neutral = [&[1][..], &[0; 31]].concat();
        for key in agent::weak::tests::weak_keys() {
            let note = Note { key: key.to_bytes(), text: "hello".into() };
            let public = [&[0x08, 0x01][..], &field(0x12, &note.key)].concat();
            let payload = wire::encode(&note).unwrap();
            let signature = [&neutral[..], &[0; 32]].concat();
            let parts = [
                field(0x0A, &public),
                field(0x12, PAYLOAD_TYPE),
                field(0x1A, &payload),
                field(0x2A, &signature),
            ];
            let fits = key.to_bytes()[..] == neutral;
            match open::<Note>(&parts.concat()) {
                Err(Error::WeakKey) => {}
                Err(Error::Signature) if !fits => {}
                other => panic!("{key:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_object_over_its_limit_is_not_sealed() {
        let key = Keypair::generate_ed25519();
        assert!(matches!(seal(&note(&key, &"x".repeat(500)), &key), Err(Error::TooLarge { .. })));
    }
}
