//! That each type has one form: what a reader makes of types in the place of others.

use std::{collections::BTreeMap, fmt::Debug};

use airway_protocols::{
    admit::Hello, data::Header, files::Offer, join::Request, knock::Knock, network::Policy, trust::Scopes,
    wire,
};
use serde::de::DeserializeOwned;
use serde_cbor::Value;

use super::document::Table;
use crate::row;

/// A map of these entries.
fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (text(key), value)).collect::<BTreeMap<_, _>>())
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.into())
}

/// A list of numbers.
fn list(numbers: &[u8]) -> Value {
    Value::Array(numbers.iter().map(|number| number_of(i128::from(*number))).collect())
}

fn number_of(number: i128) -> Value {
    Value::Integer(number)
}

/// Whether a message is read.
fn reads<T: DeserializeOwned + Debug>(message: &Value) -> &'static str {
    match wire::decode::<T>(&serde_cbor::to_vec(message).unwrap()) {
        Ok(_) => "read",
        Err(wire::cbor::Error::Mismatch(_)) => "refused",
        Err(error) => panic!("{message:?}: {error}"),
    }
}

/// A message id.
const ID: [u8; 16] = [1, 0x18, 0x4f, 0x2e, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1];

/// A header in which one field is another.
fn header(key: &str, value: Value) -> Value {
    let zero = || number_of(0);
    let Value::Map(mut header) =
        map([("id", bytes(&ID)), ("kind", zero()), ("sent_at", zero()), ("size", zero())])
    else {
        panic!("it is a map")
    };
    header.insert(text(key), value);
    Value::Map(header)
}

fn offer(name: Value) -> Value {
    let zero = || number_of(0);
    map([("id", bytes(&ID)), ("name", name), ("size", zero()), ("sent_at", zero())])
}

fn scopes(ports: Value) -> Value {
    let none = || Value::Array(Vec::new());
    map([("ports", ports), ("publish", none()), ("subscribe", none()), ("submit", Value::Bool(false))])
}

fn knock(statement: Value, ticket: Value) -> Value {
    map([("statement", statement), ("ticket", ticket)])
}

fn join(name: Value) -> Value {
    map([("join", map([("invite", bytes(&[1; 16])), ("proof", bytes(&[1; 32])), ("name", name)]))])
}

/// Types in the place of others.
fn types() -> Vec<Vec<String>> {
    let ascii = "0123456789abcdef";
    vec![
        row![
            "a list of numbers for bytes",
            "`statement: [1, 2]`",
            reads::<Knock>(&knock(list(&[1, 2]), Value::Null))
        ],
        row!["a text for bytes", "`statement: \"ab\"`", reads::<Knock>(&knock(text("ab"), Value::Null))],
        row![
            "a list of numbers for a message id",
            "`id: [1, 24, …]`",
            reads::<Header>(&header("id", list(&ID)))
        ],
        row!["a text for a message id", "`id: \"…\"`", reads::<Header>(&header("id", text(ascii)))],
        row!["bytes for a text", "`name: h'6162'`", reads::<Offer>(&offer(bytes(b"ab")))],
        row!["bytes that are not UTF-8 for a text", "`name: h'ff'`", reads::<Offer>(&offer(bytes(&[0xFF])))],
        row!["bytes for a name", "`name: h'616461'`", reads::<Request>(&join(bytes(b"ada")))],
        row!["bytes for the word `all`", "`ports: h'616c6c'`", reads::<Scopes>(&scopes(bytes(b"all")))],
        row!["a number for a text", "`name: 1`", reads::<Offer>(&offer(number_of(1)))],
        row![
            "a number for a boolean",
            "`trust_members: 1`",
            reads::<Policy>(&map([("trust_members", number_of(1))]))
        ],
        row!["a negative number", "`size: -1`", reads::<Header>(&header("size", number_of(-1)))],
        row!["a kind over 255", "`kind: 256`", reads::<Header>(&header("kind", number_of(256)))],
    ]
}

/// What is there, and what is not.
fn parts() -> Vec<Vec<String>> {
    let proof = Value::Array(vec![bytes(&[0; 8]), bytes(&[0; 32])]);
    let leave = map([("certificate", bytes(&[1]))]);
    let list = map([("leave", Value::Array(vec![bytes(&[1])]))]);
    let two = map([("leave", leave), ("x", number_of(0))]);
    let more = map([("trust_members", Value::Bool(true)), ("x", number_of(0))]);
    vec![
        row![
            "null for what may be missing",
            "`ticket: null`",
            reads::<Knock>(&knock(bytes(&[1]), Value::Null))
        ],
        row![
            "null for what has to be there",
            "`statement: null`",
            reads::<Knock>(&knock(Value::Null, Value::Null))
        ],
        row!["a list of the values for a map inside of a message", "`ticket: [h'…', h'…']`", {
            reads::<Knock>(&knock(bytes(&[1]), proof))
        }],
        row!["the same where a key says what the message is", "`{leave: [h'01']}`", reads::<Request>(&list)],
        row!["two keys where one says what the message is", "`{leave: {…}, x: 0}`", reads::<Request>(&two)],
        row!["a port twice", "`ports: [7, 7]`", reads::<Scopes>(&scopes(self::list(&[7, 7])))],
        row!["a key that is missing", "`{}`", reads::<Hello>(&map([]))],
        row!["a key that is not known", "`{trust_members: true, x: 0}`", reads::<Policy>(&more)],
    ]
}

pub(crate) fn tables() -> Vec<Table> {
    vec![Table { name: "forms", rows: [types(), parts()].concat() }]
}
