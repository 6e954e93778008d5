//! What all protocols share: frames, and strict CBOR.

use std::{collections::BTreeMap, fmt::Debug};

use airway_protocols::wire::{self, CONTROL_FRAME, Error, cbor};
use futures::executor::block_on;
use serde::{Serialize, de::DeserializeOwned};
use serde_cbor::Value;

use super::talk::Talk;

/// A cap that hand-made frames get over.
const SMALL: usize = 16;

/// Reads frames to the end of the stream, under a cap that real protocols have and under a small one.
pub fn frame(bytes: &[u8]) {
    for max in [SMALL, CONTROL_FRAME] {
        let whole = frames(Talk::new(bytes), bytes, max);
        assert_eq!(whole, frames(Talk::trickle(bytes), bytes, max), "the cut of the input shows");
    }
}

/// All frames up to the end or the first error, and the words of that error.
fn frames(mut stream: Talk<'_>, bytes: &[u8], max: usize) -> (Vec<Vec<u8>>, Option<String>) {
    let mut frames = Vec::new();
    loop {
        let begun = bytes.len() - stream.heard.len();
        let read = block_on(wire::read_frame(&mut stream, max));
        let taken = &bytes[begun..bytes.len() - stream.heard.len()];
        match read {
            Ok(Some(body)) => {
                assert!(body.len() <= max, "a frame over the cap");
                assert_eq!(wire::frame(&body, max).unwrap(), taken, "a frame in two forms");
                frames.push(body);
            }
            Ok(None) => {
                assert!(taken.is_empty() && stream.heard.is_empty(), "an end before the end");
                return (frames, None);
            }
            Err(error) => {
                check_failure(&error, &stream, taken, max);
                return (frames, Some(error.to_string()));
            }
        }
    }
}

fn check_failure(error: &Error, stream: &Talk<'_>, taken: &[u8], max: usize) {
    match error {
        Error::TooLarge { size, max: cap } => {
            assert!(*cap == max && *size > max as u64, "a refusal of what is within the cap");
            assert!(taken.len() <= 5, "more than the prefix of a refused frame was read");
        }
        Error::Truncated => {
            assert!(stream.heard.is_empty() && !taken.is_empty(), "no end, and yet cut short")
        }
        Error::Prefix => assert!(taken.len() <= 5, "a prefix of any length"),
        other => panic!("bytes in memory cannot fail so: {other}"),
    }
}

/// Scans a message, and decodes it as anything and as each message that there is.
pub fn cbor(bytes: &[u8]) {
    let any = wire::decode::<Value>(bytes);
    match &any {
        Ok(value) => {
            let again = wire::encode(value).unwrap();
            assert_eq!(again.len(), bytes.len(), "an item in a longer form than needed");
            assert_eq!(wire::decode::<Value>(&again).unwrap(), *value);
            assert!(matches!(value, Value::Map(_)), "a message that is no map");
            assert!(depth(value) <= cbor::MAX_DEPTH, "deeper than the cap");
        }
        Err(cbor::Error::Malformed { at, .. }) => assert!(*at <= bytes.len(), "a fault beyond the end"),
        Err(other) => panic!("in the subset, and not to be decoded: {other}"),
    }
    // What was expected has no say in whether the bytes are in the subset.
    let map = wire::decode::<BTreeMap<String, serde::de::IgnoredAny>>(bytes);
    assert_eq!(map.is_ok(), any.is_ok());
    message::<airway_protocols::data::Header>(bytes);
    message::<airway_protocols::files::Offer>(bytes);
    message::<airway_protocols::perf::Request>(bytes);
    message::<airway_protocols::knock::Knock>(bytes);
    message::<airway_protocols::trust::Scopes>(bytes);
    message::<airway_protocols::events::Request>(bytes);
    message::<airway_protocols::events::Told>(bytes);
    message::<airway_protocols::events::Publication>(bytes);
}

/// Decodes a message; what is accepted has one meaning and gets no longer by being written again.
pub fn message<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let message = wire::decode::<T>(bytes).ok()?;
    let again = wire::encode(&message).unwrap();
    // Unknown keys are ignored, and so fall away.
    assert!(again.len() <= bytes.len(), "longer when written again");
    assert_eq!(wire::decode::<T>(&again).unwrap(), message);
    Some(message)
}

/// Arrays and maps inside one another.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
