//! CBOR (RFC 8949) by serde, in a strict subset.
//!
//! A message is a map with text keys: a struct in Rust, and in Go. The subset leaves out whatever would let two readers
//! understand the same bytes differently, or let few bytes claim much memory:
//!
//! | refused | why |
//! |---|---|
//! | bytes after the message | they would be signed or hashed, and read by nobody |
//! | a key twice in one map | readers differ in which one counts |
//! | indefinite lengths, longer forms than needed | one value, one encoding |
//! | keys other than text | Go structs and Rust structs have no others |
//! | tags, floats, simple values but false, true and null | no message needs them |
//! | text that is not UTF-8 | a text would not be one everywhere |
//! | nesting over [`MAX_DEPTH`] | it would use up the stack |
//! | lengths and counts over what follows | they would allocate what the peer has not sent |
//!
//! Each type has one form as well: bytes are no list and no text, a text is not bytes, a struct is no list.
//!
//! Unknown keys are ignored, so that a later minor version may add some.

use serde::{Serialize, de::DeserializeOwned};

pub use super::scan::{Fault, MAX_DEPTH};
use super::{read, scan};

/// Why bytes are not a message, or a value does not become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not CBOR in the strict subset.
    #[error("{fault} at byte {at}")]
    Malformed {
        /// Offset of the item in question.
        at: usize,
        /// What is wrong there.
        fault: Fault,
    },
    /// The bytes are well-formed, but not the message that was expected: a field is missing, or of another type.
    #[error("another message was expected")]
    Mismatch(#[source] serde_cbor::Error),
    /// The value cannot be serialised. A mistake in the program, never the peer's.
    #[error("the value has no encoding")]
    Encode(#[source] serde_cbor::Error),
}

/// Encodes a message. Fields stand in the order of their declaration.
///
/// # Errors
///
/// [`Error::Malformed`] for a value that [`decode`] would refuse, such as one with floats; [`Error::Encode`] if its
/// `Serialize` fails.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, Error> {
    let bytes = serde_cbor::to_vec(message).map_err(Error::Encode)?;
    scan::message(&bytes)?;
    Ok(bytes)
}

/// Decodes a message from exactly `bytes`.
///
/// # Errors
///
/// [`Error::Malformed`] before anything is decoded if the bytes leave the strict subset, [`Error::Mismatch`] if they are
/// not a `T`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    scan::message(bytes)?;
    read::read(bytes).map_err(Error::Mismatch)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_cbor::{Value, value::to_value};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Sample {
        number: u64,
        signed: i64,
        flag: bool,
        text: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        list: Vec<u32>,
        map: BTreeMap<String, Option<u8>>,
    }

    proptest! {
        #[test]
        fn messages_round_trip(
            (number, signed, flag) in any::<(u64, i64, bool)>(),
            (text, bytes, list) in any::<(String, Vec<u8>, Vec<u32>)>(),
            map in any::<BTreeMap<String, Option<u8>>>(),
        ) {
            let sample = Sample { number, signed, flag, text, bytes, list, map };
            prop_assert_eq!(decode::<Sample>(&encode(&sample).unwrap()).unwrap(), sample);
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Sample>(&bytes);
            let _ = decode::<BTreeMap<String, serde::de::IgnoredAny>>(&bytes);
        }

        #[test]
        fn a_message_cut_short_is_refused(text: String, cut: prop::sample::Index) {
            let bytes = encode(&BTreeMap::from([("text", text)])).unwrap();
            let cut = cut.index(bytes.len());
            prop_assert!(decode::<BTreeMap<String, String>>(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn unknown_keys_are_ignored() {
        #[derive(Serialize)]
        struct Newer {
            number: u64,
            extra: [u8; 3],
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Older {
            number: u64,
        }

        let bytes = encode(&Newer { number: 5, extra: [1, 2, 3] }).unwrap();
        assert_eq!(decode::<Older>(&bytes).unwrap(), Older { number: 5 });
    }

    #[test]
    fn what_would_be_refused_is_not_written() {
        let float = encode(&BTreeMap::from([("x", 1.5)]));
        assert!(matches!(float, Err(Error::Malformed { fault: Fault::Float, .. })));
        assert!(matches!(encode(&7), Err(Error::Malformed { at: 0, fault: Fault::NotAMap })));
    }

    #[test]
    fn each_type_has_one_form() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Inner {
            number: u8,
        }
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        enum Choice {
            Plain,
            Full { number: u8 },
        }
        #[derive(Debug, Serialize, Deserialize)]
        struct Forms {
            #[serde(with = "serde_bytes")]
            array: [u8; 2],
            bytes: serde_bytes::ByteBuf,
            text: String,
            inner: Inner,
            choices: Vec<Choice>,
        }
        fn forms(name: &str, other: impl Into<Value>) -> Result<Forms, Error> {
            let forms = Forms {
                array: [1, 2],
                bytes: vec![1, 2].into(),
                text: "ab".into(),
                inner: Inner { number: 7 },
                choices: vec![Choice::Plain, Choice::Full { number: 7 }],
            };
            let Value::Map(mut fields) = to_value(forms).unwrap() else { panic!("a struct is a map") };
            if !name.is_empty() {
                fields.insert(Value::Text(name.to_owned()), other.into());
            }
            decode(&encode(&fields).unwrap())
        }
        let read = forms("", 0).unwrap();
        assert_eq!((read.inner.number, read.choices.len()), (7, 2));
        let (list, text) = (|| vec![Value::from(1), Value::from(2)], || "ab".to_owned());
        let full = || vec![Value::from("Full".to_owned()), Value::from(7)];
        for name in ["array", "bytes", "text", "inner"] {
            assert!(matches!(forms(name, list()), Err(Error::Mismatch(_))), "{name} as a list");
        }
        for name in ["array", "bytes", "inner", "choices"] {
            assert!(matches!(forms(name, text()), Err(Error::Mismatch(_))), "{name} as a text");
        }
        for name in ["text", "inner", "choices"] {
            assert!(matches!(forms(name, b"ab".to_vec()), Err(Error::Mismatch(_))), "{name} as bytes");
        }
        let choices = vec![Value::from(full())];
        assert!(matches!(forms("choices", choices), Err(Error::Mismatch(_))), "an enum as a list");
    }

    #[test]
    fn another_message_is_a_mismatch() {
        let bytes = encode(&BTreeMap::from([("number", "seven")])).unwrap();
        assert!(matches!(decode::<Sample>(&bytes), Err(Error::Mismatch(_))));
    }
}
