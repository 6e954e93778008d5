//! Messages of another shape: whatever is changed, they stay CBOR in the strict subset, so that the types of their fields
//! decide.

use airway_protocols::wire;
use futures::executor::block_on;
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom as _};
use serde_cbor::Value;

use super::targets::talk::Talk;

/// Numbers around the ends of what fields hold.
const NUMBERS: [i128; 20] = [
    -1,
    0,
    1,
    3,
    4,
    7,
    8,
    15,
    16,
    255,
    256,
    65_535,
    65_536,
    4_294_967_296,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    9_223_372_036_854_775_808,
    18_446_744_073_709_551_615,
    -128,
    -9_223_372_036_854_775_809,
];

/// Texts that some types do not take.
const TEXTS: [&str; 12] =
    ["", "a", "Ada", "-a", "all", "relay", "xn--a", "a/b", "**", "a\u{202e}b", "grüß", "0:0000.EB19.D348"];

/// The input with one to three changes, if it is a message or a frame around one.
pub(super) fn reshape(rng: &mut SmallRng, input: &[u8]) -> Option<Vec<u8>> {
    if let Ok(message) = wire::decode::<Value>(input) {
        return changed(rng, message);
    }
    let mut stream = Talk::new(input);
    let body = block_on(wire::read_frame(&mut stream, input.len())).ok()??;
    let body = changed(rng, wire::decode(&body).ok()?)?;
    Some([wire::frame(&body, body.len()).ok()?, stream.heard.to_vec()].concat())
}

fn changed(rng: &mut SmallRng, mut message: Value) -> Option<Vec<u8>> {
    for _ in 0..rng.random_range(1..4) {
        let mut at = rng.random_range(0..count(&message));
        change(rng, &mut message, &mut at);
    }
    // What leaves the subset, such as by its depth, is for other tests.
    wire::encode(&message).ok()
}

/// A value and all values in it.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value at a place, in the order of [`count`].
fn change(rng: &mut SmallRng, value: &mut Value, at: &mut usize) -> bool {
    if *at == 0 {
        *value = other(rng, value);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(rng, item, at)),
        Value::Map(entries) => entries.values_mut().any(|item| change(rng, item, at)),
        _ => false,
    }
}

/// Another value: now and then of any type, mostly a little different.
fn other(rng: &mut SmallRng, value: &Value) -> Value {
    if rng.random_ratio(1, 6) {
        return any(rng, value);
    }
    match value.clone() {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Integer(number) if rng.random() => Value::Integer(number ^ 1 << rng.random_range(0..6)),
        Value::Integer(_) => Value::Integer(*NUMBERS.choose(rng).unwrap()),
        Value::Text(text) if rng.random() => Value::Text(text + TEXTS.choose(rng).unwrap()),
        Value::Text(_) => Value::Text((*TEXTS.choose(rng).unwrap()).to_owned()),
        Value::Bytes(mut bytes) => {
            match rng.random_range(0..3) {
                0 => bytes.push(0),
                1 => drop(bytes.pop()),
                _ => bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1),
            }
            Value::Bytes(bytes)
        }
        Value::Array(mut items) => {
            match items.choose(rng).cloned() {
                Some(item) if rng.random() => items.push(item),
                _ => drop(items.pop()),
            }
            Value::Array(items)
        }
        Value::Map(mut entries) => {
            let keys: Vec<_> = entries.keys().cloned().collect();
            match keys.choose(rng) {
                Some(key) if rng.random() => drop(entries.remove(key)),
                _ => drop(entries.insert(Value::Text("new".to_owned()), value.clone())),
            }
            Value::Map(entries)
        }
        other => other,
    }
}

/// The same in another type, as near as there is one.
fn any(rng: &mut SmallRng, value: &Value) -> Value {
    let bytes = match value {
        Value::Bytes(bytes) => bytes.clone(),
        Value::Text(text) => text.clone().into_bytes(),
        _ => vec![7; 32],
    };
    match rng.random_range(0..9) {
        0 => Value::Null,
        1 => Value::Bool(rng.random()),
        2 => Value::Integer(*NUMBERS.choose(rng).unwrap()),
        3 => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
        4 => Value::Bytes(bytes),
        5 => Value::Array(bytes.into_iter().map(|byte| Value::Integer(byte.into())).collect()),
        6 => Value::Array(vec![value.clone()]),
        7 => match value {
            Value::Map(entries) => Value::Array(entries.values().cloned().collect()),
            Value::Array(items) => items.first().cloned().unwrap_or(Value::Null),
            _ => Value::Map([(Value::Text("x".to_owned()), value.clone())].into()),
        },
        _ => match value {
            Value::Map(entries) => entries.keys().next().cloned().unwrap_or(Value::Null),
            _ => Value::Map([].into()),
        },
    }
}
