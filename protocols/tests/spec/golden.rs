//! The golden vectors, as any other implementation would read them.

use std::{fs, path::Path};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use libp2p::core::SignedEnvelope;
use serde_json::Value;

/// A file of vectors.
pub(crate) fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The cases of one list in a file.
pub(crate) fn cases(name: &str, list: &str) -> Vec<Value> {
    file(name)[list].as_array().unwrap_or_else(|| panic!("{name} has no list {list}")).clone()
}

/// Bytes from hexadecimal digits.
pub(crate) fn unhex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// The texts of a list of cases under this key, as bytes.
pub(crate) fn bytes(name: &str, list: &str, key: &str) -> Vec<Vec<u8>> {
    cases(name, list).iter().map(|case| unhex(&case[key])).collect()
}

/// What is in an envelope, once its signature has been verified in this domain.
pub(crate) fn payload(envelope: &[u8], domain: &str) -> Vec<u8> {
    let envelope = SignedEnvelope::from_protobuf_encoding(envelope).unwrap();
    envelope.payload_and_signing_key(domain.to_owned(), b"/airway/cbor").unwrap().0.to_vec()
}

/// The body of the first frame of a stream.
pub(crate) fn body(stream: &[u8]) -> Vec<u8> {
    let (length, rest) = unsigned_varint::decode::usize(stream).unwrap();
    rest[..length].to_vec()
}

/// What stands behind the prefix of a text, in bytes.
pub(crate) fn unbase64(text: &Value) -> Vec<u8> {
    let (_, encoded) = text.as_str().unwrap().split_once(':').unwrap();
    BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap()
}
