//! Signed envelopes: as they come, and with a payload that is validly signed whatever it is.

use airway_protocols::{
    envelope::{self, Error, Object, PAYLOAD_TYPE},
    wire,
};
use libp2p::{core::SignedEnvelope, identity::Keypair};
use serde::{Deserialize, Serialize};

/// The object of the golden vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
    text: String,
}

impl Object for Note {
    const DOMAIN: &'static str = "airway-vector-note-v1";
    const MAX_BYTES: usize = 512;

    fn signer(&self) -> &[u8; 32] {
        &self.key
    }
}

/// The first key of the golden vectors.
pub(crate) fn key() -> Keypair {
    Keypair::ed25519_from_bytes([1; 32]).unwrap()
}

/// An envelope around any payload, validly signed by [`key`].
pub(crate) fn signed(domain: &str, payload: &[u8]) -> Vec<u8> {
    let envelope = SignedEnvelope::new(&key(), domain.to_owned(), PAYLOAD_TYPE.to_vec(), payload.to_vec());
    envelope.unwrap().into_protobuf_encoding()
}

/// Opens an envelope.
pub fn bytes(bytes: &[u8]) {
    match envelope::open::<Note>(bytes) {
        Ok(note) => {
            assert!(bytes.len() <= Note::MAX_BYTES, "over the cap");
            let envelope = SignedEnvelope::from_protobuf_encoding(bytes).unwrap();
            assert_eq!(envelope.clone().into_protobuf_encoding(), bytes, "an envelope in two forms");
            let (payload, key) =
                envelope.payload_and_signing_key(Note::DOMAIN.to_owned(), PAYLOAD_TYPE).unwrap();
            assert_eq!(wire::decode::<Note>(payload).unwrap(), note);
            assert_eq!(key.clone().try_into_ed25519().unwrap().to_bytes(), note.key);
        }
        Err(Error::TooLarge { size, max }) => assert!(size == bytes.len() && size > max),
        Err(_) => {}
    }
}

/// Opens an envelope around this payload.
pub fn payload(payload: &[u8]) {
    let envelope = signed(Note::DOMAIN, payload);
    let own = key().public().try_into_ed25519().unwrap().to_bytes();
    match (envelope::open::<Note>(&envelope), wire::decode::<Note>(payload)) {
        (Ok(note), decoded) => {
            assert_eq!(note.key, own, "signed by one and named by another");
            let again = envelope::seal(&note, &key()).unwrap();
            assert_eq!(envelope::open::<Note>(&again).unwrap(), note);
            assert_eq!(decoded.unwrap(), note);
        }
        (Err(Error::TooLarge { size, .. }), _) => assert!(size > Note::MAX_BYTES && size == envelope.len()),
        (Err(Error::Signer), Ok(note)) => assert_ne!(note.key, own),
        (Err(Error::Payload(_)), Err(_)) => {}
        (Err(error), decoded) => panic!("{error}, and yet {decoded:?}"),
    }
}
