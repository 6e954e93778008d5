use airway_protocols::{
    envelope::{self, Object, PAYLOAD_TYPE},
    wire,
};
use libp2p::{core::SignedEnvelope, identity::Keypair};
use serde::{Deserialize, Serialize};

use super::support::{File, RefusedBytes, golden, hex, key, why};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
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

#[derive(Serialize)]
struct Sealed {
    seed: String,
    domain: &'static str,
    payload_type: String,
    text: String,
    payload: String,
    bytes: String,
}

fn note(seed: u8, text: &str) -> Note {
    Note { key: key(seed).public().try_into_ed25519().unwrap().to_bytes(), text: text.to_owned() }
}

fn sealed((seed, text): (u8, &str)) -> Sealed {
    let note = note(seed, text);
    let bytes = envelope::seal(&note, &key(seed)).unwrap();
    assert_eq!(envelope::open::<Note>(&bytes).unwrap(), note);
    Sealed {
        seed: hex([seed; 32]),
        domain: Note::DOMAIN,
        payload_type: hex(PAYLOAD_TYPE),
        text: text.to_owned(),
        payload: hex(wire::encode(&note).unwrap()),
        bytes: hex(bytes),
    }
}

/// A note whose fields may be of any type.
#[derive(Serialize)]
struct Loose<K, T> {
    key: K,
    text: T,
}

fn loose(key: impl Serialize, text: impl Serialize) -> Vec<u8> {
    wire::encode(&Loose { key, text }).unwrap()
}

/// An envelope with contents of the caller's choice, validly signed.
pub(super) fn forged(key: &Keypair, domain: &str, payload_type: &[u8], payload: Vec<u8>) -> Vec<u8> {
    let envelope = SignedEnvelope::new(key, domain.to_owned(), payload_type.to_vec(), payload);
    envelope.unwrap().into_protobuf_encoding()
}

fn refused(bytes: Vec<u8>) -> RefusedBytes {
    let error = envelope::open::<Note>(&bytes).unwrap_err();
    // The words of the protobuf decoder are not ours.
    let why = if matches!(error, envelope::Error::Malformed(_)) { error.to_string() } else { why(&error) };
    RefusedBytes { bytes: hex(bytes), why }
}

#[test]
fn envelopes_are_as_written() {
    let positive = [(1, ""), (1, "hello"), (2, "grüß dich")].map(sealed).into();

    let payload = wire::encode(&note(1, "hello")).unwrap();
    let good = forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, payload.clone());
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    let public = note(1, "").key;
    let bytes = |bytes: &[u8]| serde_bytes::ByteBuf::from(bytes);
    let trailing = [&payload[..], &[0]].concat();
    let negative = vec![
        vec![],
        vec![0; 513],
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0x30, 0x00]].concat(),
        altered,
        forged(&key(1), "airway-other-v1", PAYLOAD_TYPE, payload.clone()),
        forged(&key(1), Note::DOMAIN, b"/other", payload.clone()),
        forged(&key(2), Note::DOMAIN, PAYLOAD_TYPE, payload),
        forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, trailing),
        forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, vec![0xA0]),
        forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, loose(public.to_vec(), "hello")),
        forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, loose("a".repeat(32), "hello")),
        forged(&key(1), Note::DOMAIN, PAYLOAD_TYPE, loose(bytes(&public), bytes(b"hello"))),
    ];
    let about = "Signed envelopes (libp2p RFC 0002) of at most 512 bytes around the CBOR map {\"key\": the signer's \
                 public key, \"text\": a text}. Those under negative have to be refused by a reader of the domain that \
                 stands under positive.";
    golden("envelope.json", &File { about, positive, negative: negative.into_iter().map(refused).collect() });
}
